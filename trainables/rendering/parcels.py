"""Blocks on their way through Ray's object store: in pieces below the size from which Ray copies with several threads.

On cores that are busy rendering those threads wait for each other: a block of two 1.06 MB arrays took 5 to 7 ms to
store whole and 2 ms in halves, on two cores with two render actors at work.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from trainables.rendering.takes import Block, Spectrograms

LARGEST_BYTES = 2**20 - 1  # Ray copies larger buffers in parallel
NOTHING = np.zeros(0, np.float32)


@dataclass(frozen=True)
class Parcel:
    """A block without its arrays, and those in pieces of whole items."""

    block: Block
    dry: tuple[Spectrograms, ...]
    wet: tuple[Spectrograms, ...]


def pack(block: Block) -> Parcel:
    return Parcel(replace(block, dry=NOTHING, wet=NOTHING), _pieces(block.dry), _pieces(block.wet))


def unpack(parcel: Parcel) -> Block:
    """The block that was packed; its arrays are its own, so that nothing stays pinned in the store."""
    return replace(parcel.block, dry=np.concatenate(parcel.dry), wet=np.concatenate(parcel.wet))


def _pieces(items: Spectrograms) -> tuple[Spectrograms, ...]:
    together = max(1, LARGEST_BYTES // max(1, items[0].nbytes))
    return tuple(items[start : start + together] for start in range(0, len(items), together))
