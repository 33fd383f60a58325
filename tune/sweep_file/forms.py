"""What the ways of writing a dimension share: one form of several, values checked, and short quotes of what was given."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from trainables.errors import InputError, nearest
from tune.space.dimensions import Value, setting_type
from tune.sweep_file.fields import describe


def one_form(data: Mapping[str, Any], forms: tuple[str, ...], example: str, beside: tuple[str, ...] = ()) -> str:
    """Which of `forms` a dimension is written in; InputError unless it is exactly one, with keys of `beside` alone."""
    unknown = [key for key in data if key not in (*forms, *beside)]
    if unknown:
        raise InputError(short(data), f"'{unknown[0]}' is not a way to search.", nearest(unknown[0], (*forms, *beside)))
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


def checked(key: str, value: Any) -> Value:
    """A value of a setting; InputError unless it is of the setting's type and within its range."""
    try:
        found: Value = _adapter(key).validate_python(value)
    except ValidationError:
        rule = f"{key} must be {describe(setting_type(key))}."
        raise InputError(short(value), rule, "Every value that the search may propose must be such a value.") from None
    return found


@cache
def _adapter(key: str) -> TypeAdapter[Any]:
    return TypeAdapter(setting_type(key), config=ConfigDict(strict=True, allow_inf_nan=False))
