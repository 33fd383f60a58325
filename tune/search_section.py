"""The `search` section of a sweep file to dimensions.

Every value that the search could propose is checked against its setting's own range in trainables/configs.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from trainables.configs import TrainConfig, VaeConfig
from trainables.effects.names import EFFECT_NAMES
from trainables.errors import InputError, nearest
from tune.dimensions import EFFECT_SPLIT, SEARCHABLE, Choice, Dimension, Range, Value, setting_type
from tune.fields import describe, keys
from tune.forms import distinct, one_form, short
from tune.problems import Problem
from tune.split_section import parse_splits

FORMS = ("choice", "int", "float", "log")
MAX_VALUES = 100_000
_EXAMPLE = "For instance {choice: [8, 16, 32]}, {int: [1, 4]}, {float: [0, 1]} or {log: [0.001, 0.1]}."


def parse_search(data: Any, effects: Sequence[str] = EFFECT_NAMES) -> tuple[dict[str, Dimension], list[Problem]]:
    """The dimensions of a search section, and what is wrong with it; `effects` are those of the sweep."""
    if not isinstance(data, Mapping):
        return {}, [Problem((), repr(data), "The search section must map settings to their values.", _EXAMPLE)]
    dimensions: dict[str, Dimension] = {}
    problems: list[Problem] = []
    for key, value in data.items():
        try:
            dimensions[key] = parse_dimension(key, value, effects)
        except InputError as error:
            problems.append(Problem((key,), error.value, error.rule, error.remedy))
    return dimensions, problems


def parse_dimension(key: str, data: Any, effects: Sequence[str] = EFFECT_NAMES) -> Dimension:
    """One dimension: a mapping such as `{log: [0.03, 3]}`, a list (a choice), or a plain value (a constant).

    Raises:
        InputError: on an unknown setting, an unknown form, a range turned round, or a value outside the setting's range.
    """
    if key not in SEARCHABLE:
        raise InputError(short(data), "This setting cannot be searched.", _where_else(key))
    if key == EFFECT_SPLIT:
        return parse_splits(data, effects)
    if not isinstance(data, Mapping):
        return _choice(key, data if isinstance(data, list) else [data])
    form = one_form(data, FORMS, _EXAMPLE)
    return _choice(key, data[form]) if form == "choice" else _range(key, form, data)


def _where_else(key: str) -> str:
    for name, section in (("model", VaeConfig), ("train", TrainConfig)):
        if key in keys(section):
            return f"All trials share it, so that they are compared at equal budgets: set it as {name}.{key}."
    return nearest(key, SEARCHABLE)


def _choice(key: str, data: Any) -> Choice:
    if not isinstance(data, list) or not data:
        raise InputError(short(data), "A choice must be a list of at least one value.", "For instance {choice: [8, 16, 32]}.")
    values = tuple(_checked(key, value) for value in data)
    return Choice(distinct(values))


def _range(key: str, form: str, data: Mapping[str, Any]) -> Range:
    bounds = data[form]
    if not isinstance(bounds, list) or len(bounds) != 2:
        rule = "A range must be a list of its lowest and its highest value."
        raise InputError(short(data), rule, f"For instance {{{form}: [1, 4]}}.")
    low, high = (_checked(key, bound) for bound in bounds)
    if isinstance(low, str) or isinstance(high, str):
        remedy = f"Write {{choice: [...]}}: {key} is {describe(setting_type(key))}."
        raise InputError(short(data), "A range is for numbers.", remedy)
    whole_setting = isinstance(low, int)
    if form == "float" and whole_setting:
        raise InputError(short(data), f"{key} takes whole numbers.", f"Write {{int: [{low}, {high}]}}.")
    if form == "int":
        low, high = _whole(low, data), _whole(high, data)
    if not low < high:
        rule = "The lowest value of a range must be below its highest."
        raise InputError(short(data), rule, f"Write {{{form}: [{high}, {low}]}}." if high < low else "Write the plain value.")
    if form == "log" and low <= 0:
        rule = "A logarithmic range must begin above 0."
        raise InputError(short(data), rule, "Write a small positive number, for instance 0.001.")
    step = _step(data, int(high) - int(low)) if form == "int" else 1
    return Range(low, high, whole=whole_setting or form == "int", log=form == "log", step=step)


def _whole(value: int | float, data: Mapping[str, Any]) -> int:
    if value != int(value):
        raise InputError(short(data), f"{value} is not a whole number.", "Write {float: [...]} for a range of any numbers.")
    return int(value)


def _step(data: Mapping[str, Any], span: int) -> int:
    step = data.get("step", 1)
    if isinstance(step, bool) or not isinstance(step, int) or step < 1 or span % step:
        rule = f"A step must be a whole number that divides highest - lowest ({span})."
        raise InputError(short(data), rule, "Move the highest value, or leave the step out.")
    if span // step >= MAX_VALUES:
        rule = f"A range of whole numbers may have {MAX_VALUES} values."
        raise InputError(short(data), rule, "Write a larger step, or {log: [...]}.")
    return step


def _checked(key: str, value: Any) -> Value:
    annotation = setting_type(key)
    try:
        checked: Value = TypeAdapter(annotation, config=ConfigDict(strict=True, allow_inf_nan=False)).validate_python(value)
    except ValidationError:
        rule = f"{key} must be {describe(annotation)}."
        raise InputError(short(value), rule, "Every value that the search may propose must be such a value.") from None
    return checked
