"""A driver's output as its job's log: lines for people, and between them lines for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tune.driver.console import DRIVER_ENDED, MACHINE_PREFIXES, QUEUE_PREFIX, STATUS_PREFIX
from tune.ledger.status import SweepStatus, from_json


def last_status(log: str) -> SweepStatus | None:
    """The last status in a driver's output; a line that is still being written doesn't count."""
    printed = [line for line in _complete_lines(log) if line.startswith(STATUS_PREFIX)]
    return from_json(json.loads(printed[-1].removeprefix(STATUS_PREFIX))) if printed else None


def place_in_queue(log: str) -> int:
    """How many sweeps the driver waits for, itself included; 0 if it has never waited, or waits no more."""
    printed = [line for line in _complete_lines(log) if line.startswith(QUEUE_PREFIX)]
    return int(printed[-1].removeprefix(QUEUE_PREFIX)) if printed else 0


def driver_has_ended(log: str) -> bool:
    """Whether the driver came to its own end, with everything put away; one that was killed did not."""
    return any(line.startswith(DRIVER_ENDED) for line in _complete_lines(log))


def for_people(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if not line.startswith(MACHINE_PREFIXES)]


def without_status(log: str) -> str:
    """A driver's output as people read it."""
    return "".join(for_people(log.splitlines(keepends=True)))


def _complete_lines(log: str) -> list[str]:
    return log[: log.rfind("\n") + 1].split("\n")
