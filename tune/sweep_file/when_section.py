"""The conditions in a search section: `beta: {log: [0.03, 3], when: {input: difference}}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trainables.errors import InputError, nearest
from tune.space.conditions import circle
from tune.space.dimensions import EFFECT_SPLIT, Choice, Condition, HoldOut, Range, Searched, Value
from tune.sweep_file.forms import checked, short
from tune.sweep_file.problems import Problem

_EXAMPLE = "For instance when: {input: difference}, or when: {latent_size: [32, 64]} for any of several."


def conditioned(dimensions: Mapping[str, Searched], data: Mapping[str, Any]) -> tuple[dict[str, Searched], list[Problem]]:
    """The dimensions with the conditions that the section `data` sets them, and what is wrong with those."""
    found, problems = dict(dimensions), list[Problem]()
    for key, dimension in dimensions.items():
        written = data[key].get("when") if isinstance(data[key], Mapping) else None
        if written is None or isinstance(dimension, HoldOut):
            continue
        try:
            found[key] = replace(dimension, when=_condition(key, written, dimensions))
        except InputError as error:
            problems.append(Problem((key, "when"), error.value, error.rule, error.remedy))
    if around := circle(found):
        rule = f"Conditions and formulas may not go in a circle: {' needs '.join(around)}."
        problems.append(Problem((around[0],), short(data[around[0]]), rule, "Leave one of them out."))
        return {key: dimension for key, dimension in dimensions.items() if key not in around}, problems
    return found, problems


def _condition(key: str, written: Any, dimensions: Mapping[str, Searched]) -> Condition:
    if not isinstance(written, Mapping) or not written:
        raise InputError(short(written), "A condition maps other searched settings to their values.", _EXAMPLE)
    return tuple((other, _values(key, other, values, dimensions)) for other, values in written.items())


def _values(key: str, other: str, written: Any, dimensions: Mapping[str, Searched]) -> tuple[Value, ...]:
    others = [name for name, dimension in dimensions.items() if name != key and _may_be_asked(name, dimension)]
    if other not in others:
        rule = "A condition is about another setting that is searched as a choice, in whole numbers or in steps."
        raise InputError(other, rule, nearest(other, others) if others else "There is none: leave the condition out.")
    values = tuple(checked(other, value) for value in (written if isinstance(written, list) else [written]))
    possible = getattr(dimensions[other], "values", ())
    never = next((value for value in values if value not in possible), None)
    if never is not None or not values:
        told = ", ".join(map(str, possible[:10]))
        raise InputError(f"{other} = {short(written)}", f"The search never proposes this for {other}.", f"It proposes {told}.")
    return values


def _may_be_asked(name: str, dimension: Searched) -> bool:
    """Whether a condition can be about it: it has values to name."""
    return name != EFFECT_SPLIT and isinstance(dimension, Choice | Range) and bool(dimension.values)
