"""`fxsweep evaluate` of a matcher: nine effects by two modes, beside everything that it must beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from trainables.configs import AudioConfig
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.corpus.synthetic import SYNTHETIC
from trainables.digests import digest
from trainables.effects.effect import Effect
from trainables.effects.selection import load_choice
from trainables.errors import nearest
from trainables.evaluation.judged_audio import never_heard
from trainables.matching.cell import Cell
from trainables.matching.knob_space import KnobSpace
from trainables.matching.spectral_metrics import METRICS
from trainables.matching.takes import MODES
from trainables.matching.tournament import Played
from trainables.parameters import Parameter
from tune.errors import InvalidInput
from tune.evaluation.matcher_contests import MatcherQuestion, play_all
from tune.evaluation.unheard_clips import Question, check_question
from tune.models.matcher_model import LoadedMatcher
from tune.told_steps import Tell, untold


@dataclass(frozen=True, eq=False)
class MatcherEvaluation:
    """Cells, and what they were measured on.

    Attributes:
        recordings: names of those that were used.
        candidates: the effects that it could have been, where no effect is told.
        chosen_on: how many of the recordings the model's sweep compared its trials on.
    """

    cells: tuple[Cell, ...]
    recordings: tuple[str, ...]
    candidates: tuple[str, ...]
    renders: int
    metric: str
    evaluation_hash: str
    chosen_on: int
    effects: Mapping[str, Effect]
    sample_rate: int

    @property
    def asked_which(self) -> bool:
        """Whether it was also asked which effect was used."""
        return all(one.ranking for cell in self.cells for one in cell.played)

    def knobs(self, effect: str) -> tuple[Parameter, ...]:
        """The free knobs of an effect."""
        return KnobSpace(self.effects[effect].parameters).free


def evaluate_matcher(model: LoadedMatcher, asked: MatcherQuestion, tell: Tell = untold) -> MatcherEvaluation:
    """All cells.

    Raises:
        InvalidInput: an effect that the matcher does not know. InputError: recordings that it knows, or too few.
        InfrastructureLost: a process has died.
    """
    check_question(asked.question)
    effects = {name: load_choice(model.kept.effects[name].choice) for name in _chosen(model, asked.effects)}
    tell(f"reading {asked.question.audio}")
    corpus = _corpus(model, asked.question)
    played = play_all(model, asked, tuple(effects), corpus, tell)
    chosen_on = dict(dict(model.card.get("audio", {})).get("content_ids", {})).get("evaluation", {})
    return MatcherEvaluation(
        cells=tuple(_cell(played, name, mode) for name in effects for mode in MODES),
        recordings=tuple(sorted({name for one in played for name in one.recordings})),
        candidates=tuple(model.kept.effects),
        renders=asked.renders,
        metric=asked.metric,
        evaluation_hash=_identity(asked, tuple(effects), corpus),
        chosen_on=sum(recording.content_id in chosen_on for recording in corpus.recordings),
        effects=effects,
        sample_rate=corpus.audio.sample_rate,
    )


def _cell(played: Sequence[Played], effect: str, mode: str) -> Cell:
    of = sorted((one for one in played if one.effect == effect and one.mode == mode), key=lambda one: one.number)
    return Cell(effect, of[0].mode, tuple(of))


def _identity(asked: MatcherQuestion, effects: Sequence[str], corpus: Corpus) -> str:
    question = {"corpus": corpus.identity, "settings": asked.question.settings, "seed": asked.question.seed}
    return digest({**question, "effects": list(effects), "metric": asdict(METRICS[asked.metric])})


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
