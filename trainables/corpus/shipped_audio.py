"""Decoded audio for nodes that do not see the driver's files: brought to each node once, by content, when it is first wanted.

CACHE/                      $FXSWEEP_NODE_CACHE, else ~/.cache/fxsweep
  44100-1-3f2a.../KEY.npy   as in the driver's store (decoded.py), so that later sweeps find it, too
  44100-1-3f2a.../KEY.json  a mark; its time of access is the last use
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from trainables.audio import Audio
from trainables.corpus.clips import Recording, content_id
from trainables.corpus.store_limit import drop_unused
from trainables.corpus.stored_audio import SEALED_SECONDS, StoredAudio, array_header, write_sealed
from trainables.errors import InputError

PART_SAMPLES = 1 << 24  # 64 MB at once

Fetch = Callable[[str, int, int, int], Audio]
"""(name, channel, first sample, number of samples) -> those samples of a recording, from whoever has it."""


@dataclass(frozen=True)
class ShippedAudio:
    """Samples of a file in the driver's store, (channels, samples) float32, on any node.

    Attributes:
        name: FOLDER/KEY.npy, the same in every store and cache.
        seen_at: where the driver's node has it; so have others, where they share that folder.
    """

    name: str
    seen_at: Path
    shape: tuple[int, int]
    content_id: str
    fetch: Fetch

    def map(self) -> Audio:
        """The samples, read-only. The first call on a node that does not see the driver's file brings it there.

        Raises:
            InputError: what came is not what was asked for; or there is no room for it.
        """
        seen = StoredAudio(self.seen_at, self.shape)
        return seen.map() if seen.is_whole() else self._kept().map()

    def _kept(self) -> StoredAudio:
        kept = StoredAudio(node_cache() / self.name, self.shape)
        if kept.is_whole():
            return kept
        try:
            with _alone(kept.path):
                if not kept.is_whole():  # else another process of this node was faster
                    self._bring(kept)
        except OSError as error:
            rule, remedy = (
                f"cannot be kept on this node ({error.strerror or error}).",
                "Make room, or set FXSWEEP_NODE_CACHE there.",
            )
            raise InputError(f"recording {kept.path}", rule, remedy) from error
        return kept

    def _bring(self, kept: StoredAudio) -> None:
        drop_unused(node_cache())
        write_sealed(kept.path, self._write)
        if content_id(kept.map()) != self.content_id:
            kept.path.unlink()
            raise InputError(f"recording {self.name}", "arrived damaged.", "Run the sweep again.")
        mark = kept.path.with_suffix(".json")
        write_sealed(mark, lambda file: file.write(b"{}"))
        os.utime(mark, (time.time(), SEALED_SECONDS))

    def _write(self, file: BinaryIO) -> None:
        file.write(array_header(self.shape))
        for channel in range(self.shape[0]):
            for first in range(0, self.shape[1], PART_SAMPLES):
                part = self.fetch(self.name, channel, first, min(PART_SAMPLES, self.shape[1] - first))
                file.write(np.ascontiguousarray(part, np.float32).data)


def ship(recording: Recording, fetch: Fetch) -> ShippedAudio | Audio:
    """The source of a recording as it may go to other nodes: one that is in memory goes as it is."""
    source = recording.source
    if not isinstance(source, StoredAudio):
        return np.asarray(recording.samples)
    name = f"{source.path.parent.name}/{source.path.name}"
    return ShippedAudio(name, source.path, source.shape, recording.content_id, fetch)


def node_cache() -> Path:
    """This node's folder for recordings that came from elsewhere."""
    given = os.environ.get("FXSWEEP_NODE_CACHE")
    return Path(given) if given else Path("~/.cache/fxsweep").expanduser()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Among the processes of this node."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as file:  # it stays: who waits for it must not hold another one
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
