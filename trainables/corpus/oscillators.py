"""What the instruments of the built-in corpus are made of: tones, noise bands, resonances and envelopes.

Every sound is (samples,) float64.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, lfilter, sosfilt

Sound = npt.NDArray[np.float64]
HIGHEST = 0.45  # of the sample rate: nothing is added above it


def frequency_hz(pitch: float) -> float:
    """Of a MIDI note number: 440 Hz at 69."""
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def time_axis(seconds: float, sample_rate: int) -> Sound:
    """In seconds, from 0."""
    return np.arange(int(seconds * sample_rate)) / sample_rate


def envelope(samples: int, sample_rate: int, attack_seconds: float, release_seconds: float) -> Sound:
    """Straight up, then level, then straight down to zero at the end."""
    time = np.arange(samples) / sample_rate
    shape: Sound = np.minimum(1.0, np.minimum(time / attack_seconds, (time[-1] - time) / release_seconds))
    return shape


def harmonics(pitch_hz: float, levels: Sound, time: Sound, sample_rate: int, fading: Sound | float = 1.0) -> Sound:
    """Sum of levels[k - 1] * fading^k * sin(k phase): a polynomial in fading * exp(i phase), by Horner's rule."""
    audible = np.arange(1, levels.size + 1) * pitch_hz < HIGHEST * sample_rate
    turning = fading * np.exp(2j * np.pi * pitch_hz * time)
    tone: Sound = np.polyval([*(levels * audible)[::-1], 0.0], turning).imag
    return tone


def modulated(pitch_hz: float, ratio: float, index: Sound, time: Sound) -> Sound:
    """A sine whose phase is moved by another, `index` radians far, at `ratio` times its frequency."""
    tone: Sound = np.sin(2.0 * np.pi * pitch_hz * time + index * np.sin(2.0 * np.pi * ratio * pitch_hz * time))
    return tone


def falling_sine(time: Sound, end_hz: float, excess: float, fall_seconds: float) -> Sound:
    """Starts at (1 + excess) times `end_hz` and falls to it, exponentially."""
    phase = end_hz * (time - excess * fall_seconds * (np.exp(-time / fall_seconds) - 1.0))
    tone: Sound = np.sin(2.0 * np.pi * phase)
    return tone


def band(sound: Sound, low_hz: float, high_hz: float, sample_rate: int) -> Sound:
    """Noise or a tone between two frequencies, 6 dB per octave on either side."""
    high_hz = min(high_hz, HIGHEST * sample_rate)
    sections = butter(1, [min(low_hz, 0.5 * high_hz), high_hz], "bandpass", fs=sample_rate, output="sos")
    return np.asarray(sosfilt(sections, sound))


def resonance(sound: Sound, centre_hz: float, width_hz: float, sample_rate: int) -> Sound:
    """Two-pole resonator; silence where it would ring above the range."""
    if centre_hz > HIGHEST * sample_rate:
        return np.zeros_like(sound)
    radius = np.exp(-np.pi * width_hz / sample_rate)
    feedback = [1.0, -2.0 * radius * np.cos(2.0 * np.pi * centre_hz / sample_rate), radius**2]
    return np.asarray(lfilter([1.0 - radius], feedback, sound))
