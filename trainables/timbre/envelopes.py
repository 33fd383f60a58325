"""How loud a sound is over time: an envelope that holds its peaks, and one of short powers."""

from __future__ import annotations

import numpy as np

from trainables.timbre.signal import Samples, Signal

HOLD_SECONDS, FALL_SECONDS = 0.01, 0.2
STEP_SAMPLES = 256  # of the envelope of powers


def held_envelope(signal: Signal) -> Samples:
    """(samples,) 0 to 1: follows every rise at once, holds for 10 ms, then falls from 1 to 0 in 200 ms."""
    hold_samples, fall = HOLD_SECONDS * signal.sample_rate, 1.0 / (FALL_SECONDS * signal.sample_rate)
    levels: list[float] = []
    level, held = 0.0, 0
    for sample in np.abs(signal.samples).tolist():
        if sample >= level:
            level, held = sample, 0
        elif held < hold_samples:
            held += 1
        else:
            level = max(level - fall, sample)
        levels.append(level)
    return np.array(levels)


def rms_envelope(signal: Signal) -> Samples:
    """(steps,) root mean square of every 256 samples, and of the last 1 to 256; its peak is 1."""
    squares = signal.samples**2
    whole = max(0, -(-squares.size // STEP_SAMPLES) - 1)  # steps that something comes after
    steps = squares[: whole * STEP_SAMPLES].reshape(whole, STEP_SAMPLES).mean(axis=1)
    envelope: Samples = np.sqrt(np.append(steps, squares[whole * STEP_SAMPLES :].mean()))
    envelope *= 1.0 / envelope.max()
    return envelope
