"""The knobs of effects: the one source of their names, units, ranges and meaning.

Settings are physical values by name. A knob may be frozen: it keeps its default unless a
user sets it, because it is an enumeration or only changes the level.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainables.errors import InputError, nearest

Settings = Mapping[str, float]


@dataclass(frozen=True)
class Parameter:
    """One knob of an effect.

    Attributes:
        name: snake case, with its unit where it has one (`threshold_db`).
        low, high: physical range, both ends allowed.
        default: physical value used when nothing is said.
        unit: for people ("dB", "ms", "Hz", "%" or "").
        scale: how `normalize` spreads the range over 0..1.
        kind: what turning it does.
        choices: names of the values of a list or toggle.
        frozen: True if it stays at its default unless asked for.
        meaning: one line, what it really does.
        rate_dependent: True if the same value means something else at another sample rate (a time counted in samples).
    """

    name: str
    low: float
    high: float
    default: float
    unit: str = ""
    scale: Literal["linear", "log"] = "linear"
    kind: Literal["continuous", "list", "toggle", "staircase"] = "continuous"
    choices: tuple[str, ...] = ()
    frozen: bool = False
    meaning: str = ""
    rate_dependent: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or not self.low <= self.default <= self.high:
            raise ValueError(f"{self.name}: low < high and low <= default <= high must hold")
        if self.scale == "log" and self.low <= 0:
            raise ValueError(f"{self.name}: a log scale needs low > 0")

    def normalize(self, value: float) -> float:
        """Physical value to 0..1."""
        if self.scale == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def denormalize(self, unit_value: float) -> float:
        """0..1 to a physical value within the range, both ends exact."""
        if unit_value <= 0.0:
            return self.low
        if unit_value >= 1.0:
            return self.high
        if self.scale == "log":
            return float(self.low * (self.high / self.low) ** unit_value)
        return float(self.low + unit_value * (self.high - self.low))

    def check(self, value: float) -> float:
        """The value itself, or InputError if it is not a number within the range."""
        if not self.low <= value <= self.high:
            limits = f"{self.low:g} to {self.high:g} {self.unit}".strip()
            raise InputError(f"{self.name}={value:g}", f"must lie in {limits}.", f"Its default is {self.default:g}.")
        return float(value)

    def told(self, value: float) -> str:
        """Value and unit for people: three digits that matter, and never an exponent of thousands."""
        return f"{value:.0f} {self.unit}".rstrip() if abs(value) >= 1000 else f"{value:.3g} {self.unit}".rstrip()


def complete(parameters: Sequence[Parameter], settings: Settings) -> dict[str, float]:
    """Every parameter's value: from `settings` where given, else its default; checked.

    Raises:
        InputError: an unknown name, or a value outside its range (NaN included).
    """
    known = {p.name: p for p in parameters}
    for name in settings:
        if name not in known:
            raise InputError(f"setting '{name}'", "is not a parameter of this effect.", nearest(name, known))
    return {p.name: p.check(settings.get(p.name, p.default)) for p in parameters}


def draw(parameters: Sequence[Parameter], random: np.random.Generator) -> dict[str, float]:
    """Random settings: each free parameter uniform on its own scale, frozen ones at their default.

    One number is drawn per parameter, frozen or not, so that freezing one does not shift the others.
    """
    drawn = random.random(len(parameters))
    return {p.name: p.default if p.frozen else p.denormalize(float(u)) for p, u in zip(parameters, drawn, strict=True)}
