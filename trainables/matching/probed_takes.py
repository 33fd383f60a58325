"""Some takes of one effect, rendered at points that a controller proposes or that a gradient asks about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainables.gradients import Items, Values
from trainables.matching.knob_space import KnobSpace
from trainables.rendering.source import ProbingSource
from trainables.rendering.takes import Probed, Probes, Take

DB = 0.1  # brings a distance in dB to the size of the other losses


@dataclass(frozen=True, eq=False)
class ProbedTakes:
    """What `gradients.py` wants of an effect, by whoever the source renders with.

    Attributes:
        source: who renders.
        takes: of one effect; each as it is would be right.
        space: the effect's knobs.
    """

    source: ProbingSource
    takes: tuple[Take, ...]
    space: KnobSpace

    def renders(self, points: Values, items: Items) -> Probed:
        """(asked, channels, samples) float32 audio of (asked, knobs) points of these items."""
        return self._probed(points, items, "audio")

    def losses(self, points: Values, items: Items) -> Values:
        """(asked,) distances from what is right, in tens of dB; NaN where a point cannot be rendered."""
        return np.asarray(DB * self._probed(points, items, "distance"), dtype=np.float64)

    def untouched_db(self, count: int) -> Values:
        """(count,) distances of the first clips as they are from what is right, in dB."""
        answers = self.source.probe([Probes(take, (None,)) for take in self.takes[:count]])
        return np.asarray(np.concatenate(answers), dtype=np.float64)

    def _probed(self, points: Values, items: Items, form: Literal["audio", "distance"]) -> Probed:
        """One request for each item, so that what is right is rendered once for all of its points."""
        of_item = [(item, np.flatnonzero(items == item)) for item in np.unique(items)]
        asked = [Probes(self.takes[item], tuple(self._settings(points[p]) for p in places), form) for item, places in of_item]
        answers = np.concatenate(self.source.probe(asked))
        return answers[np.argsort(np.concatenate([places for _, places in of_item]))]

    def _settings(self, point: Values) -> tuple[tuple[str, float], ...]:
        return tuple(sorted(self.space.settings(point).items()))
