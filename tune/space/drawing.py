"""Points of a search space without a sampler: all of them, its corners, or some by chance."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import islice, product

import numpy as np

from tune.space.conditions import holds, in_order, space_size
from tune.space.dimensions import Choice, Dimension, Range, Value, on_step

ALL = 5000  # a space with no more points is looked at whole
CORNERS = 4096
DRAWN = 2000
FEW = 6  # values that a corner may have of a choice


def grid_points(dimensions: Mapping[str, Dimension]) -> list[dict[str, Value]]:
    """Every point of a space in which no dimension is continuous, once; the last dimension by name changes fastest."""
    values = {key: dimension.values for key, dimension in sorted(dimensions.items())}
    points = (present(dimensions, dict(zip(values, point, strict=True))) for point in product(*values.values()))
    return [dict(point) for point in dict.fromkeys(tuple(point.items()) for point in points)]


def present(dimensions: Mapping[str, Dimension], values: Mapping[str, Value]) -> dict[str, Value]:
    """The values whose conditions are met: what a trial has."""
    found: dict[str, Value] = {}
    for key in in_order(dimensions):
        if key in values and holds(dimensions[key].when, found):
            found[key] = values[key]
    return {key: found[key] for key in values if key in found}


def examples(dimensions: Mapping[str, Dimension], fixed: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
    """Points that tell what a space is like: all of a small one, else corners and points drawn by chance, always the same.

    Args:
        fixed: values that every example has, where their conditions are met.
    """
    free = held(dimensions, fixed)
    if (space_size(free) or math.inf) <= ALL:
        yield from grid_points(free)
        return
    ends = {key: _ends(dimension) for key, dimension in sorted(free.items())}
    for corner in islice(product(*ends.values()), CORNERS):
        yield present(free, dict(zip(ends, corner, strict=True)))
    random = np.random.default_rng(0)
    for _ in range(DRAWN):
        yield drawn_point(free, random)


def held(dimensions: Mapping[str, Dimension], fixed: Mapping[str, Value]) -> dict[str, Dimension]:
    """The same dimensions, of which some have one value only."""
    return {**dimensions, **{key: Choice((fixed[key],), when=dimensions[key].when) for key in fixed if key in dimensions}}


def drawn_point(dimensions: Mapping[str, Dimension], random: np.random.Generator) -> dict[str, Value]:
    """A point by chance: each value as the sampler `random` would propose it."""
    point: dict[str, Value] = {}
    for key in in_order(dimensions):
        if holds(dimensions[key].when, point):
            point[key] = _drawn(dimensions[key], random)
    return point


def neighbour(dimensions: Mapping[str, Dimension], point: Mapping[str, Value], random: np.random.Generator) -> dict[str, Value]:
    """The same point but for one dimension, drawn by chance, and those that depend on it."""
    anew = sorted(point)[random.integers(len(point))]
    return drawn_point(held(dimensions, {key: value for key, value in point.items() if key != anew}), random)


def _drawn(dimension: Dimension, random: np.random.Generator) -> Value:
    if not isinstance(dimension, Range):
        return dimension.values[random.integers(len(dimension.values))]
    if dimension.values and not dimension.log:
        return dimension.values[random.integers(len(dimension.values))]
    low, high = (math.log(end) if dimension.log else end for end in (dimension.low, dimension.high))
    value = random.uniform(low, high)
    value = min(max(math.exp(value) if dimension.log else value, dimension.low), dimension.high)
    return round(value) if dimension.whole else on_step(dimension, value)


def _ends(dimension: Dimension) -> tuple[Value, ...]:
    if isinstance(dimension, Range):
        return (dimension.low, dimension.high)
    values = dimension.values
    if len(values) <= FEW or isinstance(values[0], str):
        return values[:FEW]
    return (min(values), max(values))
