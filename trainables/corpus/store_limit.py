"""The bound on the store of decoded recordings: beyond it, what was not used for longest is dropped."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trainables.corpus.stored_audio import PARTIAL

LIMIT_BYTES = 20_000_000_000  # some 30 hours of mono at 44.1 kHz
IN_USE_SECONDS = 86_400.0  # a sweep that runs may still open what it has used within a day


@dataclass(frozen=True)
class _Entry:
    facts: Path
    used_seconds: float
    size_bytes: int

    def drop(self) -> None:
        """The facts first: without them there is no entry."""
        for kind in (".json", ".npy", ".power.npy"):
            with suppress(OSError):
                self.facts.with_name(self.facts.name.removesuffix(".json") + kind).unlink()


def drop_unused(store: Path, limit_bytes: int = LIMIT_BYTES, in_use_seconds: float = IN_USE_SECONDS) -> int:
    """Drops entries until the store is within its limit, but none that was used within `in_use_seconds`.

    Also what a killed process left half written. Returns how many entries were dropped.
    """
    latest = time.time() - in_use_seconds
    for partial in store.glob(f"*/{PARTIAL}*"):
        with suppress(OSError):
            if partial.stat().st_mtime < latest:
                partial.unlink()
    entries = sorted(_entries(store), key=lambda entry: entry.used_seconds)
    excess, dropped = sum(entry.size_bytes for entry in entries) - limit_bytes, 0
    for entry in entries:
        if excess <= 0 or entry.used_seconds > latest:
            break
        entry.drop()
        excess, dropped = excess - entry.size_bytes, dropped + 1
    return dropped


def _entries(store: Path) -> Iterator[_Entry]:
    for folder in store.glob("*-*-*/"):
        with suppress(OSError):
            found = {file.name: file.stat() for file in os.scandir(folder)}
            for name, stat in found.items():
                stem = name.removesuffix(".json")
                if name.endswith(".json"):
                    sizes = [found[file].st_size for file in (f"{stem}.npy", f"{stem}.power.npy") if file in found]
                    yield _Entry(folder / name, stat.st_atime, sum(sizes))
