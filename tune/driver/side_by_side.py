"""Tasks at once, for as long as there is time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress


def all_within(tasks: Sequence[Callable[[], object]], seconds: float) -> None:
    """Runs the tasks in eight threads that nobody waits for longer than that; their errors don't matter."""
    waiting, deadline = list(reversed(tasks)), time.monotonic() + seconds

    def work() -> None:
        while waiting:
            with suppress(Exception):
                waiting.pop()()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(8, len(tasks)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
