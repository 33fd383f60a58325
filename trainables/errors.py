"""Mistakes in what a user handed over: the value, the rule it breaks, and the remedy."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class InputError(ValueError):
    """A user's mistake, told in one short paragraph.

    Args:
        value: what was given, as the user would recognise it.
        rule: what must hold.
        remedy: what to do about it.
    """

    def __init__(self, value: str, rule: str, remedy: str) -> None:
        self.value, self.rule, self.remedy = value, rule, remedy
        super().__init__(f"{value}: {rule} {remedy}".strip())

    def __reduce__(self) -> tuple[type[InputError], tuple[str, str, str]]:
        return type(self), (self.value, self.rule, self.remedy)


class TakeFailed(Exception):
    """A plugin that failed while it rendered; nobody's mistake, and perhaps not so the next time.

    Args:
        kind: one word or two, for counting: "hung", "crashed".
        detail: a sentence that names the plugin.
    """

    def __init__(self, kind: str, detail: str) -> None:
        self.kind, self.detail = kind, detail
        super().__init__(f"{kind}: {detail}")

    def __reduce__(self) -> tuple[type[TakeFailed], tuple[str, str]]:
        return type(self), (self.kind, self.detail)


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that names the valid name most like `name`, or all of them."""
    choices = sorted(known)
    if not choices:
        return "There are none yet."
    close = get_close_matches(name, choices, n=1, cutoff=0.5)
    if close:
        return f"Did you mean '{close[0]}'? Valid: {', '.join(choices)}."
    return f"Valid: {', '.join(choices)}."
