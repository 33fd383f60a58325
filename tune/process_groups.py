"""Child processes that a signal to our own process group does not reach."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def children_in_groups_of_their_own() -> Iterator[None]:
    """Within the block, `subprocess` starts every process as the head of a group of its own.

    Who ends a program by its process group (a batch system, a terminal) would end its helpers at the same instant, which it
    needs for putting things away in order.
    """
    start = subprocess.Popen.__init__

    def start_in_group(self: subprocess.Popen[Any], *arguments: Any, **options: Any) -> None:
        start(self, *arguments, **{"process_group": 0, **options})

    subprocess.Popen.__init__ = start_in_group  # type: ignore[method-assign]
    try:
        yield
    finally:
        subprocess.Popen.__init__ = start  # type: ignore[method-assign]
