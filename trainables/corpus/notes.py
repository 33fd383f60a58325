"""What the built-in corpus plays: notes with time, length, pitch and strength, drawn from a generator."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 3, 5, 7, 10), (0, 2, 4, 7, 9))
RHYTHMS = ((1.0, 0.5, 0.5), (0.5, 0.5, 0.5, 0.5), (1.5, 0.5, 1.0, 1.0), (0.25, 0.25, 0.5, 1.0))  # in beats
REST_SHARE = 0.15
KICK, SNARE, HAT, TOM = range(4)


@dataclass(frozen=True)
class Note:
    """One sound: `pitch` is a MIDI note number, or which drum."""

    start_seconds: float
    seconds: float
    pitch: float
    velocity: float


def melody(random: np.random.Generator, seconds: float, lowest: int, voices: int = 1) -> list[Note]:
    """A walk over a scale in a repeated rhythm, with rests.

    Args:
        random: draws scale, key, tempo, rhythm and every step.
        seconds: of the whole.
        lowest: MIDI note below which it does not go; it stays within two octaves.
        voices: how many notes sound together, a third apart.
    """
    scale, rhythm = SCALES[random.integers(len(SCALES))], RHYTHMS[random.integers(len(RHYTHMS))]
    root, beat_seconds = lowest + int(random.integers(12)), 60.0 / random.uniform(75.0, 150.0)
    degree, start, notes = int(random.integers(len(scale))), 0.0, []
    for step in range(int(seconds / (min(rhythm) * beat_seconds)) + 1):
        length = rhythm[step % len(rhythm)] * beat_seconds
        degree = int(np.clip(degree + random.integers(-2, 3), 0, len(scale)))
        velocity = random.uniform(0.4, 1.0)
        if start < seconds and (step == 0 or random.random() > REST_SHARE):
            pitches = [root + _pitch(scale, degree + 2 * voice) for voice in range(voices)]
            notes += [Note(start, 0.95 * length, pitch, velocity) for pitch in pitches]
        start += length
    return notes


def beat(random: np.random.Generator, seconds: float) -> list[Note]:
    """One bar of sixteenths drawn once and repeated with small changes: kick, snare, hat and toms."""
    step_seconds = 15.0 / random.uniform(80.0, 160.0)
    likely = random.random((4, 16)) * np.array([0.75, 0.65, 1.2, 0.6])[:, None]
    likely[KICK, [0, 8]] = likely[SNARE, [4, 12]] = 1.0
    notes = []
    for step in range(int(seconds / step_seconds)):
        for drum in (KICK, SNARE, HAT, TOM):
            if likely[drum, step % 16] + random.uniform(-0.1, 0.1) > 0.55:
                notes.append(Note(step * step_seconds, 0.35, drum, random.uniform(0.5, 1.0)))
    return notes


def swells(random: np.random.Generator, seconds: float) -> list[Note]:
    """A few long overlapping sounds without pitch in the usual sense."""
    starts = np.linspace(0.0, 0.7 * seconds, 4)
    return [Note(float(s), 0.45 * seconds, random.uniform(40.0, 90.0), random.uniform(0.5, 1.0)) for s in starts]


def _pitch(scale: tuple[int, ...], degree: int) -> int:
    octave, step = divmod(degree, len(scale))
    return 12 * octave + scale[step]
