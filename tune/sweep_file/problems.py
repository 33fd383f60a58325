"""What is wrong with a sweep file, as values, and how it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tune.errors import InvalidInput

KeyPath = tuple[str | int, ...]
SHOWN = 5
OVERRIDDEN = 0  # stands for a line number where a value came from the command line


@dataclass(frozen=True)
class Problem:
    """One mistake.

    Attributes:
        path: the keys that lead to it.
        value: what was given, as the user would recognise it.
        rule: a sentence: what must hold.
        remedy: a sentence: what to do about it.
    """

    path: KeyPath
    value: str
    rule: str
    remedy: str


@dataclass(frozen=True)
class Origin:
    """Where values come from: the file's name and the line of each key path (OVERRIDDEN: the command line)."""

    name: str
    lines: Mapping[KeyPath, int]

    def place(self, path: KeyPath) -> str:
        """The file and line of a key, or of the nearest section around it that the file has."""
        for length in range(len(path), 0, -1):
            line = self.lines.get(path[:length])
            if line is not None:
                return f"{self.name}, overridden" if line == OVERRIDDEN else f"{self.name}, line {line}"
        return self.name


def dotted(path: KeyPath) -> str:
    """("model", "widths", 1) is written model.widths[1]."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}"
    return text.removeprefix(".")


def refusal(problems: Sequence[Problem], origin: Origin) -> InvalidInput:
    """The error for a user: the first few problems in the order of the file, a line each."""
    told = [_sentence(problem, origin) for problem in sorted(problems, key=lambda problem: _line(problem, origin))]
    if len(told) > SHOWN:
        told[SHOWN:] = [f"... and {len(told) - SHOWN} more."]
    return InvalidInput("\n".join(told))


def _line(problem: Problem, origin: Origin) -> int:
    known = (origin.lines.get(problem.path[:length]) for length in range(len(problem.path), 0, -1))
    return next((line for line in known if line is not None), OVERRIDDEN)


def _sentence(problem: Problem, origin: Origin) -> str:
    given = " = ".join(part for part in (dotted(problem.path), problem.value) if part)
    return ": ".join(part for part in (origin.place(problem.path), given) if part) + f": {problem.rule} {problem.remedy}"
