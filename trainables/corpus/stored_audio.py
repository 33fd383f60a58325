"""Decoded audio in a file: mapped read-only wherever it is wanted, and sent to other processes by name.

A file is written once, under another name, and sealed before it gets its own: its time of change is set to a fixed
one. So whatever was changed afterwards, or not written to its end, is known by its length or by its time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from trainables.audio import Audio
from trainables.errors import InputError

SEALED_SECONDS = 315_619_200  # a day of 1980: later than the first day of any file system
PARTIAL = ".partial-"
HEADER_BYTES = 128  # of a .npy file with one or two dimensions


@dataclass(frozen=True)
class StoredAudio:
    """Samples in a sealed .npy file, (channels, samples) float32.

    Pickled, it is the file's name; where it is unpickled the same file must be there (InputError otherwise).
    """

    path: Path
    shape: tuple[int, int]

    def map(self) -> Audio:
        """The samples, read-only; only what is looked at is read.

        Every call maps anew, because a process may hold no more than some 65,000 maps.

        Raises:
            OSError, ValueError: the file is gone or shorter.
        """
        return np.asarray(np.memmap(self.path, np.float32, "r", HEADER_BYTES, self.shape))

    def is_whole(self) -> bool:
        """Whether the file is there, as long as it must be, and sealed."""
        return is_sealed(self.path, HEADER_BYTES + 4 * self.shape[0] * self.shape[1])

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopen, (str(self.path), self.shape)


def _reopen(path: str, shape: tuple[int, int]) -> StoredAudio:
    stored = StoredAudio(Path(path), shape)
    if not stored.is_whole():
        rule = "is missing on this machine, or not what the sweep's driver wrote."
        raise InputError(f"decoded recording '{path}'", rule, "Give --home a folder that all nodes see, and run again.")
    return stored


def is_sealed(path: Path, size_bytes: int | None = None) -> bool:
    """Whether a file is there, was written to its end, and has not been changed since."""
    try:
        found = path.stat()
    except OSError:
        return False
    return int(found.st_mtime) == SEALED_SECONDS and size_bytes in (None, found.st_size)


def write_sealed(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Makes a file in one step: a reader sees none, or all of it.

    Raises:
        OSError: the folder cannot be written, or the disk is full.
    """
    partial = path.with_name(f"{PARTIAL}{uuid4().hex}")
    try:
        with partial.open("xb") as file:
            write(file)
        os.utime(partial, (time.time(), SEALED_SECONDS))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_array(path: Path, values: npt.NDArray[Any]) -> None:
    """A sealed .npy file (see `write_sealed`)."""
    values = np.ascontiguousarray(values)

    def write(file: BinaryIO) -> None:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(values))
        file.write(values.data)  # not `tofile`, which does not say why it failed

    write_sealed(path, write)


def array_header(shape: tuple[int, int]) -> bytes:
    """What a .npy file of float32 begins with: HEADER_BYTES."""
    header = BytesIO()
    described = {"descr": np.lib.format.dtype_to_descr(np.dtype(np.float32)), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, described)
    return header.getvalue()
