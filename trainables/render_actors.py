"""Rendering in parallel Ray actors, shared by every trial of a sweep through the catalogue (catalogue.py).

Blocks that are lost (an actor or a node died, or the catalogue's memory limit was reached) are rendered
again, bit for bit.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ray
from ray.exceptions import ObjectLostError, OwnerDiedError, RayActorError, ReferenceCountingAssertionError

from trainables.catalogue import Catalogue
from trainables.takes import Block, BlockRequest, RenderPlan

if TYPE_CHECKING:
    from trainables.corpus import Corpus

LOST = (ObjectLostError, OwnerDiedError, RayActorError, ReferenceCountingAssertionError)
RENDER_RESOURCE = "render"  # a node that offers it is meant for rendering


class RenderActor:
    """A BlockRenderer in a process of its own; it fetches the corpus itself, so that it can start again wherever it died.

    Ray imports this module wherever a handle of the actor goes. So torch comes in only here, where blocks are made.
    """

    def __init__(self, corpus: tuple[Any], plan: RenderPlan) -> None:
        from trainables.blocks import BlockRenderer

        self.renderer = BlockRenderer(ray.get(corpus[0]), plan)

    def render(self, request: BlockRequest) -> Block:
        return self.renderer.render(request)


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
