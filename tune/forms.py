"""What the ways of writing a dimension share: one form of several, distinct values, and short quotes of what was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainables.errors import InputError, nearest
from tune.dimensions import Value


def one_form(data: Mapping[str, Any], forms: tuple[str, ...], example: str) -> str:
    """Which of `forms` a dimension is written in; InputError unless it is exactly one."""
    unknown = [key for key in data if key not in (*forms, *(("step",) if "int" in data else ()))]
    if unknown:
        raise InputError(short(data), f"'{unknown[0]}' is not a way to search.", nearest(unknown[0], (*forms, "step")))
    given = [form for form in forms if form in data]
    if len(given) != 1:
        raise InputError(short(data), f"Exactly one of {', '.join(forms)} must be given.", example)
    return given[0]


def distinct(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """The same values; InputError if one comes twice."""
    again = next((value for index, value in enumerate(values) if value in values[:index]), None)
    if again is not None:
        raise InputError(str(again), "A choice may name each value once.", "Remove the repetition.")
    return values


def short(data: Any) -> str:
    """What was given, cut to one line's length."""
    text = repr(data)
    return text if len(text) <= 80 else f"{text[:77]}..."
