"""Processes by what /proc says: who is below whom, what they are called, whether they are gone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Process:
    """One process; its beginning (ticks since boot) tells it from a later one of the same id."""

    process_id: int
    began: int


def below(process_id: int) -> list[Process]:
    """The descendants of a process."""
    parents = dict(_everything())
    ids, found = {process_id}, list[Process]()
    while children := [process for process, parent in parents.items() if parent in ids]:
        ids = {child.process_id for child in children}
        found += children
    return sorted(found)


def called(processes: Iterable[Process], wanted: str) -> list[Process]:
    """Those whose command line has this in it."""
    return [process for process in processes if wanted in title(process)]


def title(process: Process) -> str:
    with suppress(OSError):
        return Path(f"/proc/{process.process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def alive(process: Process) -> bool:
    """Whether it runs; one that only waits to be reaped does not."""
    fields = _fields(process.process_id)
    return bool(fields) and int(fields[19]) == process.began and fields[0] != "Z"


def send(processes: Iterable[Process], number: signal.Signals = signal.SIGKILL) -> int:
    """A signal to each that is alive; returns to how many."""
    sent = 0
    for process in filter(alive, processes):
        with suppress(ProcessLookupError):
            os.kill(process.process_id, number)
            sent += 1
    return sent


def wait_until_gone(processes: Iterable[Process], timeout_seconds: float) -> list[Process]:
    """Those that are still alive after that time."""
    left, end = list(processes), time.monotonic() + timeout_seconds
    while (left := [process for process in left if alive(process)]) and time.monotonic() < end:
        time.sleep(0.2)
    return left


def _everything() -> list[tuple[Process, int]]:
    """Every process with its parent's id."""
    ids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    found = [(process_id, _fields(process_id)) for process_id in ids]
    return [(Process(process_id, int(fields[19])), int(fields[1])) for process_id, fields in found if fields]


def _fields(process_id: int) -> list[str]:
    """/proc/PID/stat from the state on; empty if there is no such process."""
    with suppress(OSError):
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return []
