"""What a user sees while a verb works for a while: which step it is at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

Tell = Callable[[str], None]


def untold(step: str) -> None:
    """Says nothing."""


@contextmanager
def steps_shown(console: Console | None = None) -> Iterator[Tell]:
    """A function to be told each step: in the live line of a terminal, elsewhere as lines.

    On stderr, so that stdout is the answer and nothing else.
    """
    shown = console or Console(stderr=True)
    if not shown.is_terminal:
        yield lambda step: shown.print(f"{step} …", soft_wrap=True, highlight=False, markup=False)
        return
    with shown.status("starting") as live:
        yield lambda step: live.update(f"{step} …")
