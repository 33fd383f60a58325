"""The recordings of `fxsweep match`: the input as it is, the reference brought to the input's sample rate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from trainables.audio import Audio, check_audio
from trainables.corpus.recordings import Unusable, read_audio
from trainables.matching.pairing import Reference
from tune.errors import InvalidInput

FEWEST_SECONDS = 0.1
MOST_CHANNELS = 2
LENGTH_TOLERANCE = 0.05  # seconds by which a processed file may be longer or shorter than its dry version


@dataclass(frozen=True, eq=False)
class MatchAudio:
    """What is matched to what.

    Attributes:
        dry: the input, (1 or 2, samples) float32 at its own rate.
        reference: at the same rate, with its own channels.
    """

    dry: Audio
    reference: Reference


def read_match_audio(source: Path, reference: Path, reference_dry: Path | None) -> MatchAudio:
    """Reads all that is given.

    Raises:
        InvalidInput: a file is missing, unusable, silent or too short, or the reference and its dry version differ in length.
    """
    dry, sample_rate = read_sound("input", source)
    wet = _at_rate("reference", reference, sample_rate)
    if reference_dry is None:
        return MatchAudio(dry, Reference(wet, None, sample_rate))
    before = _at_rate("reference-dry", reference_dry, sample_rate)
    if abs(before.shape[1] - wet.shape[1]) > LENGTH_TOLERANCE * sample_rate:
        seconds = [audio.shape[1] / sample_rate for audio in (before, wet)]
        raise InvalidInput(
            f"--reference-dry {reference_dry}: is {seconds[0]:.2f} s long and the reference {seconds[1]:.2f} s. "
            "Give the same recording before and after its effect, from the same start."
        )
    length = min(before.shape[1], wet.shape[1])
    channels = min(before.shape[0], wet.shape[0])
    before, wet = (_with_channels(audio[:, :length], channels) for audio in (before, wet))
    return MatchAudio(dry, Reference(wet, before, sample_rate))


def read_sound(what: str, path: Path) -> tuple[Audio, int]:
    """A file's samples and sample rate; `what` is how a message calls it.

    Raises:
        InvalidInput: it is missing, cannot be read, has more than two channels, is too short or silent.
    """
    if path.is_dir():
        raise InvalidInput(f"{what} '{path}': is a folder. Give one recording.")
    if not path.is_file():
        raise InvalidInput(f"{what} '{path}': there is no such file. Check the path.")
    try:
        samples, sample_rate = read_audio(path)
    except Unusable as error:
        reason = str(error).rstrip(".")
        raise InvalidInput(f"{what} '{path}': {reason}. Give a recording that libsndfile or pedalboard can read.") from error
    if samples.shape[0] > MOST_CHANNELS:
        raise InvalidInput(f"{what} '{path}': has {samples.shape[0]} channels. Give mono or stereo.")
    if samples.shape[1] < FEWEST_SECONDS * sample_rate:
        raise InvalidInput(f"{what} '{path}': is shorter than {FEWEST_SECONDS} s. Give more of it.")
    if not np.isfinite(samples).all():
        raise InvalidInput(f"{what} '{path}': has samples that are NaN or infinite. Remove or replace them first.")
    audio = check_audio(np.ascontiguousarray(samples, np.float32), sample_rate)
    if not np.any(audio):
        raise InvalidInput(f"{what} '{path}': is silent. Give a recording with sound.")
    return audio, sample_rate


def _at_rate(what: str, path: Path, sample_rate: int) -> Audio:
    audio, own_rate = read_sound(what, path)
    if own_rate == sample_rate:
        return audio
    return np.ascontiguousarray(soxr.resample(audio.T, own_rate, sample_rate, quality="HQ").T, np.float32)


def _with_channels(audio: Audio, channels: int) -> Audio:
    return np.ascontiguousarray(audio if audio.shape[0] == channels else audio.mean(axis=0, keepdims=True))
