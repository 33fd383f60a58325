"""Brightness: how much is high, and how high it is.

A. Pearce and others, "Release of timbral characterisation tools for semantically annotating non-musical
content", AudioCommons deliverable D5.8, 2019; the package timbral_models 0.4.0.
"""

from __future__ import annotations

import math

import numpy as np

from trainables.timbre.signal import Signal, Unmeasurable, filtered, power_spectra

WINDOW_SAMPLES = 2048
RATIO_ABOVE_HZ, CENTROID_ABOVE_HZ = 2000.0, 100.0
PER_RATIO_DECADE, PER_CENTROID_DECADE, OFFSET = 4.613128018020465, 17.378889309312974, 17.434733750553022


def brightness_of(signal: Signal) -> float:
    """Apparent brightness: about 0 to 100, and not limited to that.

    Raises:
        Unmeasurable: nothing is left of it to be compared, as of a constant.
    """
    ratio, centroid_hz = high_ratio(signal), centroid(signal)
    if not (ratio > 0.0 and centroid_hz > 0.0):
        raise Unmeasurable("no energy in the spectrum")
    return PER_RATIO_DECADE * math.log10(ratio) + PER_CENTROID_DECADE * math.log10(centroid_hz) + OFFSET


def high_ratio(signal: Signal) -> float:
    """Share of the energy above 2 kHz, 0 to 1. The original weights each frame's share by its power: the same."""
    whole, high = _powers(signal, None)[1].sum(), _powers(signal, RATIO_ABOVE_HZ)[1].sum()
    return float(high / whole) if whole > 0.0 else math.nan


def centroid(signal: Signal) -> float:
    """Mean frequency in Hz of what is above 100 Hz, by power."""
    frequencies_hz, powers = _powers(signal, CENTROID_ABOVE_HZ)
    return float(frequencies_hz @ powers.sum(axis=1) / powers.sum()) if powers.any() else math.nan


def _powers(signal: Signal, above_hz: float | None) -> tuple[np.ndarray, np.ndarray]:
    kept = signal.samples if above_hz is None else filtered(signal.samples, signal.sample_rate, above_hz, "highpass")
    return power_spectra(kept, signal.sample_rate, WINDOW_SAMPLES)
