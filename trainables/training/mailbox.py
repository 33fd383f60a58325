"""The post between a trial and the ranks of its worker group: one command at a time, one reply from each rank.

A plain asyncio object, run as a Ray actor. It imports neither torch nor ray, so its process stays small.
An *attempt* is one life of the whole group: when a worker is lost, the group starts again under a new
attempt, and whatever was asked of the old one is answered LOST.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Any

POLL_SECONDS = 30.0  # how long a rank's wait for a command hangs before it asks again
GRACE_SECONDS = 5.0  # how long ranks may stay silent after another one failed


class WorkersLost(Exception):
    """The group died or fell out of step; begin again from the last saved state."""


class FitError(RuntimeError):
    """The training code raised; the message is its traceback."""


class Outcome(Enum):
    OK = "ok"
    ERROR = "error"  # every rank failed: the user's code
    LOST = "lost"  # the group is gone or out of step: start the trial again from its saved state


@dataclass(frozen=True)
class Command:
    """What the ranks are to do: `name` is begin, next, save, exit or crash."""

    number: int
    name: str
    argument: Any = None


@dataclass(frozen=True)
class Reply:
    outcome: Outcome
    value: Any = None  # the result, or the traceback's text


@dataclass(frozen=True)
class Report:
    """One epoch's metrics; `ended` is "", "patience" or "max_epochs"."""

    metrics: dict[str, float]
    ended: str


class Mailbox:
    def __init__(self) -> None:
        self.changed = asyncio.Condition()
        self.attempt: str | None = None
        self.broken: dict[str, str] = {}  # attempt -> why it was given up
        self.losses: dict[str, str] = {}  # attempt -> what it died of, where that is known
        self.closed: str | None = None  # why there will be no further attempt
        self.ranks: set[int] = set()
        self.world_size = 0
        self.command = Command(0, "none")
        self.replies: dict[int, Reply] = {}

    # ---- the ranks' side
    async def join(self, attempt: str, rank: int, world_size: int) -> int:
        """A rank reports for work; returns the number of the last command, which is not for it."""
        async with self.changed:
            if attempt != self.attempt:
                self.attempt, self.world_size, self.ranks = attempt, world_size, set()
            self.ranks.add(rank)
            self.changed.notify_all()
            return self.command.number

    async def next_command(self, attempt: str, after: int) -> Command | None:
        """The command following number `after`, or None if none came within POLL_SECONDS."""
        async with self.changed:
            try:
                await asyncio.wait_for(
                    self.changed.wait_for(lambda: attempt != self.attempt or self.command.number > after), POLL_SECONDS
                )
            except TimeoutError:
                return None
            if attempt == self.attempt:
                return self.command
            if attempt in self.broken:
                return Command(after, "crash", self.broken[attempt])
            return Command(after, "exit")

    async def reply(self, attempt: str, rank: int, number: int, reply: Reply) -> None:
        async with self.changed:
            if attempt == self.attempt and number == self.command.number:
                self.replies[rank] = reply
                self.changed.notify_all()

    # ---- the trial's side
    async def wait_for_group(self) -> str | None:
        """Waits for a complete group; returns its attempt, or None if there will not be one."""
        async with self.changed:
            await self.changed.wait_for(lambda: self.closed is not None or self._complete())
            return None if self.closed is not None else self.attempt

    async def ask(self, attempt: str, name: str, argument: Any = None) -> Reply:
        """Sends a command to every rank and returns rank 0's reply, or the failure of any."""
        async with self.changed:
            if attempt != self.attempt:
                return self._lost(attempt)
            self.command = Command(self.command.number + 1, name, argument)
            self.replies = {}
            self.changed.notify_all()
            await self.changed.wait_for(lambda: self._settled(attempt) or bool(self._errors()))
            if not await self._all_answer_within_grace(attempt):
                return self._give_up(attempt)
            if self.closed is not None or attempt != self.attempt:
                return self._lost(attempt)
            errors = self._errors()
            return errors[0] if errors else self.replies[0]

    async def note_loss(self, reason: str) -> None:
        """What the present group has died of, as Ray Train's controller knows it before there is another one."""
        async with self.changed:
            if self.attempt is not None:
                self.losses[self.attempt] = reason

    async def close(self, reason: str) -> None:
        """The group has ended for good."""
        async with self.changed:
            self.closed = reason
            self.changed.notify_all()

    # ---- inside the lock
    def _lost(self, attempt: str) -> Reply:
        return Reply(Outcome.LOST, self.losses.get(attempt, self.closed))

    def _complete(self) -> bool:
        return self.world_size > 0 and len(self.ranks) == self.world_size

    def _settled(self, attempt: str) -> bool:
        return self.closed is not None or attempt != self.attempt or len(self.replies) == self.world_size

    def _errors(self) -> list[Reply]:
        return [reply for reply in self.replies.values() if reply.outcome is Outcome.ERROR]

    async def _all_answer_within_grace(self, attempt: str) -> bool:
        try:
            await asyncio.wait_for(self.changed.wait_for(lambda: self._settled(attempt)), GRACE_SECONDS)
        except TimeoutError:
            return False
        return True

    def _give_up(self, attempt: str) -> Reply:
        # One rank failed and another hangs in a collective: only a new group gets it out of there.
        error = self._errors()[0]
        self.broken[attempt] = str(error.value)
        self.attempt, self.ranks, self.world_size = None, set(), 0
        self.changed.notify_all()
        return Reply(Outcome.LOST, error.value)
