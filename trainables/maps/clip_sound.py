"""Clips as short, small sounds for a page: mono MP3 of at most three quarters of a second.

MP3 because every browser plays it and the same samples give the same bytes (an Ogg stream begins with a random number).
At this level a clip takes 2.0 kB on average and 2.4 at most, measured over music through each of the nine effects, so
that 1,500 points with wet and dry stay below 10 MB as base64.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from trainables.audio import Audio, rms

CLIP_SECONDS = 0.75
CLIP_RATE = 24000  # in Hz; the highest that MP3 still codes with half as many samples a frame
FADE_SECONDS = 0.01
PEAK = 0.9
SILENT_RMS = 1e-6
COMPRESSION = 0.95  # libsndfile's own scale from 0 to 1: about 20 kbit/s
POWER_FRAME_SECONDS = 0.01

Mono = npt.NDArray[np.float32]


@dataclass(frozen=True)
class ClipPair:
    """A take's sound before and after its effect, as MP3; `dry` is empty where there is none."""

    dry: bytes
    wet: bytes


def encode_clip(audio: Audio, sample_rate: int) -> bytes:
    """The first 0.75 seconds as mono MP3, faded in and out; the same audio always gives the same bytes.

    Args:
        audio: (channels, samples) float32, within -1 to 1.
        sample_rate: in Hz.
    """
    mono = audio.mean(axis=0)[: int(CLIP_SECONDS * sample_rate)]
    file = io.BytesIO()
    at_rate = _faded(np.clip(soxr.resample(mono, sample_rate, CLIP_RATE), -1.0, 1.0))
    how = {"format": "MP3", "subtype": "MPEG_LAYER_III", "compression_level": COMPRESSION, "bitrate_mode": "AVERAGE"}
    soundfile.write(file, at_rate, CLIP_RATE, **how)
    return file.getvalue()


def encode_pair(dry: Audio, wet: Audio, sample_rate: int) -> ClipPair:
    """The loudest 0.75 seconds of a take, the same ones of dry and wet, equally loud.

    Args:
        dry, wet: (channels, samples) float32 of the same shape.
        sample_rate: in Hz.
    """
    level_dry, level_wet = level_pair(dry, wet)
    start = loudest_start(level_dry + level_wet, sample_rate)
    return ClipPair(encode_clip(level_dry[:, start:], sample_rate), encode_clip(level_wet[:, start:], sample_rate))


def level_pair(dry: Audio, wet: Audio) -> tuple[Audio, Audio]:
    """Both at the same RMS, and the higher of their peaks at 0.9; what is silent stays so."""
    pair = [audio / np.float32(max(rms(audio), SILENT_RMS)) for audio in (dry, wet)]
    peak = max(float(np.abs(audio).max()) for audio in pair)
    gain = np.float32(PEAK / peak if peak > 0.0 else 0.0)
    return pair[0] * gain, pair[1] * gain


def loudest_start(audio: Audio, sample_rate: int) -> int:
    """Where the loudest 0.75 seconds begin, in samples, on a grid of 10 ms; 0 if there is no more than that."""
    step = max(1, int(POWER_FRAME_SECONDS * sample_rate))
    length = int(CLIP_SECONDS * sample_rate) // step
    frames = audio.shape[1] // step
    if frames <= length:
        return 0
    power = np.square(audio[:, : frames * step], dtype=np.float64).sum(axis=0).reshape(frames, step).sum(axis=1)
    total = np.concatenate([[0.0], np.cumsum(power)])
    return int(np.argmax(total[length:] - total[:-length])) * step


def _faded(mono: Mono) -> Mono:
    samples = min(int(FADE_SECONDS * CLIP_RATE), len(mono) // 2)
    ramp = np.linspace(0.0, 1.0, samples, dtype=np.float32)
    faded = mono.astype(np.float32)
    faded[:samples] *= ramp
    faded[len(faded) - samples :] *= ramp[::-1]
    return faded
