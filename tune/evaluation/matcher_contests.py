"""The contests of a matcher's evaluation: every item of every effect, spread over processes, told of while it lasts."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from trainables.corpus.corpus import Corpus
from trainables.digests import digest
from trainables.matching.contenders import contenders
from trainables.matching.contest import Relation, draw_clips
from trainables.matching.processes import ProcessLost, answers
from trainables.matching.spectral_metrics import METRICS
from trainables.matching.stage import Job, Stage
from trainables.matching.tournament import Played
from trainables.matching.which_effect import FEWEST_EFFECTS
from tune.errors import InfrastructureLost
from tune.evaluation.unheard_clips import Question
from tune.models.matcher_model import LoadedMatcher
from tune.told_steps import Tell

RELATIONS: tuple[Relation, ...] = ("same", "other")
TOLD_SECONDS = 5.0  # between two words on how far it is


@dataclass(frozen=True)
class MatcherQuestion:
    """What is asked.

    Attributes:
        question: recordings, how many settings (items a cell), and the seed.
        effects: of those that the matcher knows; empty for all.
        renders: that searches may spend.
        metric: one of METRICS, that results are scored by.
        workers: processes; 0 for as many as this machine has cores. Results do not depend on it.
    """

    question: Question
    effects: tuple[str, ...] = ()
    renders: int = 96
    metric: str = "field"
    workers: int = 0


def play_all(model: LoadedMatcher, asked: MatcherQuestion, effects: tuple[str, ...], corpus: Corpus, tell: Tell) -> list[Played]:
    """Every item in every mode, in no particular order.

    Raises:
        InfrastructureLost: a process has died. InputError: an effect that can hardly ever be rendered.
    """
    total = len(effects) * asked.question.settings
    workers = min(total, asked.workers or os.cpu_count() or 1)
    tell(_cost(model, asked, len(effects), workers))
    stage, told = Stage(model.kept, asked.renders, METRICS[asked.metric]), _Progress(total, tell)
    found: list[Played] = []
    try:
        with closing(answers(stage, _jobs(asked.question, effects, corpus), workers)) as answered:
            for played in answered:
                found += played
                told()
    except ProcessLost as error:
        raise InfrastructureLost(
            f"{error}: has died while it rendered, for want of memory or by a plugin. Use fewer: --workers 1."
        ) from error
    return found


def _cost(model: LoadedMatcher, asked: MatcherQuestion, effects: int, workers: int) -> str:
    known, settings = len(model.kept.effects), asked.question.settings
    which = f", and to tell which of {known} effects it was" if known >= FEWEST_EFFECTS else ""
    return (
        f"{effects * settings} items, {settings} of each effect, paired and blind, to {len(contenders(asked.renders))} "
        f"contenders with {asked.renders} renders a search{which}, in {workers} process{'es' if workers > 1 else ''}"
    )


class _Progress:
    """Tells how far it is, and how much time is left at the pace since the first item."""

    def __init__(self, total: int, tell: Tell) -> None:
        self.total, self.tell, self.done = total, tell, 0
        self.began = self.told = time.monotonic()

    def __call__(self) -> None:
        self.done, now = self.done + 1, time.monotonic()
        if self.done == 1:
            self.began = now
        if now - self.told < TOLD_SECONDS:
            return
        self.told = now
        self.tell(f"{self.done} of {self.total} items{self._left(now)}")

    def _left(self, now: float) -> str:
        if self.done < 2:
            return ""
        seconds = (self.total - self.done) * (now - self.began) / (self.done - 1)
        return f", about {round(seconds / 60)} min left" if seconds >= 90.0 else f", about {round(seconds)} s left"


def _jobs(question: Question, effects: Sequence[str], corpus: Corpus) -> Iterator[Job]:
    """Half with a reference of the same recording, half of another."""
    for name in effects:
        for number in range(question.settings):
            seeds = question.seed, int(digest(name), 16), number
            random = np.random.default_rng(seeds)
            clips = draw_clips(corpus.recordings, corpus.audio.clip_samples, RELATIONS[number % 2], random)
            yield Job(name, number, clips, (*seeds, 1))
