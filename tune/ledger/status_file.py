"""The status file while a sweep runs: written as often as its writing is cheap."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tune.ledger.status import SweepStatus, write_status

SHARE = 0.05  # of the driver's time that writing may take: the file tells of every trial, so a long sweep's takes its time


class StatusFile:
    """Holds back what comes too soon after the last writing, until it is due.

    Args:
        path: of the file.
        share: of the time, above 0; with 1 everything is written at once.
        clock: seconds; anything that grows.
    """

    def __init__(self, path: Path, share: float = SHARE, clock: Callable[[], float] = time.monotonic) -> None:
        self.path, self.share, self.clock = path, share, clock
        self.held_back: SweepStatus | None = None
        self.due = -float("inf")

    def put(self, status: SweepStatus) -> None:
        """Writes the status, now or when it is due."""
        self.held_back = status
        self.write_due()

    def write_due(self) -> None:
        """Writes what was held back, if it is due; to be called again and again."""
        if self.held_back is not None and self.clock() >= self.due:
            self.write(self.held_back)

    def write(self, status: SweepStatus) -> None:
        """Writes the status now."""
        start, self.held_back = self.clock(), None
        write_status(self.path, status)
        took = self.clock() - start
        self.due = start + took / self.share
