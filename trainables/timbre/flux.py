"""Spectral flux and the onsets picked from it, as librosa 0.11 defines both; without it, because it compiles itself when
it is imported, which takes seconds and has crashed where two processes did so at once.

Boeck, Krebs & Schedl, "Evaluating the online capabilities of onset detection methods", ISMIR 2012.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.signal import get_window

from trainables.timbre.signal import Samples

FFT_SAMPLES, FRAME_SAMPLES, BANDS = 2048, 512, 128
FLOOR_POWER, RANGE_DB = 1e-10, 80.0
LATE_FRAMES = 1 + FFT_SAMPLES // (2 * FRAME_SAMPLES)  # a difference of two frames, each as wide as four
PEAK_SECONDS, MEAN_SECONDS = 0.03, 0.1  # an onset is the highest since, and stands out from what is around
STANDS_OUT = float(np.float32(0.07))  # of the range


def spectral_flux(samples: Samples, sample_rate: int) -> Samples:
    """(1 + samples // 512,) mean over mel bands of the rise from one frame to the next, in dB."""
    power = mel_weights(sample_rate) @ _power(samples)
    level_db = 10.0 * np.log10(np.maximum(FLOOR_POWER, power))
    level_db = np.maximum(level_db, level_db.max() - RANGE_DB)
    rise_db = np.maximum(0.0, np.diff(level_db, axis=1)).mean(axis=0)
    flux_db: Samples = np.pad(rise_db, (LATE_FRAMES, 0))[: level_db.shape[1]]
    return flux_db


def picked_onsets(flux_db: Samples, sample_rate: int) -> list[int]:
    """Frames of the flux's peaks, each moved back to the last minimum before it; none in silence."""
    risen = flux_db - flux_db.min()
    if not risen.any():
        return []
    relative = risen / (risen.max() + np.finfo(risen.dtype).tiny)
    minima = np.flatnonzero(_is_minimum(relative))
    starts = np.union1d(minima, [0])
    return [int(starts[np.searchsorted(starts, peak, side="right") - 1]) for peak in _peaks(relative, sample_rate)]


def _peaks(flux: Samples, sample_rate: int) -> Iterator[int]:
    before_peak, around = (int(seconds * sample_rate // FRAME_SAMPLES) for seconds in (PEAK_SECONDS, MEAN_SECONDS))
    frame = 0
    while frame < len(flux):
        highest = flux[max(0, frame - before_peak) : frame + 1].max()
        mean = flux[max(0, frame - around) : frame + around + 1].mean()
        if flux[frame] == highest and flux[frame] >= mean + STANDS_OUT:
            yield frame
            frame += before_peak
        frame += 1


def _is_minimum(flux: Samples) -> npt.NDArray[np.bool_]:
    """Not above the frame before, and lower than the next; neither the first nor the last."""
    inside = (flux[1:-1] <= flux[:-2]) & (flux[1:-1] < flux[2:])
    return np.pad(inside, 1)[: len(flux)]


def _power(samples: Samples) -> Samples:
    """(1025, 1 + samples // 512) of the short-time Fourier transform, periodic Hann window, zeros beyond both ends."""
    padded = np.pad(samples, FFT_SAMPLES // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FFT_SAMPLES)[::FRAME_SAMPLES]
    spectrum = np.fft.rfft(frames * get_window("hann", FFT_SAMPLES), axis=1)
    power: Samples = np.square(np.abs(spectrum)).T
    return power


@lru_cache(maxsize=8)
def mel_weights(sample_rate: int) -> npt.NDArray[np.float32]:
    """(128, 1025) triangles of equal area from 0 to half the sample rate, in Slaney's mel (Auditory Toolbox, 1998)."""
    edges = _hz(np.linspace(0.0, _mel(sample_rate / 2.0), BANDS + 2))
    bins = np.fft.rfftfreq(FFT_SAMPLES, 1.0 / sample_rate)
    rise = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    triangles = np.maximum(0.0, np.minimum(rise, fall)).astype(np.float32)
    weights: npt.NDArray[np.float32] = triangles * (2.0 / (edges[2:] - edges[:-2]))[:, None].astype(np.float32)
    return weights


LINEAR_HZ, LINEAR_MEL, MELS_A_FACTOR = 1000.0, 15.0, 27.0 / np.log(6.4)  # linear below, logarithmic above


def _mel(hz: float) -> float:
    return float(LINEAR_MEL + MELS_A_FACTOR * np.log(hz / LINEAR_HZ)) if hz >= LINEAR_HZ else hz * LINEAR_MEL / LINEAR_HZ


def _hz(mels: Samples) -> Samples:
    above = LINEAR_HZ * np.exp((np.maximum(mels, LINEAR_MEL) - LINEAR_MEL) / MELS_A_FACTOR)
    return np.where(mels < LINEAR_MEL, mels * LINEAR_HZ / LINEAR_MEL, above)
