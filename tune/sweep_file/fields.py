"""Reads the annotated types of the settings: what a field accepts, in words, and which keys a section has."""

from __future__ import annotations

import types
from collections.abc import Iterable
from dataclasses import is_dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import BaseMetadata, Ge, GroupedMetadata, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel

from tune.sweep_file.problems import KeyPath

_NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
_PLURALS = {int: "whole numbers", float: "numbers", str: "texts"}


def describe(annotation: Any) -> str:
    """What a value of this type must be, e.g. `a whole number from 1 to 1024`.

    A text among the metadata of `Annotated` is taken as the description itself.
    """
    base, metadata = unwrap(annotation)
    told = next((item for item in metadata if isinstance(item, str)), None)
    if told is not None:
        return told
    if get_origin(base) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(base))
    if get_origin(base) is tuple:
        item, item_metadata = unwrap(get_args(base)[0])
        return " ".join(("a list of", *_counts(metadata), _PLURALS[item], *_bounds(item_metadata)))
    if is_section(base):
        return "a mapping of " + ", ".join(keys(base))
    return " ".join((_NAMES.get(base, "a mapping"), *_bounds(metadata)))


def is_section(annotation: Any) -> bool:
    """Whether values of this type are mappings with fixed keys."""
    return isinstance(annotation, type) and (is_dataclass(annotation) or issubclass(annotation, BaseModel))


def keys(section: type) -> tuple[str, ...]:
    """The keys of a section."""
    if issubclass(section, BaseModel):
        return tuple(_written(section).values())
    return tuple(_dataclass_defaults(section))


def locate(root: type, path: KeyPath) -> Any:
    """The annotated type of what a path leads to, or None where it leads nowhere."""
    annotation: Any = root
    for key in path:
        base, _ = unwrap(annotation)
        if get_origin(base) is tuple:
            annotation = get_args(base)[0]
        elif is_section(base) and isinstance(key, int):
            annotation = base  # one of several, where a single one may stand alone
        elif is_section(base) and key in keys(base):
            annotation = _annotations(base)[str(key)]
        else:
            return None
    return annotation


def default_of(root: type, path: KeyPath) -> Any:
    """A field's default as it would be written, or None where it has no plain one."""
    section, _ = unwrap(locate(root, path[:-1]))
    if not is_section(section):
        return None
    default = (_model_defaults if issubclass(section, BaseModel) else _dataclass_defaults)(section).get(str(path[-1]))
    return default if isinstance(default, int | float | str) else None


def _written(section: type[BaseModel]) -> dict[str, str]:
    """How each field is written in a file: Python keeps some words, such as `from`, for itself."""
    return {name: field.alias or name for name, field in section.model_fields.items()}


def _annotations(section: type) -> dict[str, Any]:
    written = _written(section) if issubclass(section, BaseModel) else {}
    return {written.get(name, name): hint for name, hint in get_type_hints(section, include_extras=True).items()}


def _model_defaults(section: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field.default for name, field in section.model_fields.items()}


def _dataclass_defaults(section: Any) -> dict[str, Any]:
    return {name: field.default for name, field in section.__dataclass_fields__.items()}


def unwrap(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """`Annotated[T, ...] | None` to T and the metadata; of alternatives the first."""
    metadata: tuple[Any, ...] = ()
    if get_origin(annotation) in (Union, types.UnionType):
        return unwrap(next(part for part in get_args(annotation) if part is not types.NoneType))
    if get_origin(annotation) is Annotated:
        inner, *rest = get_args(annotation)
        base, metadata = unwrap(inner)
        return base, (*metadata, *rest)
    return annotation, metadata


def _flat(metadata: Iterable[Any]) -> Iterable[BaseMetadata]:
    for item in metadata:
        if isinstance(item, GroupedMetadata):
            yield from _flat(item)
        elif isinstance(item, BaseMetadata):
            yield item


def _bounds(metadata: Iterable[Any]) -> tuple[str, ...]:
    words = []
    for bound in _flat(metadata):
        match bound:
            case Ge(ge=value):
                words.append(f"of at least {_short(value)}")
            case Gt(gt=value):
                words.append(f"above {_short(value)}")
            case Le(le=value):
                words.append(f"at most {_short(value)}")
            case Lt(lt=value):
                words.append(f"below {_short(value)}")
    if len(words) == 2 and words[0].startswith("of at least") and words[1].startswith("at most"):
        return (words[0].replace("of at least", "from") + words[1].replace("at most", " to"),)
    return (" and ".join(words),) if words else ()


def _short(value: Any) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _counts(metadata: Iterable[Any]) -> tuple[str, ...]:
    low = next((item.min_length for item in _flat(metadata) if isinstance(item, MinLen)), None)
    high = next((item.max_length for item in _flat(metadata) if isinstance(item, MaxLen)), None)
    return (f"{low or 0} to {high}",) if high is not None else ()
