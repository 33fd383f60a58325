"""How much rendering a sweep asked for and how much of it was shared, read from the catalogue now and then."""

from __future__ import annotations

import time
from typing import Any

import ray

from trainables.rendering.render_counts import RenderCounts
from trainables.rendering.takes import Rejection

POLL_SECONDS = 2.0


class TakesMeter:
    """The latest counts; `poll` never waits. A catalogue that died and came back begins at 0, and is added to its forerunner.

    Args:
        before: what earlier drivers of the sweep counted.
    """

    def __init__(self, catalogue: Any, before: RenderCounts | None = None) -> None:
        self.catalogue, self.before, self.latest = catalogue, before or RenderCounts(), RenderCounts()
        self.asked_at, self.answer = 0.0, None

    @property
    def counts(self) -> RenderCounts:
        return self.before + self.latest

    def poll(self) -> None:
        if self.answer is not None and ray.wait([self.answer], timeout=0)[0]:
            self._read(self.answer)
        if self.answer is None and time.monotonic() - self.asked_at >= POLL_SECONDS:
            self.asked_at, self.answer = time.monotonic(), self.catalogue.counts.remote()

    def final(self, timeout_seconds: float = 10.0) -> RenderCounts:
        """The counts at the end."""
        answer = self.catalogue.counts.remote()
        if ray.wait([answer], timeout=timeout_seconds)[0]:
            self._read(answer)
        return self.counts

    def rejections(self, timeout_seconds: float = 10.0) -> tuple[Rejection, ...]:
        """The takes that were replaced; none if the catalogue does not answer."""
        answer = self.catalogue.rejections.remote()
        try:
            rejected: tuple[Rejection, ...] = ray.get(answer, timeout=timeout_seconds)
        except ray.exceptions.RayError:
            return ()
        return rejected

    def line(self) -> str:
        """`1440 takes rendered, 9280 shared`; nothing before the first take."""
        counts = self.counts
        if not counts.asked_takes:
            return ""
        rejected = f", {counts.rejected_takes} replaced" if counts.rejected_takes else ""
        return f"{counts.rendered_takes} takes rendered, {counts.shared_takes} shared{rejected}"

    def _read(self, answer: Any) -> None:
        self.answer = None
        try:
            read: RenderCounts = ray.get(answer)
        except ray.exceptions.RayError:  # the catalogue is starting again: the older counts stand
            return
        if read.catalogue_id != self.latest.catalogue_id:
            self.before = self.counts
        self.latest = read
