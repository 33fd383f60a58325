"""How far two sounds of equal level are apart: a log-spectral distance in third octaves."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.fft import next_fast_len, rfft

from trainables.audio import Audio, rms

Bands = npt.NDArray[np.float64]  # (signals, bands, frames) in dB

AUDIBLE_DB = 1.0
"""From here on a difference counts as heard: two spectra 1 dB apart on average sound the same (Paliwal and Atal, IEEE
Transactions on Speech and Audio Processing 1 (1), 1993), and 1 dB is about the least step of level that is noticed
(Zwicker and Fastl, Psychoacoustics, 1999)."""
FLOOR_DB = -60.0  # against the level of the whole sound: what is below is masked or lost in a room
FRAME_SECONDS = 0.0464  # 2048 samples at 44.1 kHz
LOWEST_HZ, HIGHEST_HZ = 50.0, 16000.0  # centres of the third octaves
SILENCE_DB = -120.0


def level_db(audio: Audio) -> float:
    """RMS over all samples and channels, in dB against full scale, at least -120."""
    return max(SILENCE_DB, 20.0 * float(np.log10(max(rms(audio), 1e-12))))


def bands_db(audio: Audio, sample_rate: int, highest_hz: float = HIGHEST_HZ) -> Bands:
    """Third-octave levels of a sound brought to equal level: (signals, bands, frames), 0 dB being the whole sound's power.

    Args:
        audio: (channels, samples) float32; of two channels the mid and side signals are looked at, too, because
            a width is heard and is in neither channel alone.
        sample_rate: in Hz; frames of 46 ms, half overlapping, last as long at every rate.
        highest_hz: centre of the highest band, which must lie below half of the sample rate.
    """
    size = next_fast_len(round(FRAME_SECONDS * sample_rate), real=True)
    padded = np.pad(audio, ((0, 0), (0, max(0, size - audio.shape[1]))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, :: size // 2]
    window = np.hanning(size).astype(np.float32)
    spectra = rfft(frames * window, axis=2)
    bins = _first_bins(size, sample_rate, highest_hz)
    power = _sum_bands(spectra.real**2 + spectra.imag**2, bins)
    if len(spectra) == 2:
        left, right = spectra
        half, shared = power.mean(0), _sum_bands(left.real * right.real + left.imag * right.imag, bins)
        power = np.concatenate([power, [half + shared, half - shared]])
    whole = max(rms(audio) ** 2, 1e-12) * float(np.square(window).sum()) * size / 2.0
    levels: Bands = 10.0 * np.log10(np.maximum(power / whole, 10.0 ** (FLOOR_DB / 10.0)))
    return levels.swapaxes(-1, -2)


def _sum_bands(power: npt.NDArray[np.float32], bins: npt.NDArray[np.int64]) -> Bands:
    return np.add.reduceat(power, bins, axis=-1)[..., :-1].astype(np.float64)


def distance_db(one: Bands, other: Bands) -> float:
    """Root mean square difference in dB over what is above the floor in at least one of the two; 0 if nothing is."""
    sounding = np.maximum(one, other) > FLOOR_DB
    difference = (one - other)[sounding]
    return float(np.sqrt(np.mean(np.square(difference)))) if difference.size else 0.0


@lru_cache(maxsize=8)
def _first_bins(size: int, sample_rate: int, highest_hz: float) -> npt.NDArray[np.int64]:
    """The first bin of each band and, last, the first above them all; low bands are as wide as a bin."""
    thirds = np.arange(2 + round(3 * np.log2(highest_hz / LOWEST_HZ)))
    edges_hz = LOWEST_HZ * 2.0 ** ((thirds - 0.5) / 3.0)
    return np.unique(np.ceil(edges_hz * size / sample_rate).astype(np.int64))
