"""The store of decoded recordings: a folder, keyed by what a source file contains and how it was decoded.

STORE/
  44100-1-3f2a.../          one folder for each sample rate, number of channels, and version of the decoders
    KEY.npy                 the samples
    KEY.power.npy           power of each frame of the clip grid, from which the starts of clips follow
    KEY.json                content id and length, or why the recording is unusable; its time of access is its last use
  files/                    which file had which content when it was last looked at (known_files.py)

It only saves time: whatever is missing, damaged or from other decoders is decoded anew, to the same bytes.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from trainables.audio import Audio
from trainables.corpus.clips import GRID_SAMPLES, content_id, frame_power
from trainables.corpus.recordings import decoders
from trainables.corpus.stored_audio import SEALED_SECONDS, StoredAudio, is_sealed, write_array, write_sealed
from trainables.digests import digest

FORMAT = 1  # raise it when what is kept of a recording changes
KEPT_FREE_BYTES = 2_000_000_000  # on the disk, for others


@dataclass(frozen=True, eq=False)
class Decoded:
    """A decoded recording.

    Attributes:
        source: (channels, samples) float32, in memory or in the store.
        power: (frames,) of each whole frame of the clip grid.
        content_id: hash of the samples.
    """

    source: Audio | StoredAudio
    power: npt.NDArray[np.float64]
    content_id: str


@dataclass(frozen=True)
class Refused:
    """A recording that cannot be used."""

    reason: str


def derive(samples: Audio) -> Decoded:
    """Samples in memory, with what is derived from them."""
    return Decoded(samples, frame_power(samples), content_id(samples))


@dataclass(frozen=True)
class DecodedStore:
    """Recordings of one sample rate and number of channels, in `folder`; see `open_store`."""

    folder: Path
    channels: int

    def read(self, key: str) -> Decoded | Refused | None:
        """What is known under a key, or None if nothing is, or it is damaged. Reads no samples."""
        try:
            found = self._read(key)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if found is not None:
            with suppress(OSError):
                os.utime(self._path(key, "json"), (time.time(), SEALED_SECONDS))
        return found

    def write(self, key: str, outcome: Decoded | Refused) -> Decoded | Refused:
        """Keeps a recording that is in memory, or its refusal; returns it as it will be read.

        Raises:
            OSError: the folder cannot be written, or the disk is nearly full.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if isinstance(outcome, Refused):
            self._write_facts(key, asdict(outcome))
            return outcome
        samples = np.asarray(outcome.source)
        if shutil.disk_usage(self.folder).free - samples.nbytes < KEPT_FREE_BYTES:
            raise OSError(errno.ENOSPC, "the disk is nearly full")
        write_array(self._path(key, "npy"), samples)
        write_array(self._path(key, "power.npy"), outcome.power)
        self._write_facts(key, {"content_id": outcome.content_id, "length_samples": samples.shape[1]})
        return Decoded(StoredAudio(self._path(key, "npy"), (self.channels, samples.shape[1])), outcome.power, outcome.content_id)

    def _read(self, key: str) -> Decoded | Refused | None:
        facts_file, power_file = self._path(key, "json"), self._path(key, "power.npy")
        if not is_sealed(facts_file):
            return None
        facts = json.loads(facts_file.read_bytes())
        if "reason" in facts:
            return Refused(facts["reason"])
        stored = StoredAudio(self._path(key, "npy"), (self.channels, facts["length_samples"]))
        if not (stored.is_whole() and is_sealed(power_file)):
            return None
        return Decoded(stored, np.load(power_file, allow_pickle=False), facts["content_id"])

    def _write_facts(self, key: str, facts: dict[str, object]) -> None:
        write_sealed(self._path(key, "json"), lambda file: file.write(json.dumps(facts).encode()))

    def _path(self, key: str, kind: str) -> Path:
        return self.folder / f"{key}.{kind}"


def open_store(store: Path, sample_rate: int, channels: int) -> DecodedStore:
    """The part of a store for one way of decoding. Makes no folder yet."""
    versions = digest({"format": FORMAT, "grid": GRID_SAMPLES, **decoders()})
    return DecodedStore(store.absolute() / f"{sample_rate}-{channels}-{versions}", channels)
