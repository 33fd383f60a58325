"""What a user sees while a folder of recordings is decoded for the first time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tune.driver.console import QUIET_SECONDS, SweepConsole


@contextmanager
def decoding_shown(console: SweepConsole) -> Iterator[Callable[[int, int], None]]:
    """A function to be told how many recordings are ready, and of how many.

    On a terminal the numbers stand in the live line; elsewhere they are printed now and then.
    """
    said_seconds = time.monotonic()

    def progress(ready: int, total: int) -> None:
        nonlocal said_seconds
        if console.live is not None:
            console.live.update(f"decoding recordings: {ready} of {total}")
            console.start()
        elif time.monotonic() - said_seconds >= QUIET_SECONDS:
            said_seconds = time.monotonic()
            console.say(f"decoding recordings: {ready} of {total}")

    try:
        yield progress
    finally:
        console.stop()
