"""What an effect did, told from its input and output in the time domain: curves of level and amplitude, and echoes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft

Mono = npt.NDArray[np.float32]  # (samples,)
Values = npt.NDArray[np.float32]

FRAME_SAMPLES = 512
LEVEL_POINTS, AMPLITUDE_POINTS = 12, 12
THINNING = 5  # of the samples for their quantiles
LEVEL_FLOOR = 1e-4
LEVEL_SCALE_DB = 10.0
SHORTEST_SECONDS, LONGEST_SECONDS = 1e-3, 0.75
SHORT_POINTS, LONG_POINTS = 24, 168
REGULARISATION = 1e-3  # of the mean power: bins with less input than that tell little
RESPONSE_FLOOR = 1e-3
SMALLEST_POWER = 1e-20  # so that silence has a response, of nothing
EDGES = np.concatenate(
    [
        np.linspace(0.0, SHORTEST_SECONDS, SHORT_POINTS, endpoint=False),
        np.geomspace(SHORTEST_SECONDS, LONGEST_SECONDS, LONG_POINTS),
    ]
)


def level_curve(dry: Mono, wet: Mono) -> Values:
    """(LEVEL_POINTS,) by how many tens of dB frames of each loudness are raised, from the quietest, less the mean of all."""
    before, after = (_frame_levels(sound) for sound in (dry, wet))
    raised = after - before
    parts = np.array_split(raised[np.argsort(before, kind="stable")], LEVEL_POINTS)
    curve = np.array([part.mean() if part.size else 0.0 for part in parts])
    return np.asarray((curve - curve.mean()) / LEVEL_SCALE_DB, dtype=np.float32)


def amplitudes(dry: Mono, wet: Mono) -> Values:
    """(2 * AMPLITUDE_POINTS,) quantiles of the samples' amplitudes over their RMS, of dry and of wet."""
    places = 1.0 - np.geomspace(1e-4, 0.9, AMPLITUDE_POINTS)
    return np.concatenate([np.quantile(np.abs(sound[::THINNING]) / _rms(sound), places) for sound in (dry, wet)]).astype(
        np.float32
    )


def response(dry: Mono, wet: Mono, sample_rate: int) -> Values:
    """(SHORT_POINTS + LONG_POINTS - 1,) the highest peak of the response in each stretch of time, on a log scale.

    The response is wet over dry in the frequency domain, regularised: that of a linear effect, and of others what is
    linear in them. An echo is a peak at its delay.
    """
    size = next_fast_len(len(dry) + int(LONGEST_SECONDS * sample_rate), real=True)
    before, after = rfft(dry, size), rfft(wet, size)
    power = np.square(before.real) + np.square(before.imag)
    heard = np.abs(irfft(after * before.conj() / (power + REGULARISATION * power.mean() + SMALLEST_POWER), size))
    places = np.minimum((EDGES * sample_rate).astype(np.int64), len(heard) - 1)
    peaks = np.maximum.reduceat(heard[: places[-1] + 1], places[:-1])
    return (np.log10(peaks / max(float(peaks.max()), 1e-12) + RESPONSE_FLOOR) + 1.5).astype(np.float32)


def _frame_levels(sound: Mono) -> npt.NDArray[np.float64]:
    """dB of each frame over the whole."""
    frames = sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    power = np.square(frames, dtype=np.float64).mean(axis=1) / _rms(sound) ** 2
    return np.asarray(10.0 * np.log10(power + LEVEL_FLOOR), dtype=np.float64)


def _rms(sound: Mono) -> float:
    return max(float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))), 1e-9)
