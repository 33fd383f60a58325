"""Dimensions that depend on others: when a condition is met, in which order values are found, how many points that makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tune.space.dimensions import Condition, Derived, Dimension, Searched, Value, size


def holds(when: Condition, params: Mapping[str, Any]) -> bool:
    """Whether a condition is met; it is not where a dimension that it is about is left out itself."""
    return all(key in params and params[key] in values for key, values in when)


def needs(dimensions: Mapping[str, Searched], key: str) -> list[str]:
    """The dimensions that a condition or a formula is about."""
    dimension = dimensions[key]
    named = dimension.formula.names if isinstance(dimension, Derived) else ()
    return [other for other in (*(other for other, _ in dimension.when), *named) if other in dimensions]


def in_order(dimensions: Mapping[str, Searched]) -> list[str]:
    """The dimensions by name, except that none comes before those that it needs, which go in no circle."""
    order: list[str] = []

    def visit(key: str) -> None:
        for other in needs(dimensions, key):
            visit(other)
        if key not in order:
            order.append(key)

    for key in sorted(dimensions):
        visit(key)
    return order


def circle(dimensions: Mapping[str, Searched]) -> tuple[str, ...]:
    """Dimensions that need each other in a circle, from one round to itself; none if there is no circle."""

    def walk(path: tuple[str, ...]) -> tuple[str, ...]:
        if path[-1] in path[:-1]:
            return path[path.index(path[-1]) :]
        return next((found for key in needs(dimensions, path[-1]) if (found := walk((*path, key)))), ())

    return next((found for key in sorted(dimensions) if (found := walk((key,)))), ())


def space_size(dimensions: Mapping[str, Dimension]) -> int | None:
    """How many different points there are; None if a dimension is continuous."""
    if any(size(dimension) is None for dimension in dimensions.values()):
        return None
    asked = {key for dimension in dimensions.values() for key, _ in dimension.when}
    return _count(dimensions, in_order(dimensions), asked, {})


def _count(dimensions: Mapping[str, Dimension], keys: Sequence[str], asked: set[str], params: Mapping[str, Value]) -> int:
    """Points of the dimensions `keys`, where those before them have the values `params`."""
    if not keys:
        return 1
    key, rest = keys[0], keys[1:]
    if not holds(dimensions[key].when, params):
        return _count(dimensions, rest, asked, params)
    if key not in asked:
        return (size(dimensions[key]) or 0) * _count(dimensions, rest, asked, params)
    return sum(_count(dimensions, rest, asked, {**params, key: value}) for value in dimensions[key].values)
