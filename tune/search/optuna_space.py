"""A sweep's search space in Optuna's terms."""

from __future__ import annotations

from collections.abc import Mapping

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial

from tune.space.conditions import in_order
from tune.space.dimensions import Dimension, Range, Value


def distributions(dimensions: Mapping[str, Dimension]) -> dict[str, BaseDistribution]:
    """One distribution for each dimension, in the order in which they are proposed, which the proposals depend on.

    A constant is a choice of one, so that every trial's parameters are complete.
    """
    return {key: _distribution(dimensions[key]) for key in in_order(dimensions)}


def suggest(trial: Trial, key: str, distribution: BaseDistribution) -> Value:
    """One value of a trial, as its study's sampler proposes it."""
    match distribution:
        case CategoricalDistribution(choices=choices):
            value = trial.suggest_categorical(key, choices)
        case IntDistribution(low=low, high=high, log=log, step=step):
            value = trial.suggest_int(key, low, high, step=step, log=log)
        case FloatDistribution(low=low, high=high, log=log, step=step):
            value = trial.suggest_float(key, low, high, step=step, log=log)
    proposed: Value = value
    return proposed


def _distribution(dimension: Dimension) -> BaseDistribution:
    if not isinstance(dimension, Range):
        return CategoricalDistribution(dimension.values)
    if dimension.whole:
        return IntDistribution(int(dimension.low), int(dimension.high), log=dimension.log, step=int(dimension.step or 1))
    return FloatDistribution(dimension.low, dimension.high, log=dimension.log, step=dimension.step)
