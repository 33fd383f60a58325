"""Values from the command line in the place of a sweep file's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tune.errors import InvalidInput
from tune.sweep_file.problems import OVERRIDDEN, KeyPath, Origin, Problem, refusal
from tune.sweep_file.yaml_text import Document, read_value


def overridden(document: Document, overrides: Mapping[str, Any]) -> Document:
    """The document with values replaced by dotted key, e.g. {"budget.trials": 8}.

    Raises:
        InvalidInput: if a key leads into a plain value.
    """
    values, lines = document.values, dict(document.origin.lines)
    for key, value in overrides.items():
        path = tuple(key.split("."))
        values = _override(values, path, value, key)
        lines = {known: line for known, line in lines.items() if known[: len(path)] != path} | {path: OVERRIDDEN}
    return Document(values, Origin(document.origin.name, lines))


def parse_override(text: str) -> tuple[str, Any]:
    """`budget.trials=8` to a dotted key and its value, read as in a sweep file; InvalidInput without a `=`."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InvalidInput(f"{text}: An override must be written key=value. For instance budget.trials=8.")
    return key.strip(), read_value(value)


def _override(values: Mapping[str, Any], path: KeyPath, value: Any, key: str) -> dict[str, Any]:
    first, rest = str(path[0]), path[1:]
    if not rest:
        return {**values, first: value}
    inner = values.get(first)
    if inner is not None and not isinstance(inner, Mapping):
        problem = Problem((), key, f"{first} is {inner!r}, which has no keys of its own.", f"Override {first} as a whole.")
        raise refusal([problem], Origin("override", {}))
    return {**values, first: _override(inner or {}, rest, value, key)}
