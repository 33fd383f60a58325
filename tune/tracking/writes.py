"""An ordered queue of writes to a service that may be slow or down: the caller never waits and never fails.

One background thread makes the writes in the order in which they were asked for. While the service is out of
reach the first write is tried again with growing pauses; what could not be written is counted, never raised.

Between writes the thread rests, for a multiple of the time that it kept the processor from the caller: they share one
interpreter lock. Nobody rests while somebody waits for the queue, or while it is long.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

RESTS = 4.0  # times what a write took of the processor
LONG_QUEUE = 1000  # writes that wait, from which on there is no rest


@dataclass(frozen=True)
class WriteCounts:
    """What became of the writes so far; `last_error` is one line, empty when nothing failed or is failing."""

    written: int
    failed: int
    pending: int
    last_error: str

    @property
    def missing(self) -> int:
        """What is not there, or may not be."""
        return self.failed + self.pending


@dataclass(frozen=True)
class Patience:
    """How long one write is tried: pauses double from `first_pause_seconds`, up to `longest_pause_seconds`."""

    total_seconds: float = 300.0
    first_pause_seconds: float = 0.2
    longest_pause_seconds: float = 10.0


class WriteQueue:
    """Writes in order, in one background thread.

    Args:
        is_hopeless: whether an error will be the same next time (then the write isn't tried again).
        patience: how long a write is tried. After one was given up the next ones are tried once, until one succeeds.
        most_pending: writes beyond these are counted as failed at once, so that an outage can't fill the memory.
    """

    def __init__(
        self, is_hopeless: Callable[[Exception], bool], patience: Patience | None = None, most_pending: int = 100_000
    ) -> None:
        self._is_hopeless, self._patience, self._most_pending = is_hopeless, patience or Patience(), most_pending
        self._writes: deque[Callable[[], object]] = deque()
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._busy, self._reachable, self._waiting = False, True, 0
        self._failing_since: float | None = None  # when the first of the tries began that have failed in a row
        self._written, self._failed, self._last_error, self._present_error = 0, 0, "", ""
        self._thread = threading.Thread(target=self._work, name="tracking-writes", daemon=True)
        self._thread.start()

    def put(self, write: Callable[[], object]) -> None:
        """Asks for a write; returns at once. After `stop` it is counted as failed."""
        with self._changed:
            if self._stopped.is_set():
                self._count_failure("the writing had been stopped")
                return
            if len(self._writes) >= self._most_pending:
                self._count_failure(f"more than {self._most_pending} writes were waiting")
                return
            self._writes.append(write)
            self._changed.notify_all()

    def flush(self, timeout_seconds: float, stalled_seconds: float = math.inf) -> bool:
        """Waits until all was written or given up (after `stop`: until the last write is over); False if that took longer.

        Args:
            stalled_seconds: a service that has answered nothing for so long isn't waited for any more.
        """
        deadline = time.monotonic() + timeout_seconds
        with self._changed, self._waited_for():
            while not self._idle():
                failing_since = self._failing_since
                end = deadline if failing_since is None else min(deadline, failing_since + stalled_seconds)
                if (left_seconds := end - time.monotonic()) <= 0.0:
                    return False
                self._changed.wait(left_seconds)
            return True

    def stop(self) -> None:
        """Ends the thread after the write that it is making; what is still pending stays pending for ever."""
        with self._changed:
            self._stopped.set()
            self._changed.notify_all()

    def counts(self) -> WriteCounts:
        with self._changed:
            error = self._present_error or self._last_error
            return WriteCounts(self._written, self._failed, len(self._writes) + self._busy, error)

    def _idle(self) -> bool:
        return not self._busy and (not self._writes or self._stopped.is_set())

    @contextmanager
    def _waited_for(self) -> Iterator[None]:
        """Somebody waits for the queue: call it with the lock."""
        self._waiting += 1
        self._changed.notify_all()
        try:
            yield
        finally:
            self._waiting -= 1

    def _work(self) -> None:
        while (write := self._next()) is not None:
            begun = time.thread_time()
            error = self._try(write)
            with self._changed:
                self._busy = False
                if error is None:
                    self._written += 1
                else:
                    self._count_failure(_one_line(error))
                self._changed.notify_all()
                self._changed.wait_for(self._is_needed, timeout=RESTS * (time.thread_time() - begun))

    def _is_needed(self) -> bool:
        return self._waiting > 0 or self._stopped.is_set() or len(self._writes) > LONG_QUEUE

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            self._changed.wait_for(lambda: bool(self._writes) or self._stopped.is_set())
            if self._stopped.is_set():
                return None
            self._busy = True
            return self._writes.popleft()

    def _try(self, write: Callable[[], object]) -> Exception | None:
        give_up_at = time.monotonic() + (self._patience.total_seconds if self._reachable else 0.0)
        pause_seconds = self._patience.first_pause_seconds
        while True:
            begun = time.monotonic()
            try:
                write()
            except Exception as error:  # whatever the service answers, the sweep goes on
                if self._is_hopeless(error):
                    self._note_answer()
                    return error
                self._note_failure(begun, error)
                if self._stopped.is_set() or time.monotonic() >= give_up_at:
                    self._reachable = False
                    return error
            else:
                self._reachable = True
                self._note_answer()
                return None
            self._stopped.wait(pause_seconds)
            pause_seconds = min(2 * pause_seconds, self._patience.longest_pause_seconds)

    def _note_answer(self) -> None:
        with self._changed:
            self._failing_since, self._present_error = None, ""

    def _note_failure(self, begun: float, error: Exception) -> None:
        with self._changed:
            self._present_error = _one_line(error)
            self._failing_since = begun if self._failing_since is None else self._failing_since
            self._changed.notify_all()  # who flushes may have waited long enough

    def _count_failure(self, error: str) -> None:
        self._failed += 1
        self._last_error = error


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".strip().splitlines()[0]
