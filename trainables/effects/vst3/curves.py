"""How a VST3 parameter's raw values, 0 to 1, stand to physical ones, as far as the texts tell that a plugin has for them.

pedalboard asks for the text at 1001 raw values and joins those that are alike (`AudioProcessorParameter.ranges`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]
Texts = Mapping[tuple[float, float], float | str | bool]  # by the range of raw values, which ends where the next begins

GRID = 0.001  # between the raw values that were asked for
STRAIGHT = 2e-3  # of the range: how far points may lie beside a line that stands for them
WIDE = 10.0  # times its lower end: a range that is rather drawn on a logarithmic scale, if it is bent so


@dataclass(frozen=True)
class Curve:
    """Points of a curve between raw and physical values, by rising raw value.

    Attributes:
        raw, physical: (points,) each; `physical` only rises or only falls.
        steps: whether there is nothing between the points.
    """

    raw: Points
    physical: Points
    steps: bool

    @property
    def low(self) -> float:
        return float(self.physical.min())

    @property
    def high(self) -> float:
        return float(self.physical.max())

    @property
    def is_logarithmic(self) -> bool:
        """Whether equal steps of the raw value are rather equal ratios than equal differences."""
        if self.steps or self.low <= 0.0 or self.high < WIDE * self.low:
            return False
        middle = self.physical_at(0.5)
        return abs(middle - math.sqrt(self.low * self.high)) < abs(middle - (self.low + self.high) / 2)

    def raw_at(self, physical: float) -> float:
        if self.steps:
            return float(self.raw[np.argmin(np.abs(self.physical - physical))])
        rising = slice(None, None, 1 if self.physical[0] < self.physical[-1] else -1)
        return float(np.interp(physical, self.physical[rising], self.raw[rising]))

    def physical_at(self, raw: float) -> float:
        if self.steps:
            return float(self.physical[np.argmin(np.abs(self.raw - raw))])
        return float(np.interp(raw, self.raw, self.physical))


def choices_curve(texts: Texts) -> Curve:
    """Each text a step: 0, 1, 2 and so on."""
    return Curve(_middles(texts), np.arange(len(texts), dtype=np.float64), steps=True)


def number_curve(texts: Texts, steps: bool) -> Curve:
    """The numbers that the texts are; the raw value itself where they neither only rise nor only fall."""
    raw, physical = _middles(texts), np.array([float(value) for value in texts.values()])
    differences = np.diff(physical)
    if not (differences > 0).all() and not (differences < 0).all():
        return Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), steps=False)
    line = physical[0] + raw * (physical[-1] - physical[0])
    if not steps and np.abs(physical - line).max() < STRAIGHT * np.ptp(physical):
        return Curve(np.array([0.0, 1.0]), physical[[0, -1]], steps=False)
    return Curve(raw, physical, steps)


def _middles(texts: Texts) -> Points:
    """The middle raw value of each text, but both ends as they are."""
    middles = np.array([(start + max(start, end - GRID)) / 2 for start, end in texts])
    middles[0], middles[-1] = 0.0, 1.0
    return middles
