"""An axis for the values of a setting: names side by side, numbers evenly, or numbers evenly by their logarithms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tune.pages.measures import value_text
from tune.pages.scales import Linear, Logarithmic, Names, logarithmic, spanning
from tune.space.dimensions import Dimension, Range

FEW = 8  # different numbers, up to which each has its own place
WIDE = 30.0  # times as much as the lowest, from which numbers are spread by their logarithms

Axis = Names | Linear | Logarithmic


def setting_axis(dimension: Dimension | None, values: Sequence[Any], start: float, end: float) -> Axis:
    """For these values, at least one."""
    if not all(isinstance(value, int | float) for value in values):
        return Names(tuple(sorted(set(values), key=str)), start, end)
    different = sorted(set(values))
    if len(different) <= FEW:
        return Names(tuple(Number(value) for value in different), start, end)
    log = isinstance(dimension, Range) and dimension.log
    if different[0] > 0 and (log or different[-1] / different[0] >= WIDE):
        return logarithmic(different, start, end)
    return spanning(different, start, end, wanted=5)


class Number(float):
    """A number that is written short."""

    def __str__(self) -> str:
        return value_text(int(self) if self.is_integer() and abs(self) < 1e9 else float(self))
