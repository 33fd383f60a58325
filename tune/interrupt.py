"""Ctrl-C and SIGTERM: the tracking server hears of the end first, then everything else is put away.

`ray job stop` gives a driver three seconds between SIGTERM and SIGKILL.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupted(BaseException):
    """Raised in the main thread by the first signal. Not an Exception, so that no library swallows it."""


@contextmanager
def on_interrupt(first_aid: Callable[[], object]) -> Iterator[None]:
    """Within the block, the first SIGINT or SIGTERM calls `first_aid` and raises Interrupted; later ones are ignored."""

    def handle(number: int, frame: FrameType | None) -> None:
        for ignored in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ignored, signal.SIG_IGN)
        try:
            first_aid()
        finally:  # whatever came of it
            raise Interrupted(signal.Signals(number).name)

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
