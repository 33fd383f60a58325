"""Depth: how low a sound is, how much of it, and how long it lasts.

A. Pearce and others, "Release of timbral characterisation tools for semantically annotating non-musical
content", AudioCommons deliverable D5.8, 2019; the package timbral_models 0.4.0.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from trainables.timbre.envelopes import STEP_SAMPLES, rms_envelope
from trainables.timbre.onsets import find_onsets
from trainables.timbre.peaks import lowest_peak_decades
from trainables.timbre.signal import Samples, Signal, Unmeasurable, filtered, power_spectra

WINDOW_SAMPLES = 4096
CENTROID_BELOW_HZ, RATIO_BELOW_HZ = 2000.0, 500.0
QUIET_POWER = 1e-3  # of a frame; the original's -60 dB
DECAYED = 0.01  # of the loudest step: -40 dB
WEIGHTS = (-0.0043703565847874465, 32.83743202462131, 4.750862716905235, -14.217438690256062)
RATIO_BY_DECAY, STEP_BY_DECAY, OFFSET = 3.8782339862813924, -0.8544826091735516, 66.69534393444391


def depth_of(signal: Signal) -> float:
    """Apparent depth: about 0 to 100, and not limited to that.

    Raises:
        Unmeasurable: nothing decays, no peak, or nothing is left to be compared, as of a constant.
    """
    frequencies_hz, powers = power_spectra(signal.samples, signal.sample_rate, WINDOW_SAMPLES)
    centroid_hz, ratio = low_centroid_and_ratio(signal, frequencies_hz, powers.sum(axis=0))
    decay = decay_decades(signal, find_onsets(signal))
    terms = (centroid_hz, ratio, decay, lowest_peak_decades(frequencies_hz, powers.sum(axis=1)))
    weighted = sum(weight * term for weight, term in zip(WEIGHTS, terms, strict=True))
    return weighted + (RATIO_BY_DECAY * ratio + STEP_BY_DECAY * _soft_step(ratio)) * decay + OFFSET


def low_centroid_and_ratio(signal: Signal, frequencies_hz: Samples, frame_powers: Samples) -> tuple[float, float]:
    """Mean frequency in Hz of what is below 2 kHz, and the share of power below 500 Hz: means over frames by power.

    Frames below -60 dB count as 0 in both, as in the original.
    """
    if not frame_powers.any():
        raise Unmeasurable("no energy in the spectrum")
    low, lowest = (_low_powers(signal, below_hz) for below_hz in (CENTROID_BELOW_HZ, RATIO_BELOW_HZ))
    loud = frame_powers > QUIET_POWER
    weights = np.where(loud, frame_powers, 0.0) / frame_powers.sum()
    centroids_hz = frequencies_hz @ low[:, loud] / low[:, loud].sum(axis=0)
    return min(float(centroids_hz @ weights[loud]), CENTROID_BELOW_HZ), float(lowest[:, loud].sum() / frame_powers.sum())


def _low_powers(signal: Signal, below_hz: float) -> np.ndarray:
    low = filtered(signal.samples, signal.sample_rate, below_hz, "lowpass")
    return power_spectra(low, signal.sample_rate, WINDOW_SAMPLES)[1]


def decay_decades(signal: Signal, onsets: list[int]) -> float:
    """log10 of the mean seconds from each onset's loudest step until it has fallen to -40 dB, or to the next onset.

    Raises:
        Unmeasurable: every onset is itself below -40 dB.
    """
    envelope = rms_envelope(signal)
    bounds = [*(onset // STEP_SAMPLES for onset in onsets), envelope.size]
    mean_steps = np.mean([_decay_steps(envelope[begin:end]) for begin, end in pairwise(bounds)])
    if mean_steps == 0.0:
        raise Unmeasurable("no onset above -40 dB")
    return math.log10(mean_steps * STEP_SAMPLES / signal.sample_rate)


def _decay_steps(segment: Samples) -> int:
    after_peak = segment[np.argmax(segment) :]
    decayed = after_peak < DECAYED
    return int(np.argmax(decayed)) if decayed.any() else after_peak.size


def _soft_step(ratio: float) -> float:
    return ratio**10 / (ratio**10 + 0.2)
