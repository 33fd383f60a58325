"""A sweep's search space in Optuna's terms."""

from __future__ import annotations

from collections.abc import Mapping

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from tune.dimensions import Dimension, Range


def distributions(dimensions: Mapping[str, Dimension]) -> dict[str, BaseDistribution]:
    """One distribution for each dimension, in the order of their names, which the proposals depend on.

    A constant is a choice of one, so that every trial's parameters are complete.
    """
    return {key: _distribution(dimension) for key, dimension in sorted(dimensions.items())}


def _distribution(dimension: Dimension) -> BaseDistribution:
    if not isinstance(dimension, Range):
        return CategoricalDistribution(dimension.values)
    if dimension.whole:
        return IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log, step=dimension.step)
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log)
