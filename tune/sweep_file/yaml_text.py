"""YAML text to plain values with the line of every key: the core scalars of YAML 1.2, and nothing that surprises.

PyYAML follows YAML 1.1, where `1e-7` is text, `no` is false, `010` is eight and `1:30` is ninety. Here numbers
are decimal, `1e-7` is a number, only `true` and `false` are truth values, and anchors, tags and repeated keys are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tune.sweep_file.problems import KeyPath, Origin, Problem, refusal

MOST_DIGITS = 300  # longer whole numbers are read as infinite
_BEGIN = "Begin with `name: my-sweep`."
_PREFIX = "tag:yaml.org,2002:"
_PATTERNS = {
    "null": r"^(?:~|null|)$",
    "bool": r"^(?:true|True|false|False)$",
    "int": r"^[-+]?[0-9]+(?:_[0-9]+)*$",
    "float": r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)$",
}


class _Loader(yaml.SafeLoader):
    """Composes nodes only; values are made by `_value`."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 (PyYAML's own attribute)

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="An alias (*name) is not allowed", problem_mark=self.get_mark())
        return super().compose_node(parent, index)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that a YAML 1.1 or 1.2 reader would take for something else."""


for _tag, _pattern in _PATTERNS.items():
    _Loader.add_implicit_resolver(_PREFIX + _tag, re.compile(_pattern), None)
    _Dumper.add_implicit_resolver(_PREFIX + _tag, re.compile(_pattern), None)


@dataclass(frozen=True)
class Document:
    """The values of a file, and where each stands."""

    values: dict[str, Any]
    origin: Origin


def read_document(text: str, name: str) -> Document:
    """Reads one YAML mapping.

    Args:
        text: the file's text.
        name: the file's name, for messages.

    Raises:
        InvalidInput: on YAML that cannot be read, repeated keys, or anything but one mapping.
    """
    root = _compose(text, name)
    lines: dict[KeyPath, int] = {}
    problems: list[Problem] = []
    values = None if root is None else _value(root, (), lines, problems)
    origin = Origin(name, lines)
    if values is None and not problems:
        problems.append(Problem((), "nothing", "A sweep file must not be empty.", _BEGIN))
    elif not isinstance(values, dict):
        problems.append(Problem((), repr(values)[:60], "A sweep file must be a mapping of keys to values.", _BEGIN))
    if problems or not isinstance(values, dict):
        raise refusal(problems, origin)
    return Document(values, origin)


def read_value(text: str) -> Any:
    """A single value as it would be read from a sweep file, e.g. `3`, `1e-7`, `[1, 2]`; InvalidInput if it is no YAML."""
    root = _compose(text, "value")
    problems: list[Problem] = []
    value = None if root is None else _value(root, (), {}, problems)
    if problems:
        raise refusal(problems, Origin(text, {}))
    return value


def document_text(values: Mapping[str, Any]) -> str:
    """YAML that `read_document` reads back to equal values."""
    return yaml.dump(dict(values), Dumper=_Dumper, sort_keys=False, allow_unicode=True)


def write_document(path: Path, values: Mapping[str, Any]) -> None:
    """The same as a file, in one step: a reader sees the old one or the new one."""
    partial = path.with_suffix(".partial")
    partial.write_text(document_text(values), encoding="utf-8")
    partial.replace(path)


def _compose(text: str, name: str) -> yaml.Node | None:
    try:
        return _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        place = f"{name}, line {error.problem_mark.line + 1}" if error.problem_mark else name
        problem = Problem((), str(error.problem), "This is not YAML that can be read.", "Check indentation, quotes and brackets.")
    except RecursionError:
        place = name
        problem = Problem((), "brackets", "They are nested too deeply.", "A sweep file needs four levels.")
    except yaml.YAMLError as error:
        place = name
        problem = Problem((), str(error).splitlines()[0], "This is not text that YAML allows.", "Save it as UTF-8 text.")
    raise refusal([problem], Origin(place, {})) from None


def _value(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int], problems: list[Problem]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines, problems)
    if isinstance(node, yaml.SequenceNode):
        return [_value(child, (*path, index), lines, problems) for index, child in enumerate(node.value)]
    return _scalar(node, path, problems)


def _mapping(node: yaml.MappingNode, path: KeyPath, lines: dict[KeyPath, int], problems: list[Problem]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key, line = str(key_node.value), key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            rule = f"A key must be a word (line {line})."
            problems.append(Problem(path, "a list or mapping as a key", rule, "Write it as text."))
        elif key in values:
            rule = f"Each key may be given once: it is there on line {lines[(*path, key)]} and on line {line}."
            problems.append(Problem((*path, key), "given twice", rule, "Remove one of the two."))
        else:
            lines[(*path, key)] = line
            values[key] = _value(value_node, (*path, key), lines, problems)
    return values


def _scalar(node: yaml.Node, path: KeyPath, problems: list[Problem]) -> Any:
    text = str(node.value)
    match node.tag.removeprefix(_PREFIX):
        case "str":
            return text
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return int(text) if len(text) < MOST_DIGITS else float(text)
        case "float":
            return float(text.replace(".inf", "inf").replace(".nan", "nan"))
    problems.append(Problem(path, f"{node.tag} {text}", "Tags are not allowed.", "Write the plain value."))
    return None
