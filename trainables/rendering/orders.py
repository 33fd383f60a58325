"""Blocks and probes that are waiting to be rendered: what trials wait for first, then what is rendered ahead."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from typing import Any

from trainables.rendering.takes import Request

CALL_BLOCKS = 2  # in one call where many wait: a call's own cost is 1 to 3 % of rendering one block


class Order:
    """A block to be rendered, or probes, and everybody who waits for it."""

    def __init__(self, identity: str, request: Request, size_bytes: int, urgent: bool) -> None:
        self.identity, self.request, self.size_bytes, self.urgent = identity, request, size_bytes, urgent
        self.deaths = 0  # of actors that had it in hand
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.done.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be waiting

    def finish(self, ref: Any) -> None:
        if not self.done.done():
            self.done.set_result(ref)

    def fail(self, error: BaseException) -> None:
        if not self.done.done():
            self.done.set_exception(error)


class Orders:
    """Orders by identity: one for each block, however many ask for it.

    What is rendered ahead starts only while `has_room`, so that it never pushes out what has not been read yet.
    """

    def __init__(self, has_room: Callable[[int], bool]) -> None:
        self.has_room = has_room
        self.open: dict[str, Order] = {}
        self.urgent: deque[Order] = deque()
        self.ahead: OrderedDict[str, Order] = OrderedDict()
        self.changed = asyncio.Event()

    def waiting(self) -> int:
        return len(self.urgent) + len(self.ahead)

    def place(self, identity: str, request: Request, size_bytes: int, urgent: bool) -> Order:
        """The order of this block: a new one, or the one that is there, made urgent if it is now."""
        order = self.open.get(identity)
        if order is None:
            order = self.open[identity] = Order(identity, request, size_bytes, urgent)
            self._queue(order)
        elif urgent and not order.urgent:
            order.urgent = True
            if self.ahead.pop(identity, None):
                self._queue(order)
        return order

    def put_back(self, orders: Sequence[Order]) -> None:
        """In line again: first, but last if actors died of it more than once, so that it holds up no other."""
        for order in reversed(orders):
            order.urgent = True
            (self.urgent.append if order.deaths > 1 else self.urgent.appendleft)(order)
        self.changed.set()

    def close(self, order: Order) -> None:
        self.open.pop(order.identity, None)
        self.changed.set()

    async def next(self, lanes: int) -> list[Order]:
        """What to render in one call; waits until there is something and room for it.

        Several only while every one of `lanes` could have as many, so that the last ones are spread over all actors.
        """
        while True:
            most = CALL_BLOCKS if self.waiting() >= CALL_BLOCKS * lanes else 1
            if taken := self._take(most):
                return taken
            self.changed.clear()
            await self.changed.wait()

    def _take(self, most: int) -> list[Order]:
        """The first in line; alone if an actor died of it."""
        taken: list[Order] = []
        while len(taken) < most and (order := self._first(sum(order.size_bytes for order in taken))):
            taken.append(order)
            if order.deaths or (self.urgent and self.urgent[0].deaths):
                break
        return taken

    def _first(self, taken_bytes: int) -> Order | None:
        if self.urgent:
            return self.urgent.popleft()
        if self.ahead and self.has_room(taken_bytes + next(iter(self.ahead.values())).size_bytes):
            return self.ahead.popitem(last=False)[1]
        return None

    def fail_all(self, error: BaseException) -> None:
        """Nobody is left to render anything."""
        for order in list(self.open.values()):
            order.fail(error)
        self.open.clear()
        self.urgent.clear()
        self.ahead.clear()

    def recheck(self) -> None:
        """There may be room now."""
        self.changed.set()

    def _queue(self, order: Order) -> None:
        if order.urgent:
            self.urgent.append(order)
        else:
            self.ahead[order.identity] = order
        self.changed.set()
