"""How much rendering a sweep asked for and how much of it was shared, read from the catalogue now and then."""

from __future__ import annotations

import time
from typing import Any

import ray

from trainables.catalogue import Counts

POLL_SECONDS = 2.0
NOTHING_YET = Counts(asked_takes=0, rendered_takes=0, blocks=0, megabytes=0.0)


class TakesMeter:
    """The latest counts; `poll` never waits."""

    def __init__(self, catalogue: Any) -> None:
        self.catalogue, self.counts = catalogue, NOTHING_YET
        self.asked_at, self.answer = 0.0, None

    def poll(self) -> None:
        if self.answer is not None and ray.wait([self.answer], timeout=0)[0]:
            self._read(self.answer)
        if self.answer is None and time.monotonic() - self.asked_at >= POLL_SECONDS:
            self.asked_at, self.answer = time.monotonic(), self.catalogue.counts.remote()

    def final(self, timeout_seconds: float = 10.0) -> dict[str, float]:
        """The counts at the end, as metrics of the sweep."""
        answer = self.catalogue.counts.remote()
        if ray.wait([answer], timeout=timeout_seconds)[0]:
            self._read(answer)
        rendered, shared = self.counts.rendered_takes, self.counts.shared_takes
        return {"takes/asked": self.counts.asked_takes, "takes/rendered": rendered, "takes/shared": shared}

    def line(self) -> str:
        """`1440 takes rendered, 9280 shared`; nothing before the first take."""
        if not self.counts.asked_takes:
            return ""
        return f"{self.counts.rendered_takes} takes rendered, {self.counts.shared_takes} shared"

    def _read(self, answer: Any) -> None:
        self.answer = None
        try:
            self.counts = ray.get(answer)
        except ray.exceptions.RayError:  # the catalogue is starting again: the older counts stand
            return
