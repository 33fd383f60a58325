"""What both models start from: one channel, at 44,100 Hz or more, without what is below 20 Hz, with a peak of 1.

The original also brings each sound to a loudness of -24 LUFS. Both models normalise to the peak afterwards, so that
it changes nothing, and is left out: sounds too quiet for its loudness meter have a timbre here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import soxr
from scipy.signal import butter, lfilter, spectrogram

from trainables.audio import Audio

LOWEST_RATE = 44100  # sounds at lower rates are resampled to it, as the original does, by librosa's default resampler
LOWEST_HZ = 20.0

Samples = npt.NDArray[np.float64]  # (samples,)


class Unmeasurable(ValueError):
    """A sound for which a model has no value; the message is the reason, in a few words that can be counted."""


@dataclass(frozen=True, eq=False)
class Signal:
    """A sound ready to be measured: (samples,) float64 with a peak of 1, and its sample rate in Hz."""

    samples: Samples
    sample_rate: int


def prepare(audio: Audio, sample_rate: int) -> Signal:
    """The sound as both models want it.

    Args:
        audio: (1 or 2, samples) float32; channels are averaged.
        sample_rate: in Hz.

    Raises:
        Unmeasurable: it is too short, not finite or silent.
    """
    mono, rate = _resampled(_mono(audio), sample_rate)
    heard = filtered(mono, rate, LOWEST_HZ, "highpass")
    return Signal(heard * (1.0 / np.abs(heard).max()), rate)


def _mono(audio: Audio) -> Samples:
    if audio.shape[1] < 2:
        raise Unmeasurable("too short")
    if not np.isfinite(audio).all():
        raise Unmeasurable("not finite")
    mono: Samples = audio.mean(axis=0, dtype=np.float64)
    if not mono.any():
        raise Unmeasurable("silent")
    return mono


def _resampled(mono: Samples, sample_rate: int) -> tuple[Samples, int]:
    if sample_rate >= LOWEST_RATE:
        return mono, sample_rate
    length = math.ceil(mono.size * LOWEST_RATE / sample_rate)
    faster: Samples = soxr.resample(mono, sample_rate, LOWEST_RATE, quality="HQ")[:length]
    return np.pad(faster, (0, length - faster.size)), LOWEST_RATE


def filtered(samples: Samples, sample_rate: int, crossover_hz: float, kind: Literal["lowpass", "highpass"]) -> Samples:
    """Three second-order Butterworth filters, one after the other."""
    numerator, denominator = butter(2, crossover_hz / (0.5 * sample_rate), kind)
    for _ in range(3):
        samples = lfilter(numerator, denominator, samples)
    return samples


def power_spectra(samples: Samples, sample_rate: int, window_samples: int) -> tuple[Samples, npt.NDArray[np.float64]]:
    """Frequencies in Hz (bins,) and powers (bins, frames), of Hamming windows that overlap by three quarters.

    A sound that is shorter than a window is one frame.
    """
    length = min(window_samples, samples.size)
    frequencies_hz, _, powers = spectrogram(
        samples, sample_rate, "hamming", length, 3 * length // 4, window_samples, "constant", scaling="spectrum"
    )
    return frequencies_hz, powers
