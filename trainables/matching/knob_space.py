"""The knobs of an effect that a matcher may turn, as points of a unit cube."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from trainables.errors import InputError
from trainables.parameters import Parameter, Settings

Units = npt.NDArray[np.float64]


@dataclass(frozen=True)
class KnobSpace:
    """The free knobs among an effect's parameters; the others keep their default.

    A point is (knobs,) float64 from 0 to 1, each knob on its own scale.
    """

    parameters: tuple[Parameter, ...]

    @cached_property
    def free(self) -> tuple[Parameter, ...]:
        """What a point has a coordinate for, in the order of the effect's parameters."""
        return tuple(p for p in self.parameters if not p.frozen)

    @property
    def size(self) -> int:
        """How many coordinates a point has."""
        return len(self.free)

    def settings(self, point: Units) -> dict[str, float]:
        """Every parameter's physical value at a point; what is outside the cube is brought to its edge."""
        turned = {p.name: p.denormalize(float(unit)) for p, unit in zip(self.free, point, strict=True)}
        return {p.name: turned.get(p.name, p.default) for p in self.parameters}

    def point(self, settings: Settings) -> Units:
        """The point of these settings."""
        return np.array([p.normalize(settings[p.name]) for p in self.free], dtype=np.float64)

    @property
    def defaults(self) -> Units:
        """The point of every knob's default."""
        return np.array([p.normalize(p.default) for p in self.free], dtype=np.float64)


def knob_space(name: str, parameters: Sequence[Parameter]) -> KnobSpace:
    """The knobs of an effect.

    Raises:
        InputError: none of them can be turned.
    """
    space = KnobSpace(tuple(parameters))
    if not space.size:
        raise InputError(f"effect '{name}'", "has no knob that can be turned continuously.", "Choose another effect.")
    return space
