"""Which rendered blocks are kept: those used last, within a budget of bytes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Kept:
    """A block in the object store.

    Attributes:
        ref: the reference that keeps it there.
        size_bytes: what it takes.
        asked: whether a trial has asked for it, or it was only rendered ahead.
    """

    ref: Any
    size_bytes: int
    asked: bool


class Shelf:
    """Identity -> Kept. Beyond `capacity_bytes` the least recently used is dropped, but never the last one left."""

    def __init__(self, capacity_bytes: int) -> None:
        self.capacity_bytes = capacity_bytes
        self.kept: OrderedDict[str, Kept] = OrderedDict()
        self.held_bytes = self.ahead_bytes = 0

    def __len__(self) -> int:
        return len(self.kept)

    def __contains__(self, identity: str) -> bool:
        return identity in self.kept

    def take(self, identity: str) -> Any:
        """The reference of a block that a trial asks for, which makes it the last to be dropped."""
        block = self.kept[identity]
        self.ahead_bytes -= 0 if block.asked else block.size_bytes
        self.kept[identity] = replace(block, asked=True)
        self.kept.move_to_end(identity)
        return block.ref

    def put(self, identity: str, block: Kept) -> int:
        """Keeps a block; returns how many others had to go."""
        self.drop(identity)
        self.kept[identity] = block
        self.held_bytes += block.size_bytes
        self.ahead_bytes += 0 if block.asked else block.size_bytes
        return self._make_room()

    def drop(self, identity: str) -> None:
        """Forgets a block, if it is there."""
        if block := self.kept.pop(identity, None):
            self.held_bytes -= block.size_bytes
            self.ahead_bytes -= 0 if block.asked else block.size_bytes

    def _make_room(self) -> int:
        before = len(self.kept)
        while self.held_bytes > self.capacity_bytes and len(self.kept) > 1:
            self.drop(next(iter(self.kept)))
        return before - len(self.kept)
