"""Recordings as a model hears them: wet, with its dry one where the model compares the two, cut into clips."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from trainables.corpus.recordings import Unusable, decode
from tune.errors import InvalidInput

Samples = npt.NDArray[np.float32]

CLIPS_A_BATCH = 16
SILENCE_DB = -120.0
PADDED_SHARE = 0.25  # of a clip: what is left at a file's end is embedded if it is at least this long
LENGTH_TOLERANCE = 0.01  # of a clip, between dry and wet: plugins and codecs add or drop a few samples


class Embedder(Protocol):
    """What registry.py loads."""

    @property
    def metadata(self) -> Mapping[str, Any]: ...

    def predict(self, audio: Samples) -> Samples: ...


class Pair(NamedTuple):
    """A processed recording and, for a model that compares the two, the unprocessed one."""

    wet: Path
    dry: Path | None


def clip_starts(samples: int, clip_samples: int) -> range:
    """Where the clips of a file start; the last may reach beyond its end (and is padded with silence)."""
    whole, left = divmod(samples, clip_samples)
    padded = left >= PADDED_SHARE * clip_samples or whole == 0
    return range(0, (whole + padded) * clip_samples, clip_samples)


def check_kind(pair: Pair, metadata: Mapping[str, Any], option: str) -> None:
    """Refuses a wet file without its dry one where the model compares the two, and a dry one that it would not hear.

    Args:
        option: how a command names the dry file.
    """
    wants_dry = metadata["input"] != "wet"
    if wants_dry and pair.dry is None:
        raise InvalidInput(
            f"wet file {pair.wet}: this model compares a wet file with its dry one. Give the dry file, too ({option})."
        )
    if not wants_dry and pair.dry is not None:
        raise InvalidInput(f"dry file {pair.dry}: this model hears the wet file only. Leave {option} out.")


def read_pair(pair: Pair, metadata: Mapping[str, Any]) -> Samples:
    """(clips, channels, samples): dry, if there is one, and wet, as long as the shorter of the two."""
    files = [file for file in (pair.dry, pair.wet) if file is not None]
    read = [_read(file, metadata) for file in files]
    lengths = [samples.shape[-1] for samples in read]
    if max(lengths) - min(lengths) > LENGTH_TOLERANCE * metadata["clip_samples"]:
        told = " and ".join(f"{file}: {length} samples" for file, length in zip(files, lengths, strict=True))
        raise InvalidInput(
            f"{told} at {metadata['sample_rate']} Hz: dry and wet must be equally long. Cut them to the same length."
        )
    return np.stack([samples[:, : min(lengths)] for samples in read])


def _read(file: Path, metadata: Mapping[str, Any]) -> Samples:
    if not file.is_file():
        raise InvalidInput(f"file {file}: does not exist or is not a file. Check the path.")
    try:
        return decode(file, metadata["sample_rate"], metadata["channels"])
    except Unusable as reason:
        raise InvalidInput(f"file {file}: {reason}. Give another recording.") from reason


def cut_clip(audio: Samples, start: int, clip_samples: int) -> Samples:
    """(clips, channels, clip_samples) from a start on, padded with silence beyond the end."""
    clip = audio[..., start : start + clip_samples]
    return np.pad(clip, ((0, 0), (0, 0), (0, clip_samples - clip.shape[-1])))


def embed_clips(model: Embedder, clips: Sequence[Samples]) -> Iterator[Samples]:
    """(latent_size,) of each clip, which is (clips, channels, samples): dry and wet, or wet alone."""
    for first in range(0, len(clips), CLIPS_A_BATCH):
        batch = np.stack(clips[first : first + CLIPS_A_BATCH])  # (batch, clips, channels, samples)
        yield from model.predict(batch[:, :, 0] if model.metadata["channels"] == 1 else batch)


def rms_db(clip: Samples) -> float:
    """Level in dB full scale, at least -120."""
    rms = float(np.sqrt(np.mean(np.square(clip, dtype=np.float64))))
    return max(20.0 * float(np.log10(rms)), SILENCE_DB) if rms > 0.0 else SILENCE_DB
