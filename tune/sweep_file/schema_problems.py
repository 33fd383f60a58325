"""Pydantic's errors as our problems: the value, the rule in the words of the field's own type, the remedy."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from trainables.errors import nearest
from tune.sweep_file.fields import default_of, describe, is_section, keys, locate, unwrap
from tune.sweep_file.objective_section import ALTERNATIVES
from tune.sweep_file.problems import KeyPath, Problem

_UNKNOWN = ("extra_forbidden", "unexpected_keyword_argument")


def schema_problems(error: ValidationError, root: type[BaseModel]) -> list[Problem]:
    """One problem for each of the errors, and all of those that our own checks found."""
    return [problem for item in error.errors(include_url=False) for problem in _problems(item, root)]


def _problems(item: Any, root: type[BaseModel]) -> list[Problem]:
    path: KeyPath = tuple(key for key in item["loc"] if key not in ALTERNATIVES)
    if item["type"] == "problems":
        return [Problem((*path, *own.path), own.value, own.rule, own.remedy) for own in item["ctx"]["problems"]]
    if item["type"] in _UNKNOWN:
        return [_unknown_key(path, item["input"], root)]
    if item["type"] == "missing":
        rule = f"This key is required: {describe(locate(root, path))}."
        return [Problem(path, "not given", rule, f"Add `{path[-1]}: ...`.")]
    return [_wrong_value(path, item["input"], root)]


def _unknown_key(path: KeyPath, value: Any, root: type[BaseModel]) -> Problem:
    section, _ = unwrap(locate(root, path[:-1]))
    place = f"the section {'.'.join(str(key) for key in path[:-1])}" if len(path) > 1 else "a sweep file"
    known = keys(section) if is_section(section) else ()
    return Problem(path, _quote(value), f"There is no such key in {place}.", nearest(str(path[-1]), known))


def _wrong_value(path: KeyPath, value: Any, root: type[BaseModel]) -> Problem:
    annotation, default = locate(root, path), default_of(root, path) if path else None
    remedy = "Write such a value" + (f", or leave it out for {default}." if default is not None else ".")
    return Problem(path, _quote(value), f"This must be {describe(annotation)}.", remedy)


def _quote(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
