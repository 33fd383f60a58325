"""Which rendered blocks are kept: those used last, within a budget of bytes."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

AHEAD_SECONDS = 600.0  # what nobody asks for so long was rendered ahead for a trial that has ended


@dataclass(frozen=True)
class Kept:
    """A block in the object store.

    Attributes:
        ref: the reference that keeps it there.
        size_bytes: what it takes.
        asked: whether a trial had asked for it when it came, or it was rendered ahead.
    """

    ref: Any
    size_bytes: int
    asked: bool


class Shelf:
    """Identity -> Kept. Beyond `capacity_bytes` the least recently used is dropped, but never the last one left."""

    def __init__(self, capacity_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.capacity_bytes, self.clock = capacity_bytes, clock
        self.kept: OrderedDict[str, Kept] = OrderedDict()
        self.ahead: OrderedDict[str, float] = OrderedDict()  # when those that no trial has asked for yet were put here
        self.held_bytes = 0

    def __len__(self) -> int:
        return len(self.kept)

    def __contains__(self, identity: str) -> bool:
        return identity in self.kept

    @property
    def ahead_bytes(self) -> int:
        """Of blocks that were rendered ahead and are still waited for."""
        while self.ahead and self.clock() - next(iter(self.ahead.values())) > AHEAD_SECONDS:
            self.ahead.popitem(last=False)
        return sum(self.kept[identity].size_bytes for identity in self.ahead)

    def take(self, identity: str) -> Any:
        """The reference of a block that a trial asks for, which makes it the last to be dropped."""
        block = self.kept[identity]
        self.ahead.pop(identity, None)
        self.kept.move_to_end(identity)
        return block.ref

    def put(self, identity: str, block: Kept) -> int:
        """Keeps a block; returns how many others had to go."""
        self.drop(identity)
        self.kept[identity] = block
        if not block.asked:
            self.ahead[identity] = self.clock()
        self.held_bytes += block.size_bytes
        return self._make_room()

    def drop(self, identity: str) -> None:
        """Forgets a block, if it is there."""
        if block := self.kept.pop(identity, None):
            self.held_bytes -= block.size_bytes
            self.ahead.pop(identity, None)

    def _make_room(self) -> int:
        before = len(self.kept)
        while self.held_bytes > self.capacity_bytes and len(self.kept) > 1:
            self.drop(next(iter(self.kept)))
        return before - len(self.kept)
