"""Clips: where in a recording they may start, and how they are cut and levelled."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from trainables.audio import Audio, rms
from trainables.corpus.stored_audio import StoredAudio
from trainables.rendering.takes import Partition

if TYPE_CHECKING:
    from trainables.corpus.shipped_audio import ShippedAudio

GRID_SAMPLES = 1024
CLIP_RMS = 0.1  # -20 dBFS
CLIP_PEAK = 0.99
SILENCE_DBFS = -50.0
SILENCE_BELOW_LOUD_DB = -40.0
LOUD_QUANTILE = 0.95
LARGEST_SILENT_SHARE = 0.5
HASHED_SAMPLES = 1 << 18


@dataclass(frozen=True, eq=False)
class Recording:
    """A usable recording of a corpus.

    Attributes:
        name: path within the corpus's folder.
        source: (channels, samples) float32 at the corpus's rate, in memory, in a file, or in one of the driver's node.
        starts: offsets in samples at which a clip may start, ascending, at least one.
        partition: what its clips are used for.
        content_id: hash of the samples.
    """

    name: str
    source: Audio | StoredAudio | ShippedAudio
    starts: npt.NDArray[np.int64]
    partition: Partition
    content_id: str

    @property
    def samples(self) -> Audio:
        """The samples; of a file a read-only map, made anew each time."""
        return self.source if isinstance(self.source, np.ndarray) else self.source.map()

    @property
    def length_samples(self) -> int:
        """Known without a look at the samples."""
        return int(self.source.shape[1])


def draw_start(recording: Recording, random: np.random.Generator) -> int:
    """One of the recording's starts, each as likely."""
    return int(recording.starts[random.integers(len(recording.starts))])


def draw_clip(recording: Recording, clip_samples: int, random: np.random.Generator) -> tuple[int, Audio]:
    """A random start and the clip there, as `cut_clip` gives it."""
    offset = draw_start(recording, random)
    return offset, cut_clip(recording, offset, clip_samples)


def cut_clip(recording: Recording, offset_samples: int, clip_samples: int) -> Audio:
    """The dry clip exactly as an effect is given it: (channels, clip_samples) float32, a new array.

    Its RMS is 0.1 (-20 dBFS), or less where its peak would pass 0.99. So every recording drives an effect equally.
    """
    return levelled_clip(recording.samples[:, offset_samples : offset_samples + clip_samples])


def levelled_clip(clip: Audio) -> Audio:
    """Sound, not silence, at the level that `cut_clip` tells."""
    gain = min(CLIP_RMS / rms(clip), CLIP_PEAK / float(np.abs(clip).max()))
    return clip * np.float32(gain)


def clip_starts(power: npt.NDArray[np.float64], length_samples: int, clip_samples: int) -> npt.NDArray[np.int64]:
    """Offsets on a grid of 1024 samples at which a clip is sound rather than silence.

    A clip counts as sound if its RMS is above -50 dBFS and above -40 dB against the recording's loud parts (its
    95 % loudest grid frame), and at most half of its frames are below both.

    Args:
        power: of the recording's frames, as `frame_power` gives it.
        length_samples: of the recording, at least `clip_samples`.
        clip_samples: length of a clip, at least 1024.
    """
    loud = float(np.quantile(power, LOUD_QUANTILE))
    floor = max(10.0 ** (SILENCE_DBFS / 10.0), loud * 10.0 ** (SILENCE_BELOW_LOUD_DB / 10.0))
    places, frames = (length_samples - clip_samples) // GRID_SAMPLES + 1, clip_samples // GRID_SAMPLES
    clip_power = _running_mean(power, frames)[:places]
    silent_share = _running_mean((power < floor).astype(np.float64), frames)[:places]
    sounding = (clip_power > floor) & (silent_share <= LARGEST_SILENT_SHARE)
    return np.flatnonzero(sounding).astype(np.int64) * GRID_SAMPLES


def frame_power(samples: Audio) -> npt.NDArray[np.float64]:
    """Mean square of each whole frame of the grid, over all channels: (frames,)."""
    channels, length = samples.shape
    frames = samples[:, : length // GRID_SAMPLES * GRID_SAMPLES].reshape(channels, -1, GRID_SAMPLES)
    power: npt.NDArray[np.float64] = np.einsum("cfs,cfs->f", frames, frames, dtype=np.float64) / (channels * GRID_SAMPLES)
    return power


def _running_mean(values: npt.NDArray[np.float64], length: int) -> npt.NDArray[np.float64]:
    total = np.concatenate([[0.0], np.cumsum(values)])
    means: npt.NDArray[np.float64] = (total[length:] - total[:-length]) / length
    return means


def content_id(samples: Audio) -> str:
    """Hash of the samples rounded to 16 bits, so that the same recording in two containers is known again."""
    hashed = hashlib.sha256()
    for channel in samples:
        for first in range(0, channel.size, HASHED_SAMPLES):  # in parts, for the sake of memory
            part = channel[first : first + HASHED_SAMPLES]
            hashed.update((np.rint(part * np.float32(32768.0)) + np.float32(0.0)).tobytes())
    return hashed.hexdigest()[:16]
