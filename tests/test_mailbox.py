"""The post between a trial and its ranks: complete groups, one reply each, and what happens when ranks go."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from trainables.training import mailbox as module
from trainables.training.mailbox import Command, Mailbox, Outcome, Reply


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    async def bounded() -> Any:
        return await asyncio.wait_for(coroutine, 10)

    return asyncio.run(bounded())


async def answer(box: Mailbox, attempt: str, rank: int, outcome: Outcome, value: Any = None) -> Command | None:
    command = await box.next_command(attempt, 0)
    if command is not None and command.name not in ("exit", "crash"):
        await box.reply(attempt, rank, command.number, Reply(outcome, value))
    return command


def test_group_is_ready_only_when_every_rank_has_joined() -> None:
    async def scenario() -> None:
        box = Mailbox()
        await box.join("a", 0, 2)
        waiting = asyncio.create_task(box.wait_for_group())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        await box.join("a", 1, 2)
        assert await waiting == "a"

    run(scenario())


def test_ask_returns_the_reply_of_rank_zero() -> None:
    async def scenario() -> None:
        box = Mailbox()
        for rank in (0, 1):
            await box.join("a", rank, 2)
        ranks = [asyncio.create_task(answer(box, "a", r, Outcome.OK, f"rank {r}")) for r in (1, 0)]
        assert await box.ask("a", "next") == Reply(Outcome.OK, "rank 0")
        await asyncio.gather(*ranks)

    run(scenario())


def test_error_of_every_rank_is_the_users() -> None:
    async def scenario() -> None:
        box = Mailbox()
        for rank in (0, 1):
            await box.join("a", rank, 2)
        ranks = [asyncio.create_task(answer(box, "a", r, Outcome.ERROR, "boom")) for r in (0, 1)]
        assert await box.ask("a", "next") == Reply(Outcome.ERROR, "boom")
        await asyncio.gather(*ranks)

    run(scenario())


def test_one_failing_rank_beside_a_silent_one_breaks_the_group(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GRACE_SECONDS", 0.05)

    async def scenario() -> None:
        box = Mailbox()
        for rank in (0, 1):
            await box.join("a", rank, 2)
        failing = asyncio.create_task(answer(box, "a", 1, Outcome.ERROR, "boom"))
        assert await box.ask("a", "next") == Reply(Outcome.LOST, "boom")
        await failing
        command = await box.next_command("a", 1)
        assert command is not None and command.name == "crash"

    run(scenario())


def test_new_attempt_answers_what_was_asked_of_the_old_one_as_lost() -> None:
    async def scenario() -> None:
        box = Mailbox()
        await box.join("a", 0, 1)
        asked = asyncio.create_task(box.ask("a", "next"))
        await asyncio.sleep(0.01)
        await box.join("b", 0, 1)
        assert (await asked).outcome is Outcome.LOST
        assert (await box.ask("a", "next")).outcome is Outcome.LOST
        left_behind = await box.next_command("a", 1)
        assert left_behind is not None and left_behind.name == "exit"

    run(scenario())


def test_late_reply_to_an_earlier_command_is_not_taken_for_the_next() -> None:
    async def scenario() -> None:
        box = Mailbox()
        await box.join("a", 0, 1)
        first = asyncio.create_task(box.ask("a", "next"))
        await asyncio.sleep(0.01)
        await box.reply("a", 0, 1, Reply(Outcome.OK, "first"))
        assert (await first).value == "first"
        second = asyncio.create_task(box.ask("a", "next"))
        await asyncio.sleep(0.01)
        await box.reply("a", 0, 1, Reply(Outcome.OK, "late"))
        await asyncio.sleep(0.01)
        assert not second.done()
        await box.reply("a", 0, 2, Reply(Outcome.OK, "second"))
        assert (await second).value == "second"

    run(scenario())


def test_what_a_group_died_of_is_told_with_its_loss_as_often_as_it_is_asked_and_of_no_other_group() -> None:
    async def scenario() -> None:
        box = Mailbox()
        await box.note_loss("nobody's")
        await box.join("a", 0, 1)
        asked = asyncio.create_task(box.ask("a", "next"))
        await asyncio.sleep(0.01)
        await box.note_loss("OutOfMemoryError: killed")
        await box.join("b", 0, 1)
        assert await asked == await box.ask("a", "next") == Reply(Outcome.LOST, "OutOfMemoryError: killed")
        await box.join("c", 0, 1)
        assert await box.ask("b", "next") == Reply(Outcome.LOST, None)

    run(scenario())


def test_closing_releases_whoever_waits() -> None:
    async def scenario() -> None:
        box = Mailbox()
        waiting = asyncio.create_task(box.wait_for_group())
        await asyncio.sleep(0.01)
        await box.close("out of memory")
        assert await waiting is None

    run(scenario())


def test_rank_asks_again_after_a_quiet_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.02)

    async def scenario() -> None:
        box = Mailbox()
        await box.join("a", 0, 1)
        assert await box.next_command("a", 0) is None

    run(scenario())
