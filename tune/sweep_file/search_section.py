"""The `search` section of a sweep file to dimensions.

Every value that the search could propose is checked against its setting's own range in trainables/configs.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trainables.effects.names import EFFECT_NAMES
from trainables.errors import InputError, nearest
from tune.space.dimensions import (
    EFFECT_SPLIT,
    FORMULA_NAMES,
    SEARCHABLE,
    SECTIONS,
    Choice,
    Derived,
    Range,
    Searched,
    setting_type,
)
from tune.space.formulas import parse_formula
from tune.space.steps import float_step, whole_step
from tune.sweep_file.fields import describe, keys
from tune.sweep_file.forms import checked, distinct, one_form, short
from tune.sweep_file.problems import Problem
from tune.sweep_file.split_section import parse_splits
from tune.sweep_file.when_section import conditioned

FORMS = ("choice", "int", "float", "log", "derive")
_EXAMPLE = "For instance {choice: [8, 16, 32]}, {int: [1, 4]}, {float: [0, 1]} or {log: [0.001, 0.1]}."


def parse_search(data: Any, effects: Sequence[str] = EFFECT_NAMES) -> tuple[dict[str, Searched], list[Problem]]:
    """The dimensions of a search section, and what is wrong with it; `effects` are those of the sweep."""
    if not isinstance(data, Mapping):
        return {}, [Problem((), repr(data), "The search section must map settings to their values.", _EXAMPLE)]
    dimensions: dict[str, Searched] = {}
    problems: list[Problem] = []
    for key, value in data.items():
        try:
            dimensions[key] = parse_dimension(key, value, effects)
        except InputError as error:
            problems.append(Problem((key,), error.value, error.rule, error.remedy))
    found, more = conditioned(dimensions, data)
    return found, problems + more


def parse_dimension(key: str, data: Any, effects: Sequence[str] = EFFECT_NAMES) -> Searched:
    """One dimension: a mapping such as `{log: [0.03, 3]}`, a list (a choice), or a plain value (a constant).

    What it says of `when` is passed over: that is about the other dimensions.

    Raises:
        InputError: on an unknown setting, an unknown form, a range turned round, or a value outside the setting's range.
    """
    if key not in SEARCHABLE:
        raise InputError(short(data), "This setting cannot be searched.", _where_else(key))
    if key == EFFECT_SPLIT:
        return parse_splits(data, effects)
    if not isinstance(data, Mapping):
        return _choice(key, data if isinstance(data, list) else [data])
    beside = ("when", "step") if "int" in data or "float" in data else ("when",)
    match one_form(data, FORMS, _EXAMPLE, beside):
        case "choice":
            return _choice(key, data["choice"])
        case "derive":
            return _derived(key, data["derive"])
        case form:
            return _range(key, form, data)


def _where_else(key: str) -> str:
    for name, section in SECTIONS.items():
        if key in keys(section):
            return f"All trials share it, so that they are compared at equal budgets: set it as {name}.{key}."
    return nearest(key, SEARCHABLE)


def _choice(key: str, data: Any) -> Choice:
    if not isinstance(data, list) or not data:
        raise InputError(short(data), "A choice must be a list of at least one value.", "For instance {choice: [8, 16, 32]}.")
    return Choice(distinct(tuple(checked(key, value) for value in data)))


def _derived(key: str, text: Any) -> Derived:
    formula = parse_formula(text, FORMULA_NAMES)
    if key in formula.names:
        raise InputError(short(text), f"{key} cannot be computed from itself.", "Name other settings.")
    return Derived(formula)


def _range(key: str, form: str, data: Mapping[str, Any]) -> Range:
    bounds = data[form]
    if not isinstance(bounds, list) or len(bounds) != 2:
        rule = "A range must be a list of its lowest and its highest value."
        raise InputError(short(data), rule, f"For instance {{{form}: [1, 4]}}.")
    low, high = (checked(key, bound) for bound in bounds)
    if isinstance(low, str) or isinstance(high, str):
        remedy = f"Write {{choice: [...]}}: {key} is {describe(setting_type(key))}."
        raise InputError(short(data), "A range is for numbers.", remedy)
    whole_setting = isinstance(low, int)
    if form == "float" and whole_setting:
        raise InputError(short(data), f"{key} takes whole numbers.", f"Write {{int: [{low}, {high}]}}.")
    if form == "int":
        low, high = _whole(low, data), _whole(high, data)
    _check_bounds(form, low, high, data)
    step = _step(form, low, high, data)
    return Range(low, high, whole=whole_setting or form == "int", log=form == "log", step=step)


def _check_bounds(form: str, low: int | float, high: int | float, data: Mapping[str, Any]) -> None:
    if not low < high:
        rule = "The lowest value of a range must be below its highest."
        raise InputError(short(data), rule, f"Write {{{form}: [{high}, {low}]}}." if high < low else "Write the plain value.")
    if form == "log" and low <= 0:
        rule = "A logarithmic range must begin above 0."
        raise InputError(short(data), rule, "Write a small positive number, for instance 0.001.")


def _step(form: str, low: int | float, high: int | float, data: Mapping[str, Any]) -> int | float | None:
    if form == "int":
        return whole_step(data, int(high) - int(low))
    return float_step(data, low, high) if "step" in data else None


def _whole(value: int | float, data: Mapping[str, Any]) -> int:
    if value != int(value):
        raise InputError(short(data), f"{value} is not a whole number.", "Write {float: [...]} for a range of any numbers.")
    return int(value)
