"""The dimensions of a search space as values: which settings of a trial may vary, and over what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb, prod
from typing import Any, get_type_hints

from trainables.configs import TrainConfig, VaeConfig
from trainables.effects.names import EFFECT_NAMES
from tune.splits import held_out_effects, splits_holding_out

Value = int | float | str
EFFECT_SPLIT = "effect_split"
MODEL_KEYS = ("latent_size", "beta", "contrastive_weight", "reconstruction_weight", "temperature", "perceptual_weight", "input")
TRAIN_KEYS = ("learning_rate", "batch_size", "patience", "validate_on")
SEARCHABLE = (EFFECT_SPLIT, *MODEL_KEYS, *TRAIN_KEYS)


@dataclass(frozen=True)
class Choice:
    """One of some values. `names` are what the sweep's author calls them, if anything."""

    values: tuple[Value, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Range:
    """A number from `low` to `high`, both included; `whole` numbers in steps of `step`; `log`: evenly in its logarithm."""

    low: int | float
    high: int | float
    whole: bool = False
    log: bool = False
    step: int = 1


@dataclass(frozen=True)
class HoldOut:
    """Every effect split that holds `count` of the effects out."""

    count: int
    effects: tuple[str, ...] = EFFECT_NAMES

    @property
    def values(self) -> tuple[str, ...]:
        return splits_holding_out(self.count, self.effects)


Dimension = Choice | Range | HoldOut


def setting_type(key: str) -> Any:
    """The annotated type, with its range, of a setting that may be searched."""
    section = VaeConfig if key in MODEL_KEYS else TrainConfig
    return get_type_hints(section, include_extras=True)[key]


def size(dimension: Dimension) -> int | None:
    """How many values a dimension has; None if it is continuous."""
    match dimension:
        case Choice(values=values):
            return len(values)
        case HoldOut(count=count, effects=effects):
            return comb(len(effects), count)
        case Range(whole=True):
            return int(dimension.high - dimension.low) // dimension.step + 1
    return None


def space_size(dimensions: Mapping[str, Dimension]) -> int | None:
    """How many different points there are; None if a dimension is continuous."""
    sizes = [size(dimension) for dimension in dimensions.values()]
    return None if None in sizes else prod(count for count in sizes if count is not None)


def highest(dimension: Dimension) -> float:
    """The largest value of a dimension of numbers."""
    return float(max(dimension.values)) if isinstance(dimension, Choice) else float(getattr(dimension, "high", 0))


def as_data(key: str, dimension: Dimension) -> Any:
    """A dimension as it is written in a sweep file."""
    match dimension:
        case HoldOut(count=count):
            return {"hold_out": count}
        case Choice(values=values, names=names):
            if key != EFFECT_SPLIT:
                return {"choice": list(values)}
            lists = [list(held_out_effects(str(value))) for value in values]
            return {"choice": dict(zip(names, lists, strict=True)) if names else lists}
    bounds = [dimension.low, dimension.high]
    if dimension.log or not dimension.whole:
        return {"log" if dimension.log else "float": bounds}
    return {"int": bounds} | ({"step": dimension.step} if dimension.step > 1 else {})


def with_split(search: Mapping[str, Dimension], default: str) -> dict[str, Dimension]:
    """The same dimensions with an effect split among them."""
    return {EFFECT_SPLIT: Choice((default,)), **search}
