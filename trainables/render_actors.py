"""Rendering in parallel Ray actors, shared by every trial of a sweep.

The catalogue maps a block's identity to an object in Ray's object store: one render for each
identity, however many trials ask at once. Blocks that are lost (an actor or a node died, or
the catalogue's memory limit was reached) are rendered again, bit for bit.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import ObjectLostError, OwnerDiedError, RayActorError, ReferenceCountingAssertionError

from trainables.corpus import Corpus
from trainables.rendering import BlockRenderer, block_bytes
from trainables.takes import Block, BlockRequest, RenderPlan, block_identity

LOST = (ObjectLostError, OwnerDiedError, RayActorError, ReferenceCountingAssertionError)
RENDER_RESOURCE = "render"  # a node that offers it is meant for rendering


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


class RenderActor(BlockRenderer):
    """A BlockRenderer that fetches the corpus itself, so that it can start again wherever it died."""

    def __init__(self, corpus: tuple[Any], plan: RenderPlan) -> None:
        super().__init__(ray.get(corpus[0]), plan)


@dataclass(frozen=True)
class Rendering:
    """The running actors; the corpus stays in the object store as long as somebody holds this."""

    catalogue: Any
    renderers: tuple[Any, ...]
    corpus: Any


def start_rendering(corpus: Corpus, plan: RenderPlan, actors: int) -> Rendering:
    """Starts `actors` render actors and the catalogue.

    They hold no CPU reservation: they work in bursts between the trials' epochs. On a cluster with
    nodes that offer the resource `render`, each takes one unit of it.
    """
    resources = {RENDER_RESOURCE: 1} if ray.cluster_resources().get(RENDER_RESOURCE, 0) >= actors else {}
    restarts: dict[str, Any] = {"num_cpus": 0, "max_restarts": -1}
    corpus_ref = ray.put(corpus)
    renderer = ray.remote(RenderActor).options(**restarts, max_task_retries=3, resources=resources)
    renderers = tuple(renderer.remote((corpus_ref,), plan) for _ in range(actors))
    capacity_bytes = int(0.4 * ray.cluster_resources().get("object_store_memory", 2**31))
    catalogue = ray.remote(Catalogue).options(**restarts, max_task_retries=-1)
    return Rendering(catalogue.remote(renderers, plan, capacity_bytes), renderers, corpus_ref)


class CatalogueSource:
    """A trial's view of the catalogue: a `training.Source`."""

    def __init__(self, catalogue: Any, attempts: int = 5) -> None:
        self.catalogue, self.attempts = catalogue, attempts

    def blocks(self, requests: Sequence[BlockRequest]) -> list[Block]:
        for attempt in range(self.attempts):
            try:
                return list(ray.get(ray.get(self.catalogue.get.remote(list(requests)))))
            except LOST:
                if attempt == self.attempts - 1:
                    raise
                time.sleep(attempt)
                self.catalogue.forget.remote(list(requests))
        raise AssertionError("unreachable")

    def prefetch(self, requests: Sequence[BlockRequest]) -> None:
        self.catalogue.prefetch.remote(list(requests))
