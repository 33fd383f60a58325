"""One render for each block; what waits, what is tried again, what is dropped, and what is told of it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from made_up_plans import made_up_plan

from trainables.errors import InputError
from trainables.rendering.catalogue import (
    IN_FLIGHT,
    MOST_DEATHS,
    BlockLost,
    Catalogue,
    Receipt,
    RendererAway,
    RendererGone,
    RenderingLost,
)
from trainables.rendering.takes import BlockRequest, Probes, Rejection, Request, Take, block_bytes

PLAN = made_up_plan()
REQUESTS = [BlockRequest(effect, "train", draw, 8) for effect in ("delay", "combo") for draw in range(3)]
SIZE = block_bytes(PLAN, REQUESTS[0])


@dataclass
class MadeUpRenderer:
    """Stands where a render actor would: answers at once unless `held`, and fails as `faults` say, one for each call."""

    held: asyncio.Event | None = None
    faults: list[Exception] = field(default_factory=list)
    broken: dict[Request, Exception] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    start_faults: list[Exception] = field(default_factory=list)
    killers: set[BlockRequest] = field(default_factory=set)
    carefully: list[Request] = field(default_factory=list)
    fingerprint: int = 1
    rejected: tuple[Rejection, ...] = ()
    at_once: int = 0
    most_at_once: int = 0

    async def ready(self) -> None:
        if self.start_faults:
            raise self.start_faults.pop(0)

    async def render(self, requests: Sequence[Request], careful: bool) -> list[tuple[Receipt | Exception, Any]]:
        if not careful and self.killers.intersection(requests):
            raise RendererAway("killed")
        self.carefully += requests if careful else []
        self.asked += requests
        self.calls.append(len(requests))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await (self.held.wait() if self.held else asyncio.sleep(0))
        self.at_once -= 1
        if self.faults:
            raise self.faults.pop(0)
        receipt = Receipt(SIZE, 0.5, self.fingerprint, self.rejected)
        return [(self.broken.get(request, receipt), f"object of {request}") for request in requests]


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(scenario(), timeout=20))


def catalogue(*renderers: MadeUpRenderer, room: int = 100) -> Catalogue:
    return Catalogue(renderers, PLAN, capacity_bytes=room * SIZE)


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


def test_many_askers_at_once_get_one_render() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer()
        shared = catalogue(renderer)
        answers = await asyncio.gather(*(shared.get(REQUESTS) for _ in range(5)))
        assert all(answer == [f"object of {request}" for request in REQUESTS] for answer in answers)
        assert sorted(renderer.asked, key=str) == sorted(REQUESTS, key=str)
        counts = await shared.counts()
        assert (counts.rendered_takes, counts.asked_takes, counts.shared_takes) == (48, 240, 192)

    run(scenario)


def test_a_renderer_has_two_calls_in_flight_and_no_more() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer(held=asyncio.Event())
        shared = catalogue(renderer)
        asking = asyncio.create_task(shared.get(REQUESTS))
        await settled()
        assert renderer.at_once == IN_FLIGHT == 2
        assert (await shared.counts()).waiting_blocks == len(REQUESTS) - sum(renderer.calls)
        renderer.held.set()  # type: ignore[union-attr]
        await asking
        assert renderer.most_at_once == 2

    run(scenario)


def test_calls_take_two_blocks_while_plenty_wait_and_one_at_the_end() -> None:
    async def scenario() -> None:
        many = [BlockRequest("delay", "train", draw, 8) for draw in range(20)]
        renderers = [MadeUpRenderer() for _ in range(2)]
        assert await catalogue(*renderers).get(many) == [f"object of {request}" for request in many]
        calls = [call for renderer in renderers for call in renderer.calls]
        assert sum(calls) == 20 and set(calls) == {1, 2}
        assert all(renderer.calls == sorted(renderer.calls, reverse=True) for renderer in renderers)

    run(scenario)


def test_a_broken_block_leaves_the_other_of_its_call_alone() -> None:
    async def scenario() -> None:
        many = [BlockRequest("delay", "train", draw, 8) for draw in range(6)]
        renderer = MadeUpRenderer(broken={many[0]: InputError("effect 'delay'", "fails.", "Leave it out.")})
        shared = catalogue(renderer)
        await shared.prefetch(many)
        await settled()
        assert renderer.calls[0] == 2
        assert await shared.get(many[1:]) == [f"object of {request}" for request in many[1:]]
        assert renderer.asked == many
        with pytest.raises(InputError, match="effect 'delay'"):
            await shared.get(many[:1])

    run(scenario)


def test_what_a_trial_waits_for_comes_before_what_is_rendered_ahead() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer(held=asyncio.Event())
        shared = catalogue(renderer)
        await shared.prefetch(REQUESTS[:5])
        await settled()
        asking = asyncio.create_task(shared.get(REQUESTS[4:]))
        await settled()
        renderer.held.set()  # type: ignore[union-attr]
        await asking
        begun = sum(renderer.calls[:2])
        assert begun < 4 and renderer.asked[begun : begun + 2] == REQUESTS[4:]

    run(scenario)


def test_prefetched_blocks_are_not_rendered_again() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer()
        shared = catalogue(renderer)
        await shared.prefetch(REQUESTS)
        await settled()
        await shared.get(REQUESTS)
        assert renderer.asked == REQUESTS

    run(scenario)


def test_no_more_is_rendered_ahead_than_half_the_memory_holds() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer()
        shared = catalogue(renderer, room=4)
        await shared.prefetch(REQUESTS)
        await settled()
        assert renderer.asked == REQUESTS[:2]
        await shared.get(REQUESTS[:1])
        await settled()
        assert renderer.asked == REQUESTS[:3]
        assert await shared.get(REQUESTS) == [f"object of {request}" for request in REQUESTS]

    run(scenario)


def test_what_was_dropped_for_want_of_memory_is_rendered_again_and_counted() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer()
        shared = catalogue(renderer, room=2)
        for request in (*REQUESTS[:3], REQUESTS[0]):
            await shared.get([request])
        counts = await shared.counts()
        assert (counts.rendered_takes, counts.rendered_again_takes, counts.evicted_blocks) == (32, 8, 2)
        assert counts.shared_takes == 8 and counts.different_blocks == 0

    run(scenario)


def test_block_that_comes_out_differently_is_counted() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer()
        shared = catalogue(renderer)
        await shared.get(REQUESTS[:1])
        await shared.forget(REQUESTS[:1])
        renderer.fingerprint = 2
        await shared.get(REQUESTS[:1])
        assert (await shared.counts()).different_blocks == 1

    run(scenario)


def test_what_an_actor_that_died_had_in_hand_goes_to_another() -> None:
    async def scenario() -> None:
        dying, living = MadeUpRenderer(faults=[RendererAway("killed")] * 3), MadeUpRenderer()
        shared = catalogue(dying, living)
        assert await shared.get(REQUESTS) == [f"object of {request}" for request in REQUESTS]
        assert (await shared.counts()).retried_takes >= 8

    run(scenario)


def test_an_actor_that_can_never_render_is_left_out_and_told() -> None:
    async def scenario() -> None:
        refusing, living = MadeUpRenderer(start_faults=[RendererGone("another build on node 7")] * 2), MadeUpRenderer()
        shared = catalogue(refusing, living)
        await shared.get(REQUESTS)
        await settled()
        counts = await shared.counts()
        assert (counts.actors, counts.refused) == (1, ("another build on node 7",))

    run(scenario)


def test_when_no_actor_is_left_every_asker_is_told_why() -> None:
    async def scenario() -> None:
        shared = catalogue(MadeUpRenderer(start_faults=[RendererGone("no plugins there")] * 2))
        for _ in range(2):
            with pytest.raises(RenderingLost, match="no plugins there"):
                await shared.get(REQUESTS)

    run(scenario)


def test_an_actor_that_could_not_start_at_first_works_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trainables.rendering.catalogue.FIRST_PAUSE_SECONDS", 0.001)

    async def scenario() -> None:
        renderer = MadeUpRenderer(start_faults=[RendererAway("its plugin crashed while it was loaded")] * 3)
        shared = catalogue(renderer)
        assert await shared.get(REQUESTS) == [f"object of {request}" for request in REQUESTS]
        counts = await shared.counts()
        assert (counts.actors, counts.retried_takes) == (1, 0)

    run(scenario)


def test_a_block_that_kills_its_actors_is_rendered_carefully_and_holds_up_no_other() -> None:
    async def scenario() -> None:
        killer = REQUESTS[2]
        renderers = [MadeUpRenderer(killers={killer}) for _ in range(2)]
        shared = catalogue(*renderers)
        assert await shared.get(REQUESTS) == [f"object of {request}" for request in REQUESTS]
        assert [request for renderer in renderers for request in renderer.carefully] == [killer]
        assert renderers[0].asked[-1] == killer or renderers[1].asked[-1] == killer
        assert (await shared.counts()).retried_takes >= 3 * 8

    run(scenario)


def test_a_block_that_kills_even_careful_actors_is_given_up_and_no_other_is() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer(faults=[RendererAway("out of memory")] * MOST_DEATHS)
        shared = catalogue(renderer)
        with pytest.raises(BlockLost, match=r"effect 'delay': 10 render actors died of one block: out of memory"):
            await shared.get(REQUESTS[:1])
        assert await shared.get(REQUESTS) == [f"object of {request}" for request in REQUESTS]

    run(scenario)


def test_a_block_s_own_fault_is_told_to_who_asked_and_to_nobody_else() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer(faults=[InputError("effect 'delay'", "fails.", "Leave it out.")])
        shared = catalogue(renderer)
        with pytest.raises(InputError, match="effect 'delay'"):
            await shared.get(REQUESTS[:1])
        assert await shared.get(REQUESTS[:2]) == [f"object of {request}" for request in REQUESTS[:2]]

    run(scenario)


def test_takes_that_were_replaced_are_counted_by_reason_and_kept() -> None:
    async def scenario() -> None:
        take = Take("a.wav", 0, "delay", ())
        rejected = (Rejection(take, "silent", 1), Rejection(take, "hung: lv2:x took 20 s", 10))
        shared = catalogue(MadeUpRenderer(rejected=rejected))
        await shared.get(REQUESTS[:2])
        counts = await shared.counts()
        assert counts.rejected == {"silent": 2, "hung": 2} and counts.rejected_takes == 4
        assert await shared.rejections() == rejected * 2

    run(scenario)


def test_takes_replaced_in_a_block_rendered_again_are_counted_once() -> None:
    async def scenario() -> None:
        rejected = (Rejection(Take("a.wav", 0, "delay", ()), "silent", 1),)
        shared = catalogue(MadeUpRenderer(rejected=rejected), room=1)
        for request in (*REQUESTS[:2], *REQUESTS[:2]):
            await shared.get([request])
        counts = await shared.counts()
        assert counts.rendered_again_takes == 16 and counts.rejected == {"silent": 2}
        assert await shared.rejections() == rejected * 2

    run(scenario)


def test_catalogue_imports_neither_torch_nor_ray() -> None:
    code = "import sys, trainables.rendering.catalogue, trainables.training.mailbox;"
    code += " sys.exit(bool({'torch', 'ray'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


PROBES = [Probes(Take("recording", 0, "delay", (("mix", 0.1 * number),)), (None,)) for number in range(4)]


def test_probes_are_rendered_for_each_asker_and_kept_by_nobody() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer()
        shared = catalogue(renderer)
        answers = [await shared.probe(PROBES) for _ in range(2)]
        assert answers == [[f"object of {request}" for request in PROBES]] * 2
        assert renderer.asked == PROBES * 2
        counts = await shared.counts()
        assert (counts.probes, counts.kept_blocks, counts.rendered_takes, counts.asked_takes) == (8, 0, 0, 0)

    run(scenario)


def test_probes_of_an_actor_that_dies_are_asked_for_again_and_those_that_kill_actors_are_given_up() -> None:
    async def scenario() -> None:
        renderer = MadeUpRenderer(faults=[RendererAway("killed")])
        shared = catalogue(renderer)
        assert await shared.probe(PROBES) == [f"object of {request}" for request in PROBES]
        assert len(renderer.asked) > len(PROBES)
        deadly = catalogue(MadeUpRenderer(faults=[RendererAway("killed")] * MOST_DEATHS))
        with pytest.raises(BlockLost, match="effect 'delay'"):
            await deadly.probe(PROBES[:1])

    run(scenario)
