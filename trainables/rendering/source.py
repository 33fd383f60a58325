"""Where the training gets its rendered blocks, and where its time goes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from trainables.rendering.schedule import Portion, timbre_request
from trainables.rendering.takes import Block, BlockRequest, Probed, Probes
from trainables.training.batches import Examples, examples, with_timbre


class Source(Protocol):
    """Where rendered blocks come from."""

    def blocks(self, requests: Sequence[BlockRequest]) -> list[Block]:
        """The block of each request, in order; waits for those not rendered yet."""
        ...

    def prefetch(self, requests: Sequence[BlockRequest]) -> None:
        """Start rendering these; they will be asked for soon."""
        ...


class ProbingSource(Source, Protocol):
    """One that also renders takes at other settings."""

    def probe(self, requests: Sequence[Probes]) -> list[Probed]:
        """What each asks for, in order."""
        ...


def fetch(source: Source, portions: Sequence[Portion], timbre: bool = False) -> Examples:
    """The items of these portions, with their timbre if it is wanted."""
    requests = [portion.request for portion in portions]
    if not timbre:
        return examples(source.blocks(requests), portions)
    blocks = source.blocks([*requests, *map(timbre_request, requests)])
    shown, heard = blocks[: len(portions)], blocks[len(portions) :]
    return with_timbre(examples(shown, portions), shown, heard, portions)


class Stopwatch:
    """Seconds of wall time spent on each of a few things: `with watch("train"): ...` adds to it."""

    def __init__(self) -> None:
        self.seconds = {"render_wait": 0.0, "train": 0.0, "validate": 0.0, "evaluate": 0.0}

    def work_seconds(self) -> float:
        """What was not waiting for others to render."""
        return sum(self.seconds.values()) - self.seconds["render_wait"]

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - start
