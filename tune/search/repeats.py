"""Points of a search space that are trained with several seeds: what their repeats have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SEED = "seed"  # a trial's own, among its parameters where points are repeated
PointKey = tuple[tuple[str, Any], ...]


def point_key(params: Mapping[str, Any]) -> PointKey:
    """Tells points apart: all parameters but the seed."""
    return tuple(sorted((key, value) for key, value in params.items() if key != SEED))
