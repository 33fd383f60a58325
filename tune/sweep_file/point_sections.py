"""The sections of a sweep file about whole points of the space: `require` (what must hold) and `try` (which come first)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from trainables.errors import InputError, nearest
from tune.space.conditions import holds
from tune.space.dimensions import EFFECT_SPLIT, FORMULA_NAMES, Choice, Derived, Dimension, Range, Searched, Value
from tune.space.formulas import Formula, parse_formula
from tune.sweep_file.forms import checked, short
from tune.sweep_file.problems import Problem
from tune.sweep_file.split_section import parse_splits

_REQUIRE = 'For instance require: ["latent_size * beta <= 32"].'
_TRY = "For instance try: [{latent_size: 32, beta: 0.3}]."
Point = dict[str, Value]


def parse_require(data: Any) -> tuple[tuple[Formula, ...], list[Problem]]:
    """The requirements, and what is wrong with them."""
    if not isinstance(data, list):
        return (), [Problem((), short(data), "This must be a list of formulas that every trial keeps.", _REQUIRE)]
    formulas: list[Formula] = []
    problems: list[Problem] = []
    for index, text in enumerate(data):
        try:
            formulas.append(parse_formula(text, FORMULA_NAMES))
        except InputError as error:
            problems.append(Problem((index,), error.value, error.rule, error.remedy))
    return tuple(formulas), problems


def parse_try(data: Any, search: Mapping[str, Searched], effects: Sequence[str]) -> tuple[tuple[Point, ...], list[Problem]]:
    """The points to try first, and what is wrong with them; values are as the search would propose them."""
    if not isinstance(data, list):
        return (), [Problem((), short(data), "This must be a list of points to try first.", _TRY)]
    points: list[Point] = []
    problems: list[Problem] = []
    for index, written in enumerate(data):
        point, wrong = _point(written, search, effects)
        points.append(point)
        problems += [Problem((index, *problem.path), problem.value, problem.rule, problem.remedy) for problem in wrong]
    return tuple(points), problems


def _point(written: Any, search: Mapping[str, Searched], effects: Sequence[str]) -> tuple[Point, list[Problem]]:
    if not isinstance(written, Mapping) or not written:
        return {}, [Problem((), short(written), "A point maps searched settings to a value each.", _TRY)]
    point: Point = {}
    problems: list[Problem] = []
    for key, value in written.items():
        try:
            point[key] = _value(key, value, search, effects)
        except InputError as error:
            problems.append(Problem((key,), error.value, error.rule, error.remedy))
    return point, problems or _not_searched(point, search)


def _value(key: str, value: Any, search: Mapping[str, Searched], effects: Sequence[str]) -> Value:
    dimension = search.get(key)
    if dimension is None or isinstance(dimension, Derived):
        rule = "This is not searched." if dimension is None else "This is computed, not proposed."
        known = [name for name, other in search.items() if not isinstance(other, Derived)]
        raise InputError(short(value), rule, nearest(key, known))
    found = _split(value, dimension, effects) if key == EFFECT_SPLIT else checked(key, value)
    if not within(dimension, found):
        raise InputError(short(value), f"The search never proposes this for {key}.", f"Add it to search.{key}, or try another.")
    return found


def _split(value: Any, dimension: Dimension, effects: Sequence[str]) -> Value:
    if isinstance(dimension, Choice) and value in dimension.names:
        return dimension.values[dimension.names.index(value)]
    parsed = parse_splits([value] if isinstance(value, list) else value, effects)
    if not isinstance(parsed, Choice) or len(parsed.values) != 1:
        raise InputError(short(value), "A point has one effect split.", "Name the effects that it holds out.")
    return parsed.values[0]


def within(dimension: Dimension, value: Value) -> bool:
    """Whether the search may propose this value."""
    if not isinstance(dimension, Range):
        return value in dimension.values
    if isinstance(value, str) or not dimension.low <= value <= dimension.high:
        return False
    return not dimension.values or value in dimension.values


def _not_searched(point: Mapping[str, Value], search: Mapping[str, Searched]) -> list[Problem]:
    """Values under conditions that the point itself does not meet."""
    unmet = [key for key in point if not holds(search[key].when, point)]
    rule = "This is searched under a condition only, which the point must meet: {}."
    told = {key: ", ".join(f"{other} {short(list(values))}" for other, values in search[key].when) for key in unmet}
    return [Problem((key,), short(point[key]), rule.format(told[key]), "Give the other value, too.") for key in unmet]
