"""A sweep's search space in Optuna's terms."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from tune.dimensions import Dimension, Range, Value


def distributions(dimensions: Mapping[str, Dimension]) -> dict[str, BaseDistribution]:
    """One distribution for each dimension, in the order of their names, which the proposals depend on.

    A constant is a choice of one, so that every trial's parameters are complete.
    """
    return {key: _distribution(dimension) for key, dimension in sorted(dimensions.items())}


def grid_points(dimensions: Mapping[str, Dimension]) -> list[dict[str, Value]]:
    """Every point of a space in which no dimension is continuous; the last dimension by name changes fastest."""
    values = {key: _values(dimension) for key, dimension in sorted(dimensions.items())}
    return [dict(zip(values, point, strict=True)) for point in product(*values.values())]


def _values(dimension: Dimension) -> tuple[Value, ...]:
    if isinstance(dimension, Range):
        return tuple(range(int(dimension.low), int(dimension.high) + 1, dimension.step))
    return dimension.values


def _distribution(dimension: Dimension) -> BaseDistribution:
    if not isinstance(dimension, Range):
        return CategoricalDistribution(dimension.values)
    if dimension.whole:
        return IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log, step=dimension.step)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)
