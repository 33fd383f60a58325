"""The catalogue of rendered blocks: a block's identity -> an object in Ray's object store.

One render for each identity, however many trials ask at once; at most two calls in flight for each render actor,
so that none waits for work and no queue builds up behind one that is slow. Run as an asynchronous Ray actor; it
never looks into a block, so its process stays small and its answers quick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import uuid4

from trainables.rendering.orders import Order, Orders
from trainables.rendering.render_counts import RenderCounts
from trainables.rendering.shelf import Kept, Shelf
from trainables.rendering.takes import BlockRequest, Probes, Rejection, RenderPlan, Request, block_bytes, block_identity

IN_FLIGHT = 2
AHEAD_SHARE = 0.5  # of the budget of bytes may be rendered ahead and not be read yet
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 5.0
CAREFUL_DEATHS, MOST_DEATHS = 3, 10  # of actors, after which a block is rendered carefully, and no more
MOST_REJECTIONS = 1000


@dataclass(frozen=True)
class Receipt:
    """What a render actor says of a block beside the block itself."""

    size_bytes: int
    seconds: float
    fingerprint: int
    rejected: tuple[Rejection, ...]
    unmeasured: tuple[str, ...] = ()


class RendererAway(Exception):
    """A render actor died, and may come back."""


class RendererGone(Exception):
    """A render actor that will never render; its text is the reason."""


class BlockLost(Exception):
    """A block that cannot be rendered because actors die of it."""


class RenderingLost(Exception):
    """No render actor is left; its text tells why each went."""


class Renderer(Protocol):
    """A render actor as the catalogue sees it."""

    async def ready(self) -> None:
        """Returns once it can render.

        Raises:
            RendererAway, RendererGone: it cannot now, or never will.
        """
        ...

    async def render(self, requests: Sequence[Request], careful: bool) -> list[tuple[Receipt | Exception, Any]]:
        """For each request its receipt, or what is wrong with it, and a reference to what was rendered.

        Args:
            careful: every take in a process of its own, so that one that kills its process is found out and replaced.

        Raises:
            RendererAway: it died with the requests in hand.
        """
        ...


class Catalogue:
    """Answers trials with references to rendered blocks."""

    def __init__(self, renderers: Sequence[Renderer], plan: RenderPlan, capacity_bytes: int) -> None:
        self.renderers, self.plan = tuple(renderers), plan
        self.shelf = Shelf(capacity_bytes)
        self.orders = Orders(self._has_room)
        self.tally = RenderCounts(actors=len(self.renderers), catalogue_id=uuid4().hex)
        self.fingerprints: dict[str, int] = {}
        self.rejected: list[Rejection] = []
        self.lanes: set[asyncio.Task[None]] = set()
        self.in_flight_bytes = 0

    async def get(self, requests: Sequence[BlockRequest], again: bool = False) -> list[Any]:
        """One object reference for each request, once all are rendered.

        Args:
            again: the same was asked before, and the answer was lost.

        Raises:
            InputError: a block cannot be rendered. RenderingLost: nobody is left to do it.
        """
        self.tally = self.tally.plus(asked_takes=0 if again else sum(request.items for request in requests))
        identities = [block_identity(self.plan, request) for request in requests]
        orders = [self._order(i, r, urgent=True) for i, r in zip(identities, requests, strict=True) if i not in self.shelf]
        refs = {identity: self.shelf.take(identity) for identity in identities if identity in self.shelf}
        refs |= {order.identity: await asyncio.shield(order.done) for order in orders}
        for order in orders:
            if order.identity in self.shelf:
                self.shelf.take(order.identity)
        self.orders.recheck()  # what has been read makes room
        return [refs[identity] for identity in identities]

    async def probe(self, requests: Sequence[Probes]) -> list[Any]:
        """One object reference for each request, for the one who asks; nothing of it is kept. Raises what `get` does."""
        orders = [self._order(f"probes {uuid4().hex}", request, urgent=True) for request in requests]
        return [await asyncio.shield(order.done) for order in orders]

    async def prefetch(self, requests: Sequence[BlockRequest]) -> None:
        """Renders what will be asked for soon, as far as there is room."""
        for request in requests:
            identity = block_identity(self.plan, request)
            if identity not in self.shelf:
                self._order(identity, request, urgent=False)

    async def forget(self, requests: Sequence[BlockRequest]) -> None:
        """Drops blocks whose objects were found lost, so that the next `get` renders them again."""
        for request in requests:
            self.shelf.drop(block_identity(self.plan, request))

    async def counts(self) -> RenderCounts:
        return replace(
            self.tally, waiting_blocks=self.orders.waiting(), kept_blocks=len(self.shelf), kept_bytes=self.shelf.held_bytes
        )

    async def rejections(self) -> tuple[Rejection, ...]:
        """The takes that were replaced, the first thousand."""
        return tuple(self.rejected)

    def _order(self, identity: str, request: Request, urgent: bool) -> Order:
        self._start_lanes()
        order = self.orders.place(identity, request, block_bytes(self.plan, request), urgent)
        if not self.tally.actors:
            self.orders.fail_all(self._lost())
        return order

    def _start_lanes(self) -> None:
        if not self.lanes and self.tally.actors:
            self.lanes = {asyncio.create_task(self._serve(renderer)) for renderer in self.renderers}

    async def _serve(self, renderer: Renderer) -> None:
        """All lanes of one actor; ends when it is gone for good."""
        lanes = [asyncio.create_task(self._lane(renderer)) for _ in range(IN_FLIGHT)]
        reasons = [str(reason) for reason in await asyncio.gather(*lanes)]
        refused = tuple(dict.fromkeys((*self.tally.refused, *reasons)))
        self.tally = replace(self.tally, actors=self.tally.actors - 1, refused=refused)
        if not self.tally.actors:
            self.orders.fail_all(self._lost())

    async def _lane(self, renderer: Renderer) -> RendererGone:
        while not (gone := await _until_ready(renderer)):
            await self._serve_while_alive(renderer)
        return gone

    async def _serve_while_alive(self, renderer: Renderer) -> None:
        alive = True
        while alive:
            orders = await self.orders.next(lanes=IN_FLIGHT * self.tally.actors)
            size_bytes = sum(order.size_bytes for order in orders)
            self.in_flight_bytes += size_bytes
            try:
                careful = max(order.deaths for order in orders) >= CAREFUL_DEATHS
                self._answer(orders, await renderer.render([order.request for order in orders], careful))
            except (RendererAway, RendererGone) as away:
                self._mourn(orders, away)
                alive = False
            except Exception as error:
                self._answer(orders, [(error, None)] * len(orders))
            finally:
                self.in_flight_bytes -= size_bytes
                self.orders.recheck()

    def _mourn(self, orders: Sequence[Order], away: Exception) -> None:
        """An actor died with these in hand: others may try, but not for ever, for they may be why."""
        self.tally = self.tally.plus(retried_takes=sum(order.request.items for order in orders))
        for order in orders:
            order.deaths += 1
            if order.deaths == MOST_DEATHS:
                self.orders.close(order)
                order.fail(BlockLost(f"effect '{order.request.effect}': {MOST_DEATHS} render actors died of one block: {away}"))
        self.orders.put_back([order for order in orders if order.deaths < MOST_DEATHS])

    def _answer(self, orders: Sequence[Order], answers: Sequence[tuple[Receipt | Exception, Any]]) -> None:
        for order, (receipt, ref) in zip(orders, answers, strict=True):
            self.orders.close(order)
            if isinstance(receipt, Exception):  # the block's own fault: whoever asked is told
                order.fail(receipt)
            elif isinstance(order.request, Probes):
                self.tally = self.tally.plus(probes=order.request.items)
                order.finish(ref)
            else:
                self._shelve(order, receipt, ref)

    def _shelve(self, order: Order, receipt: Receipt, ref: Any) -> None:
        self._note(order, receipt)
        evicted = self.shelf.put(order.identity, Kept(ref, receipt.size_bytes, order.urgent))
        self.tally = self.tally.plus(evicted_blocks=evicted)
        order.finish(ref)

    def _note(self, order: Order, receipt: Receipt) -> None:
        items, before = order.request.items, self.fingerprints.get(order.identity)
        self.fingerprints[order.identity] = receipt.fingerprint
        rendered = {"rendered_takes": items, "rendered_blocks": 1, "actor_seconds": receipt.seconds}
        if before is None:
            self.tally = self.tally.plus(**rendered).with_rejections(receipt.rejected).with_unmeasured(receipt.unmeasured)
            self.rejected += receipt.rejected[: MOST_REJECTIONS - len(self.rejected)]
        else:
            different = int(before != receipt.fingerprint)
            self.tally = self.tally.plus(**rendered, rendered_again_takes=items, different_blocks=different)

    def _has_room(self, size_bytes: int) -> bool:
        return self.shelf.ahead_bytes + self.in_flight_bytes + size_bytes <= AHEAD_SHARE * self.shelf.capacity_bytes

    def _lost(self) -> RenderingLost:
        return RenderingLost(f"no render actor is left: {'; '.join(self.tally.refused) or 'none was started'}")


async def _until_ready(renderer: Renderer) -> RendererGone | None:
    """Waits for an actor; the reason if it will never be ready."""
    pause_seconds = FIRST_PAUSE_SECONDS
    while True:
        try:
            await renderer.ready()
            return None
        except RendererGone as gone:
            return gone
        except RendererAway:
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)
