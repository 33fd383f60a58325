"""The catalogue of rendered blocks: a block's identity -> an object in Ray's object store.

One render for each identity, however many trials ask at once. Run as a Ray actor; it imports neither torch nor
ray and never looks into a block, so its process stays small and its answers quick.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from trainables.takes import BlockRequest, RenderPlan, block_bytes, block_identity


@dataclass(frozen=True)
class Counts:
    """What the catalogue did: takes asked for by trials, takes rendered, and their difference, shared."""

    asked_takes: int
    rendered_takes: int
    blocks: int
    megabytes: float

    @property
    def shared_takes(self) -> int:
        return max(0, self.asked_takes - self.rendered_takes)


class Catalogue:
    """Block identity -> object in the store, least recently used dropped beyond `capacity_bytes`. A Ray actor."""

    def __init__(self, renderers: Sequence[Any], plan: RenderPlan, capacity_bytes: int) -> None:
        self.renderers, self.plan, self.capacity_bytes = tuple(renderers), plan, capacity_bytes
        self.refs: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self.held_bytes = self.asked_takes = self.rendered_takes = self.next_renderer = 0

    def get(self, requests: Sequence[BlockRequest]) -> list[Any]:
        """One object reference for each request; rendering starts at once where a block is not there yet."""
        self.asked_takes += sum(request.items for request in requests)
        return [self._ref(request) for request in requests]

    def prefetch(self, requests: Sequence[BlockRequest]) -> None:
        """Starts rendering what will be asked for soon."""
        for request in requests:
            self._ref(request)

    def forget(self, requests: Sequence[BlockRequest]) -> None:
        """Drops blocks whose objects were found lost, so that the next `get` renders them again."""
        for request in requests:
            _, size = self.refs.pop(block_identity(self.plan, request), (None, 0))
            self.held_bytes -= size

    def counts(self) -> Counts:
        return Counts(self.asked_takes, self.rendered_takes, len(self.refs), self.held_bytes / 2**20)

    def _ref(self, request: BlockRequest) -> Any:
        identity = block_identity(self.plan, request)
        if identity not in self.refs:
            self.refs[identity] = self._start_render(request), block_bytes(self.plan, request)
            self.held_bytes += self.refs[identity][1]
            self._drop_oldest()
        self.refs.move_to_end(identity)
        return self.refs[identity][0]

    def _start_render(self, request: BlockRequest) -> Any:
        renderer = self.renderers[self.next_renderer % len(self.renderers)]
        self.next_renderer += 1
        self.rendered_takes += request.items
        return renderer.render.remote(request)

    def _drop_oldest(self) -> None:
        while self.held_bytes > self.capacity_bytes and len(self.refs) > 1:
            _, (_, size) = self.refs.popitem(last=False)
            self.held_bytes -= size
