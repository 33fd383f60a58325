"""A contest over all items of a cell, and its result as ratios to doing nothing with intervals over recordings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trainables.digests import digest
from trainables.evaluation.outcomes import Estimate, Outcome
from trainables.matching.contest import Arena, Contender, Item, chosen, reached
from trainables.matching.decision import Decision
from trainables.matching.knob_space import Units
from trainables.matching.takes import Mode

MATCHER = "matcher"
BEATEN_BELOW = 1.0  # the whole interval of a ratio
NOTICED = 1e-9


@dataclass(frozen=True, eq=False)
class Cell:
    """One effect in one mode.

    Attributes:
        effect, mode: which.
        items: what was asked.
        distances: (items,) by contender: the metric between what it made and what is right.
        answers: by contender, what it set on each item; None where it did nothing.
        points: (items, knobs) that the matcher set, whether or not its gate let it.
        gated: (items,) whether the matcher did nothing.
    """

    effect: str
    mode: Mode
    items: tuple[Item, ...]
    distances: Mapping[str, Units]
    answers: Mapping[str, tuple[Units | None, ...]]
    points: Units
    gated: Units

    @property
    def untouched(self) -> Units:
        """(items,) the metric of doing nothing."""
        return np.array([item.untouched for item in self.items])

    def outcome(self, contender: str, relation: str = "") -> Outcome:
        """Its mean metric over that of doing nothing; of all items, or of those of one relation."""
        of = np.array([not relation or item.relation == relation for item in self.items])
        recordings = np.array([item.recordings[0] for item in self.items])
        return Outcome(self.distances[contender][of], self.untouched[of], recordings[of])

    def estimates(self) -> dict[str, Estimate]:
        """Ratios to doing nothing with their intervals, by contender."""
        return {name: self.outcome(name).estimate() for name in self.distances}

    def better_share(self, contender: str) -> float:
        """How often it is better than doing nothing; where it does nothing it is not."""
        return float((self.distances[contender] < self.untouched - NOTICED).mean())

    @property
    def beaten(self) -> bool:
        """Whether the matcher is better than doing nothing, its interval included."""
        return self.estimates()[MATCHER].high < BEATEN_BELOW

    def knob_errors(self) -> tuple[Units, Units]:
        """(knobs,) mean error of the matcher's settings from 0 to 1, and that of always guessing the mean."""
        right = np.stack([item.point for item in self.items])
        return np.abs(self.points - right).mean(0), np.abs(right.mean(0) - right).mean(0)


def play(
    arena: Arena, mode: Mode, items: tuple[Item, ...], contenders: Mapping[str, Contender], done: Callable[[], None]
) -> Cell:
    """Every contender on every item; `done` is called after each item."""
    distances: dict[str, list[float]] = {name: [] for name in contenders}
    answers: dict[str, list[Units | None]] = {name: [] for name in contenders}
    points, gated = [], []
    for number, item in enumerate(items):
        for name, contender in contenders.items():
            answer = contender(arena, item, mode, _random(arena.name, mode, name, number))
            distances[name].append(reached(arena, item, answer))
            answers[name].append(chosen(answer))
            if name == MATCHER and isinstance(answer, Decision):
                points.append(answer.point)
                gated.append(float(answer.does_nothing))
        done()
    arrays = {name: np.array(values) for name, values in distances.items()}
    kept = {name: tuple(values) for name, values in answers.items()}
    return Cell(arena.name, mode, items, arrays, kept, np.stack(points), np.array(gated))


def _random(*names: object) -> np.random.Generator:
    return np.random.default_rng(int(digest([str(name) for name in names]), 16))
