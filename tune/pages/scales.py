"""Axes: where a value lies in pixels, and where its ticks are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
EDGE = 0.04  # of the values' range, free at each end


@dataclass(frozen=True)
class Tick:
    """A place on an axis, in pixels, and what is written there."""

    at: float
    text: str


class Scale(Protocol):
    """From a value to a pixel."""

    def at(self, value: object) -> float: ...

    def ticks(self) -> tuple[Tick, ...]: ...


@dataclass(frozen=True)
class Linear:
    """Numbers from `low` at the pixel `start` to `high` at `end`; `high` above `low`."""

    low: float
    high: float
    start: float
    end: float
    wanted: int = 7  # about so many ticks
    whole: bool = False  # whether only whole numbers have ticks: what is counted

    def at(self, value: object) -> float:
        return self.start + (float(value) - self.low) / (self.high - self.low) * (self.end - self.start)  # type: ignore[arg-type]

    def ticks(self) -> tuple[Tick, ...]:
        step = nice_step((self.high - self.low) / max(1, self.wanted))
        step = max(1.0, math.ceil(step)) if self.whole and step < 5 else step
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return tuple(Tick(self.at(place * step), short(place * step, step)) for place in range(first, last + 1))


@dataclass(frozen=True)
class Logarithmic:
    """Numbers above 0, evenly by their logarithms."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: object) -> float:
        share = math.log(float(value) / self.low) / math.log(self.high / self.low)  # type: ignore[arg-type]
        return self.start + share * (self.end - self.start)

    def ticks(self) -> tuple[Tick, ...]:
        decades = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        leading = (1, 3) if math.log10(self.high / self.low) > 1 else (1, 2, 3, 5)
        values = [digit * 10.0**decade for decade in decades for digit in leading]
        return tuple(Tick(self.at(value), f"{value:g}") for value in values if self.low <= value * 1.0001 <= self.high * 1.0002)


@dataclass(frozen=True)
class Names:
    """Names, or values that are told apart by name, each in the middle of an equal part."""

    names: tuple[object, ...]
    start: float
    end: float

    def at(self, value: object) -> float:
        return self.start + (self.names.index(value) + 0.5) * self.part

    @property
    def part(self) -> float:
        """How many pixels each has; negative where the axis runs backwards."""
        return (self.end - self.start) / max(1, len(self.names))

    def ticks(self) -> tuple[Tick, ...]:
        return tuple(Tick(self.at(name), str(name)) for name in self.names)


def spanning(values: Sequence[float], start: float, end: float, at_least: float = 0.0, wanted: int = 7) -> Linear:
    """A linear axis around these values, not narrower than `at_least`; from 0 to 1 without values."""
    known = [value for value in values if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    missing = max(0.0, at_least - (high - low), 1e-9 - (high - low) if high > low else 1.0 if high == low == 0 else 0.0)
    missing = missing if high > low or missing else abs(high) * 0.2
    low, high = low - missing / 2, high + missing / 2
    edge = EDGE * (high - low)
    return Linear(low - edge, high + edge, start, end, wanted)


def logarithmic(values: Sequence[float], start: float, end: float) -> Logarithmic:
    """The same for numbers above 0."""
    low, high = min(values), max(values)
    edge = (high / low) ** EDGE if high > low else 1.5
    return Logarithmic(low / edge, high * edge, start, end)


def nice_step(step: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(nice * power for nice in STEPS if nice * power >= step * (1 - 1e-9))


def short(value: float, step: float) -> str:
    """As many decimals as the distance of ticks needs."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9) + (1 if f"{step:e}".startswith("2.5") else 0))
    text = f"{value:.{decimals}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")
