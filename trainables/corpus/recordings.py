"""One recording: found in a folder, decoded, brought to the corpus's rate and channels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pedalboard
import soundfile
import soxr
from pedalboard.io import AudioFile

from trainables.audio import Audio
from trainables.errors import InputError

AUDIO_SUFFIXES = frozenset(
    [
        ".wav",
        ".wave",
        ".w64",
        ".rf64",
        ".aif",
        ".aiff",
        ".aifc",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".mp2",
        ".m4a",
        ".aac",
        ".mp4",
        ".wma",
        ".caf",
        ".au",
        ".snd",
        ".sf",
        ".voc",
    ]
)
SYSTEM_ERROR = 2  # of libsndfile: the system's, not the file's


class Unusable(Exception):
    """A recording that cannot be used; its text is the reason."""


class Unreadable(Unusable):
    """The system refused to read it, which may be another time."""


@dataclass(frozen=True)
class Found:
    """A file of a corpus: `name` is its path within the folder, with forward slashes."""

    name: str
    path: Path


def find_recordings(folder: Path) -> list[Found]:
    """Every file with an audio suffix at any depth, sorted by name. Hidden files and folders are left out.

    Raises:
        InputError: the folder is missing, is not one, or cannot be read.
    """
    if not folder.is_dir():
        rule = "is a file, not a folder." if folder.exists() else "does not exist."
        raise InputError(f"audio path '{folder}'", rule, "Give a folder of recordings, or 'synthetic'.")
    files = (file for file in _walk(folder) if file.suffix.lower() in AUDIO_SUFFIXES)
    return sorted((Found(_name(file, folder), file) for file in files), key=lambda found: found.name)


def decode(path: Path, sample_rate: int, channels: int) -> Audio:
    """A file's samples, (channels, samples) float32 at `sample_rate`.

    More channels than asked for are averaged; mono is copied to both where two are asked for.

    Raises:
        Unusable: not audio, no samples, or NaN or infinite samples; Unreadable if the file cannot be read.
    """
    samples, own_rate = read_audio(path)
    if samples.shape[1] == 0:
        raise Unusable("empty")
    mixed = mix(samples, channels)
    if not np.isfinite(mixed).all():
        raise Unusable("not finite: it has NaN or infinite samples")
    if own_rate == sample_rate:
        return mixed
    return np.ascontiguousarray(soxr.resample(mixed.T, own_rate, sample_rate, quality="HQ").T, np.float32)


def decoders() -> dict[str, str]:
    """Versions of everything that shapes decoded samples."""
    return {
        "libsndfile": soundfile.__libsndfile_version__,
        "soundfile": soundfile.__version__,
        "pedalboard": pedalboard.__version__,
        "soxr": soxr.__version__,
    }


def mix(samples: Audio, channels: int) -> Audio:
    """(any, samples) to (channels, samples): as it is where the number fits, else the mean of all channels."""
    if samples.shape[0] == channels:
        return np.ascontiguousarray(samples)
    mean = sum(samples[1:], samples[0]) / np.float32(samples.shape[0])  # much faster than numpy's sum over a short axis
    return np.ascontiguousarray(np.broadcast_to(mean, (channels, mean.size)), np.float32)


def _walk(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise InputError(f"audio folder '{error.filename}'", "cannot be read.", "Check its permissions.") from error

    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (file for name in files if not name.startswith(".") and (file := Path(parent, name)).is_file())


def _name(file: Path, folder: Path) -> str:
    """Printable even where the file's name is not valid UTF-8."""
    return os.fsencode(file.relative_to(folder).as_posix()).decode("utf-8", "replace")


def read_audio(path: Path) -> tuple[Audio, int]:
    """(channels, samples) and the sample rate, by libsndfile, or else by pedalboard's decoders."""
    try:
        samples, sample_rate = soundfile.read(path, dtype="float32", always_2d=True)
        return samples.T, sample_rate
    except (soundfile.SoundFileError, OSError, ValueError) as error:
        reason = error
    try:
        with AudioFile(str(path)) as file:
            return file.read(file.frames), int(file.samplerate)
    except (OSError, ValueError, RuntimeError):
        refused = isinstance(reason, OSError) or getattr(reason, "code", 0) == SYSTEM_ERROR
        kind = Unreadable if refused else Unusable
        raise kind(f"cannot be decoded: {getattr(reason, 'error_string', reason)}") from reason
