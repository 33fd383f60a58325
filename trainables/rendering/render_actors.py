"""Rendering in parallel Ray actors, shared by every trial of a sweep through the catalogue (catalogue.py).

Blocks that are lost (an actor or a node died, or the catalogue's memory limit was reached) are rendered
again, bit for bit.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from typing import TYPE_CHECKING, Any

import ray
from ray.exceptions import (
    ActorUnavailableError,
    ObjectLostError,
    OwnerDiedError,
    RayActorError,
    RayTaskError,
    ReferenceCountingAssertionError,
)
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from trainables.corpus.corpus import Corpus
from trainables.rendering.audio_shelf import shipped
from trainables.rendering.catalogue import Catalogue, Receipt, RendererAway, RendererGone
from trainables.rendering.parcels import Parcel, pack, unpack
from trainables.rendering.takes import Block, BlockRequest, Probed, Probes, RenderPlan, Request

if TYPE_CHECKING:
    from trainables.rendering.blocks import BlockRenderer

LOST = (ObjectLostError, OwnerDiedError, RayActorError, ReferenceCountingAssertionError)
RENDER_RESOURCE = "render"  # a node that offers it is meant for rendering
SOME_MEMORY = {"memory": 2**20}  # Ray places an actor that asks for nothing anywhere, whatever its strategy says
MOST_FAILED_STARTS = 5  # an actor that could not load its effects so often never will
STORE_SHARE = 0.4  # of the object store may hold rendered blocks


class RenderActor:
    """A BlockRenderer in a process of its own; it fetches the corpus itself, so that it can start again wherever it died.

    Ray imports this module wherever a handle of the actor goes. So torch comes in only here, where blocks are made.
    """

    def __init__(self, corpus: tuple[Any], plan: RenderPlan) -> None:
        self.corpus, self.plan = corpus, plan
        self.renderers: dict[bool, BlockRenderer] = {}  # by whether they are careful
        self.failed_starts = 0
        with suppress(RendererAway, RendererGone):  # `ready` tells
            self.ready()

    def ready(self) -> None:
        """Loads the plan's effects, if that has not succeeded yet.

        Raises:
            RendererAway: one could not be loaded; the reason may pass. RendererGone: it did not.
        """
        try:
            self._renderer(careful=False)
        except Exception as error:
            self.failed_starts += 1
            kind = RendererGone if self.failed_starts >= MOST_FAILED_STARTS else RendererAway
            raise kind(str(error)) from None

    def render(self, requests: Sequence[Request], careful: bool) -> tuple[Any, ...]:
        """The receipts of all, or what is wrong with one, as one object; then every parcel, or array of probes, as its own."""
        receipts, parcels = zip(*[self._rendered(request, careful) for request in requests], strict=True)
        return receipts, *parcels

    def _rendered(self, request: Request, careful: bool) -> tuple[Receipt | Exception, Parcel | Probed | None]:
        try:
            return self._probe(request, careful) if isinstance(request, Probes) else self._render(request, careful)
        except Exception as error:
            return error, None

    def _render(self, request: BlockRequest, careful: bool) -> tuple[Receipt, Parcel]:
        from trainables.rendering.blocks import fingerprint

        start = time.perf_counter()
        block = self._renderer(careful).render(request)
        size_bytes = block.dry.nbytes + block.wet.nbytes
        seconds = time.perf_counter() - start
        return Receipt(size_bytes, seconds, fingerprint(block), block.rejected, block.unmeasured), pack(block)

    def _probe(self, probes: Probes, careful: bool) -> tuple[Receipt, Probed]:
        start = time.perf_counter()
        answers = self._renderer(careful).probe(probes)
        return Receipt(answers.nbytes, time.perf_counter() - start, fingerprint=0, rejected=()), answers

    def _renderer(self, careful: bool) -> BlockRenderer:
        from trainables.rendering.blocks import BlockRenderer

        if careful not in self.renderers:
            self.renderers[careful] = BlockRenderer(ray.get(self.corpus[0]), self.plan, careful)
        return self.renderers[careful]


@dataclass(frozen=True)
class RemoteRenderer:
    """A render actor's handle as the catalogue's `Renderer`."""

    actor: Any

    async def ready(self) -> None:
        await self._answer(self.actor.ready.remote())

    async def render(self, requests: Sequence[Request], careful: bool) -> list[tuple[Receipt | Exception, Any]]:
        receipts, *blocks = self.actor.render.options(num_returns=1 + len(requests)).remote(requests, careful)
        return list(zip(await self._answer(receipts), blocks, strict=True))

    async def _answer(self, answer: Any) -> Any:
        try:
            return await answer
        except RayTaskError as error:
            raise error.cause if isinstance(error.cause, RendererAway | RendererGone) else error from None
        except ActorUnavailableError as error:
            raise RendererAway(str(error)) from None
        except RayActorError as error:
            raise _gone_or_away(error) from None


def _gone_or_away(error: RayActorError) -> Exception:
    """An actor that could not even be made stays dead; one that was killed starts again."""
    if error.actor_init_failed:
        return RendererGone(str(error).strip().splitlines()[-1])
    return RendererAway(str(error))


@dataclass(frozen=True)
class Rendering:
    """The running actors; the corpus stays in the object store, and its files to be asked for, as long as somebody holds this."""

    catalogue: Any
    renderers: tuple[Any, ...]
    corpus: Any


def start_rendering(corpus: Corpus, plan: RenderPlan, actors: int, capacity_bytes: int | None = None) -> Rendering:
    """Starts `actors` render actors and the catalogue.

    They reserve no CPU: they work in bursts between the trials' epochs. Where nodes offer the resource `render`
    they run on those, and elsewhere only once those are gone. The catalogue stays where the driver is.

    Args:
        capacity_bytes: of rendered blocks that are kept. Default: 0.4 of the cluster's object store.
    """
    restarts: dict[str, Any] = {"num_cpus": 0, "max_restarts": -1}
    alone = len(_alive()) == 1 and not os.environ.get("RAY_ADDRESS")  # other machines, now or later, may not see its files
    sent, shelf = (corpus, None) if alone else shipped(corpus)
    corpus_ref = ray.put(sent)
    remote = ray.remote(RenderActor)
    renderers = tuple(
        remote.options(**restarts, **SOME_MEMORY, scheduling_strategy=place).remote((corpus_ref,), plan)
        for place in _places(actors)
    )
    store_bytes = ray.cluster_resources().get("object_store_memory", 2**31)
    here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)  # whatever other node is lost
    catalogue = ray.remote(Catalogue).options(**restarts, scheduling_strategy=here, max_task_retries=-1, max_concurrency=1000)
    handles = [RemoteRenderer(renderer) for renderer in renderers]
    most_bytes = capacity_bytes or int(STORE_SHARE * store_bytes)
    return Rendering(catalogue.remote(handles, plan, most_bytes), renderers, (corpus_ref, shelf))


def actors_that_fit(trials_at_once: int) -> int:
    """One for each unit of the resource `render`; without it, one for each trial that runs, and at least two."""
    return int(ray.cluster_resources().get(RENDER_RESOURCE, 0)) or max(2, trials_at_once)


def _places(actors: int) -> list[Any]:
    """A scheduling strategy for each actor: the rendering nodes in turn, or anywhere."""
    nodes = [node["NodeID"] for node in _alive() if node["Resources"].get(RENDER_RESOURCE, 0) > 0]
    strategies = [NodeAffinitySchedulingStrategy(node, soft=True) for node in nodes] or ["DEFAULT"]
    return list(islice(cycle(strategies), actors))


def _alive() -> list[dict[str, Any]]:
    return [node for node in ray.nodes() if node["Alive"]]


class CatalogueSource:
    """A trial's view of the catalogue: a `source.ProbingSource`."""

    def __init__(self, catalogue: Any, attempts: int = 5) -> None:
        self.catalogue, self.attempts = catalogue, attempts

    def blocks(self, requests: Sequence[BlockRequest]) -> list[Block]:
        def ask(again: bool) -> Any:
            if again:
                self.forget(requests)
            return self.catalogue.get.remote(list(requests), again=again)

        return [unpack(parcel) for parcel in self._until_there(ask)]

    def probe(self, requests: Sequence[Probes]) -> list[Probed]:
        """What each asks for, by all render actors at once; what is lost on its way is rendered again."""
        return self._until_there(lambda again: self.catalogue.probe.remote(list(requests)))

    def _until_there(self, ask: Callable[[bool], Any]) -> list[Any]:
        """The objects that an answer of the catalogue refers to; `ask` is told whether it is asked again."""
        for attempt in range(self.attempts):
            try:
                found: list[Any] = ray.get(ray.get(ask(attempt > 0)))
                return found
            except LOST:
                if attempt == self.attempts - 1:
                    raise
                time.sleep(attempt)
        raise AssertionError("unreachable")

    def prefetch(self, requests: Sequence[BlockRequest]) -> None:
        self.catalogue.prefetch.remote(list(requests))

    def forget(self, requests: Sequence[BlockRequest]) -> None:
        """Blocks that are lost, or that nobody will ask for again."""
        self.catalogue.forget.remote(list(requests))
