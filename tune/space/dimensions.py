"""The dimensions of a search space as values: which settings of a trial may vary, and over what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from math import comb
from typing import Any, ClassVar, get_type_hints

from trainables.configs import MatcherConfig, TrainConfig, VaeConfig
from trainables.effects.names import EFFECT_NAMES
from tune.space.formulas import Formula
from tune.space.splits import held_out_effects, splits_holding_out

Value = int | float | str
Condition = tuple[tuple[str, tuple["Value", ...]], ...]  # other dimensions, and the values that each may have
EFFECT_SPLIT = "effect_split"
MODEL_KEYS = ("latent_size", "beta", "contrastive_weight", "reconstruction_weight", "temperature", "perceptual_weight", "input")
TRAIN_KEYS = ("learning_rate", "batch_size", "patience", "validate_on")
MATCHER_KEYS = (
    "width",
    "components",
    "dropout",
    "weight_decay",
    "gradient",
    "gradient_level",
    "gradient_step",
    "gradient_draws",
    "gradient_from",
)
SECTION_OF = dict.fromkeys(MODEL_KEYS, "model") | dict.fromkeys(TRAIN_KEYS, "train") | dict.fromkeys(MATCHER_KEYS, "matcher")
SECTIONS: dict[str, type] = {"model": VaeConfig, "train": TrainConfig, "matcher": MatcherConfig}
SEARCHABLE = (EFFECT_SPLIT, *SECTION_OF)
FORMULA_NAMES = tuple(  # settings that are one number or text
    field.name
    for section in SECTIONS.values()
    for field in fields(section)
    if isinstance(field.default, int | float | str) and not isinstance(field.default, bool)
)
DECIMALS = 12  # of the values of a range in steps


@dataclass(frozen=True)
class Choice:
    """One of some values. `names` are what the sweep's author calls them, if anything; `when`: only then searched."""

    values: tuple[Value, ...]
    names: tuple[str, ...] = ()
    when: Condition = ()


@dataclass(frozen=True)
class Range:
    """A number from `low` to `high`, both included; `log`: evenly in its logarithm; `when`: only then searched.

    `step`: the distance of neighbours; None for every `whole` number, or for any number.
    """

    low: int | float
    high: int | float
    whole: bool = False
    log: bool = False
    step: int | float | None = None
    when: Condition = ()

    @property
    def values(self) -> tuple[int | float, ...]:
        """All values, from the lowest; none of a range without steps."""
        return tuple(self.value_at(place) for place in range(size(self) or 0))

    def value_at(self, place: int) -> int | float:
        """The value so many steps above the lowest, free of rounding such as 0.30000000000000004."""
        if self.whole:
            return int(self.low + place * (self.step or 1))
        return round(self.low + place * (self.step or 0), DECIMALS)


@dataclass(frozen=True)
class HoldOut:
    """Every effect split that holds `count` of the effects out."""

    count: int
    effects: tuple[str, ...] = EFFECT_NAMES
    when: ClassVar[Condition] = ()  # a trial always has a split

    @property
    def values(self) -> tuple[str, ...]:
        return splits_holding_out(self.count, self.effects)


@dataclass(frozen=True)
class Derived:
    """A setting computed from others instead of being proposed; `when`: only then."""

    formula: Formula
    when: Condition = ()


Dimension = Choice | Range | HoldOut
Searched = Dimension | Derived


@cache
def setting_type(key: str) -> Any:
    """The annotated type, with its range, of a setting that may be searched."""
    return get_type_hints(SECTIONS[SECTION_OF[key]], include_extras=True)[key]


def size(dimension: Dimension) -> int | None:
    """How many values a dimension has; None if it is continuous."""
    match dimension:
        case Choice(values=values):
            return len(values)
        case HoldOut(count=count, effects=effects):
            return comb(len(effects), count)
        case Range(low=low, high=high) if dimension.whole or dimension.step is not None:
            return round((high - low) / (dimension.step or 1)) + 1
    return None


def proposed(search: Mapping[str, Searched]) -> dict[str, Dimension]:
    """Those whose values are proposed, not computed."""
    return {key: dimension for key, dimension in search.items() if not isinstance(dimension, Derived)}


def on_step(dimension: Dimension, value: Value) -> Value:
    """A proposed value without the rounding of its arithmetic: 0.3, not 0.30000000000000004."""
    if isinstance(dimension, Range) and not dimension.whole and dimension.step is not None:
        return dimension.value_at(round((float(value) - dimension.low) / dimension.step))
    return value


def highest(dimension: Dimension) -> float:
    """The largest value of a dimension of numbers."""
    return float(max(dimension.values)) if isinstance(dimension, Choice) else float(getattr(dimension, "high", 0))


def as_data(key: str, dimension: Searched) -> Any:
    """A dimension as it is written in a sweep file."""
    when = {other: list(values) for other, values in dimension.when}
    return _unconditional(key, dimension) | ({"when": when} if when else {})


def _unconditional(key: str, dimension: Searched) -> dict[str, Any]:
    match dimension:
        case Derived(formula=formula):
            return {"derive": formula.text}
        case HoldOut(count=count):
            return {"hold_out": count}
        case Choice(values=values, names=names):
            if key != EFFECT_SPLIT:
                return {"choice": list(values)}
            lists = [list(held_out_effects(str(value))) for value in values]
            return {"choice": dict(zip(names, lists, strict=True)) if names else lists}
    form = "log" if dimension.log else "int" if dimension.whole else "float"
    return {form: [dimension.low, dimension.high]} | ({} if dimension.step is None else {"step": dimension.step})


def with_split(search: Mapping[str, Dimension], default: str) -> dict[str, Dimension]:
    """The same dimensions with an effect split among them."""
    return {EFFECT_SPLIT: Choice((default,)), **search}
