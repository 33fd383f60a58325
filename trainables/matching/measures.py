"""Measures beside the metric: in which way a result differs from what is right, each in a unit of its own.

They are those of DeepAFx-ST (Steinmetz, Bryan & Reiss, JAES 70(9), 2022) and of the published system of the seed study's
author, with two differences: decibels are 20 log10 here (there natural logarithms, so that their figures in dB are 2.3 times
these), and nothing is normalised to its peak, which would make the errors of crest factor and of RMS one and the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft

from trainables.audio import Audio, rms
from trainables.configs import FrontEndConfig
from trainables.features import mel_matrix
from trainables.matching.loudness import loudness_lufs
from trainables.matching.spectral_metrics import levelled

Values = npt.NDArray[np.float64]

MEL_SAMPLES, MEL_BANDS = 65_536, 128
MEL_FLOOR = 1e-8  # of power per bin, where white noise of RMS 1 has 1: -80 dB
FRAME_SAMPLES, HOP_SAMPLES = 2048, 512
SILENT_SHARE = 1e-8  # of the loudest frame's magnitude: what is quieter has no centroid
QUIETEST_DB = -120.0
QUIETEST_LUFS = -70.0  # the absolute gate of ITU-R BS.1770: what is below it counts as silence

UNITS: Mapping[str, str] = MappingProxyType(
    {"mel_distance": "dB", "centroid": "Hz", "crest_factor": "dB", "rms": "dB", "loudness": "LU", "waveform": ""}
)
"""Every measure with the unit of its error."""


@dataclass(frozen=True, eq=False)
class Described:
    """One sound as its measures see it.

    Attributes:
        mel_db: (channels, frames, bands) levels, of the sound at an RMS of 0.1.
        waveform: (channels, samples) at an RMS of 0.1.
        centroid_hz, crest_factor_db, rms_db, loudness_lufs: as the functions below tell them; the last two of the sound as
            it is, at its own level.
    """

    mel_db: Values
    waveform: Audio
    centroid_hz: float
    crest_factor_db: float
    rms_db: float
    loudness_lufs: float


def describe(audio: Audio, sample_rate: int) -> Described:
    """All that is measured of (channels, samples)."""
    level = levelled(audio)
    return Described(
        mel_db=mel_levels_db(level, sample_rate),
        waveform=level,
        centroid_hz=spectral_centroid_hz(audio, sample_rate),
        crest_factor_db=crest_factor_db(audio),
        rms_db=rms_db(audio),
        loudness_lufs=max(loudness_lufs(audio, sample_rate), QUIETEST_LUFS),
    )


def errors(ours: Described, right: Described) -> dict[str, float]:
    """How far one sound is from another of its shape, at least 0, by the names of UNITS.

    `mel_distance`: mean difference of the levels of 128 mel bands over windows of 65,536 samples, both at equal RMS: the
    long-term balance of the spectrum. `waveform`: mean absolute difference (L1) of the samples, both at an RMS of 0.1. `centroid`
    and `crest_factor`: of the value of one from that of the other. `rms` and `loudness` likewise, of the sounds as the effect
    gives them, before `fxsweep match` would amplify them.
    """
    return {
        "mel_distance": float(np.abs(ours.mel_db - right.mel_db).mean()),
        "centroid": abs(ours.centroid_hz - right.centroid_hz),
        "crest_factor": abs(ours.crest_factor_db - right.crest_factor_db),
        "rms": abs(ours.rms_db - right.rms_db),
        "loudness": abs(ours.loudness_lufs - right.loudness_lufs),
        "waveform": float(np.abs(ours.waveform - right.waveform).mean(dtype=np.float64)),
    }


def mel_levels_db(audio: Audio, sample_rate: int) -> Values:
    """(channels, frames, bands) dB of power in windows of 65,536 samples that do not overlap, or one of a shorter sound.

    Hann windows, the last filled up with silence; triangles as in features.py; white noise of RMS 1 is at 0 dB.
    """
    size = min(MEL_SAMPLES, audio.shape[1])
    window, bands = _long_window(size), _mel_bands(size, sample_rate)
    padded = np.pad(audio, ((0, 0), (0, -audio.shape[1] % size)))
    spectra = rfft(padded.reshape(len(audio), -1, size) * window, axis=-1)
    power = (np.square(spectra.real) + np.square(spectra.imag)) / np.square(window).sum()
    return np.asarray(10.0 * np.log10(power @ bands.T + MEL_FLOOR), dtype=np.float64)


def spectral_centroid_hz(audio: Audio, sample_rate: int) -> float:
    """The mean over frames of the frequency that a frame's magnitudes balance at (Peeters 2004, 6.1.1); 0 of silence.

    Frames of 2,048 samples, 512 apart, Hann windows; frames of silence are left out. Channels are mixed.
    """
    mono = audio.mean(axis=0, dtype=np.float64)
    padded = np.pad(mono, (0, max(0, FRAME_SAMPLES - len(mono))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME_SAMPLES)[::HOP_SAMPLES]
    magnitudes = np.abs(rfft(frames * np.hanning(FRAME_SAMPLES + 1)[:-1], axis=-1))
    total = magnitudes.sum(axis=1)
    heard = total > SILENT_SHARE * total.max()
    if not heard.any():
        return 0.0
    hz = np.arange(magnitudes.shape[1]) * (sample_rate / FRAME_SAMPLES)
    return float(((magnitudes[heard] @ hz) / total[heard]).mean())


def crest_factor_db(audio: Audio) -> float:
    """20 log10 of the highest peak over the RMS, of all channels together: a sine's is 3.01 dB; 0 of silence."""
    level = rms(audio)
    return 20.0 * float(np.log10(np.abs(audio).max() / level)) if level > 0.0 else 0.0


def rms_db(audio: Audio) -> float:
    """20 log10 of the RMS, in dBFS, at least -120: a full-scale sine's is -3.01 dB."""
    return max(QUIETEST_DB, 20.0 * float(np.log10(max(rms(audio), 1e-9))))


@lru_cache(maxsize=4)
def _long_window(size: int) -> Values:
    return np.asarray(np.hanning(size + 1)[:-1], dtype=np.float64)


@lru_cache(maxsize=4)
def _mel_bands(size: int, sample_rate: int) -> Values:
    return mel_matrix(FrontEndConfig(fft_size=size, bands=MEL_BANDS), sample_rate).astype(np.float64)
