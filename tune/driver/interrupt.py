"""Ctrl-C and SIGTERM: the tracking server hears of the end first, then everything else is put away.

`ray job stop` gives a driver three seconds between SIGTERM and SIGKILL, unless it has RAY_JOB_STOP_WAIT_TIME_S.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from tune.errors import Stopped


@contextmanager
def stoppable(name: str) -> Iterator[None]:
    """For the time before a search has its own first aid: a signal is told as an exception, so that what is open is closed.

    Raises:
        Stopped: there was one.
    """
    try:
        with on_interrupt(lambda: None):
            yield
    except Interrupted as signal_name:
        raise Stopped(f"sweep {name}: stopped by {signal_name} before its first trial.") from None


class Interrupted(BaseException):
    """Raised in the main thread by the first signal. Not an Exception, so that no library swallows it."""


@contextmanager
def on_interrupt(first_aid: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Within the block, the first SIGINT or SIGTERM calls `first_aid` and raises Interrupted; later ones are ignored.

    An exception raised out of a handler can be lost, or turned into another, by compiled code that happened to
    run. So whatever ends the block after a signal counts as Interrupted, and a loop may ask by calling what is yielded.
    """
    received: list[str] = []

    def handle(number: int, frame: FrameType | None) -> None:
        for ignored in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ignored, signal.SIG_IGN)
        received.append(signal.Signals(number).name)
        try:
            first_aid()
        finally:  # whatever came of it
            raise Interrupted(received[0])

    def check() -> None:
        if received:
            raise Interrupted(received[0])

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield check
        check()
    except BaseException:
        check()
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
