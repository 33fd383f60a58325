"""`fxsweep evaluate` of a matcher: nine effects by two modes, beside everything that it must beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trainables.configs import AudioConfig
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.corpus.synthetic import SYNTHETIC
from trainables.digests import digest
from trainables.effects.effect import Effect
from trainables.effects.selection import load_choice
from trainables.errors import nearest
from trainables.evaluation.judged_audio import never_heard
from trainables.matching.contest import Arena, Item, Relation, contenders, make_item
from trainables.matching.knob_space import KnobSpace
from trainables.matching.spectral_metrics import METRICS
from trainables.matching.takes import MODES
from trainables.matching.tournament import Cell, play
from trainables.parameters import Parameter
from tune.errors import InvalidInput
from tune.evaluation.unheard_clips import Question, check_question
from tune.models.matcher_model import LoadedMatcher
from tune.told_steps import Tell, untold


@dataclass(frozen=True)
class MatcherQuestion:
    """What is asked.

    Attributes:
        question: recordings, how many settings (items a cell), and the seed.
        effects: of those that the matcher knows; empty for all.
        renders: that searches may spend.
        metric: one of METRICS, that results are scored by.
    """

    question: Question
    effects: tuple[str, ...] = ()
    renders: int = 96
    metric: str = "field"


@dataclass(frozen=True, eq=False)
class MatcherEvaluation:
    """Cells, and what they were measured on.

    Attributes:
        recordings: names of those that were used.
        chosen_on: how many of them the model's sweep compared its trials on.
    """

    cells: tuple[Cell, ...]
    recordings: tuple[str, ...]
    renders: int
    metric: str
    evaluation_hash: str
    chosen_on: int
    effects: Mapping[str, Effect]
    sample_rate: int

    def knobs(self, effect: str) -> tuple[Parameter, ...]:
        """The free knobs of an effect."""
        return KnobSpace(self.effects[effect].parameters).free


def evaluate_matcher(model: LoadedMatcher, asked: MatcherQuestion, tell: Tell = untold) -> MatcherEvaluation:
    """All cells.

    Raises:
        InvalidInput: an effect that the matcher does not know. InputError: recordings that it knows, or too few.
    """
    check_question(asked.question)
    effects = {name: load_choice(model.kept.effects[name].choice) for name in _chosen(model, asked.effects)}
    tell(f"reading {asked.question.audio}")
    corpus = _corpus(model, asked.question)
    cells = []
    for name, effect in effects.items():
        arena = Arena(name, effect, model.kept.matcher, corpus.audio.sample_rate, asked.renders, METRICS[asked.metric])
        items = _items(arena, corpus, asked.question)
        for mode in MODES:
            told = _Counter(f"{name}, {mode}", len(items), tell)
            cells.append(play(arena, mode, items, contenders(asked.renders), told))
    names = tuple(sorted({name for cell in cells for item in cell.items for name in item.recordings}))
    asked_of = {"corpus": corpus.identity, "settings": asked.question.settings, "seed": asked.question.seed}
    identity = digest({**asked_of, "effects": list(effects), "metric": asked.metric})
    chosen_on = dict(dict(model.card.get("audio", {})).get("content_ids", {})).get("evaluation", {})
    return MatcherEvaluation(
        cells=tuple(cells),
        recordings=names,
        renders=asked.renders,
        metric=asked.metric,
        evaluation_hash=identity,
        chosen_on=sum(recording.content_id in chosen_on for recording in corpus.recordings),
        effects=effects,
        sample_rate=corpus.audio.sample_rate,
    )


class _Counter:
    """Tells how far a cell is."""

    def __init__(self, what: str, total: int, tell: Tell) -> None:
        self.what, self.total, self.tell, self.count = what, total, tell, 0
        tell(f"{what}: {total} items")

    def __call__(self) -> None:
        self.count += 1
        if self.count % 10 == 0:
            self.tell(f"{self.what}: {self.count} of {self.total} items")


def _chosen(model: LoadedMatcher, effects: Sequence[str]) -> tuple[str, ...]:
    known = model.kept.effects
    for name in effects:
        if name not in known:
            raise InvalidInput(f"--effects '{name}': the matcher was not trained on it. {nearest(name, known)}")
    return tuple(name for name in known if not effects or name in effects)


def _corpus(model: LoadedMatcher, question: Question) -> Corpus:
    hearing = model.kept.matcher.hearing
    audio = AudioConfig(path=question.audio, sample_rate=hearing.sample_rate, clip_samples=hearing.clip_samples)
    return never_heard(load_corpus(audio, question.seed), model.heard_recordings(), leave_out=question.audio == SYNTHETIC)


def _items(arena: Arena, corpus: Corpus, question: Question) -> tuple[Item, ...]:
    """Half with a reference of the same recording, half of another."""
    random = np.random.default_rng([question.seed, int(digest(arena.name), 16)])
    relations: tuple[Relation, ...] = ("same", "other")
    return tuple(make_item(arena, corpus.recordings, relations[number % 2], random) for number in range(question.settings))
