"""Integrated loudness (ITU-R BS.1770-4, by pyloudnorm), and sounds brought to the same one."""

from __future__ import annotations

import warnings

import numpy as np
import pyloudnorm

from trainables.audio import Audio, rms

BLOCK_SECONDS = 0.4  # of the standard; what is shorter has no integrated loudness
LUFS_OF_RMS = -0.691  # added to the level of a mono sound that no filter weights
LOUDEST_PEAK = 0.95


def loudness_lufs(audio: Audio, sample_rate: int) -> float:
    """Of (channels, samples); of what is shorter than 0.4 s the unweighted level; minus infinity of silence."""
    if audio.shape[1] <= BLOCK_SECONDS * sample_rate:
        level = rms(audio) ** 2 * len(audio)
        return LUFS_OF_RMS + 10.0 * float(np.log10(level)) if level > 0.0 else float("-inf")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # log of zero, in silence
        return float(pyloudnorm.Meter(sample_rate).integrated_loudness(audio.T.astype(np.float64)))


def equally_loud(sounds: list[Audio], sample_rate: int) -> list[Audio]:
    """All at the loudness of the quietest, and then so high that the highest peak of all is 0.95; silence stays silent.

    Args:
        sounds: (channels, samples) each, of any lengths.
    """
    levels = [loudness_lufs(sound, sample_rate) for sound in sounds]
    lowest = min((level for level in levels if np.isfinite(level)), default=0.0)
    gains = [10.0 ** ((lowest - level) / 20.0) if np.isfinite(level) else 0.0 for level in levels]
    matched = [sound * np.float32(gain) for sound, gain in zip(sounds, gains, strict=True)]
    peak = max(float(np.abs(sound).max()) for sound in matched)
    return [sound * np.float32(LOUDEST_PEAK / peak) if peak > 0.0 else sound for sound in matched]
