"""Training clips at other speeds: from the same recordings other pitches, tempi and formants (Ko et al. 2015, for speech).

What recordings a model has heard is what limits it where there are few of them. Faster is higher, as on a tape machine.
"""

from __future__ import annotations

import math

import numpy as np
import soxr

from trainables.audio import Audio, rms
from trainables.corpus.clips import SILENCE_DBFS, Recording, draw_start, levelled_clip


def draw_passage(recording: Recording, clip_samples: int, octaves: float, random: np.random.Generator) -> tuple[int, float]:
    """Where a clip starts, and the speed that it is played at, each number of octaves as likely.

    A recording that is too short for the speed is played as fast as it can be. A passage that is silent at its speed is not
    changed in speed, so that it is the sounding clip that starts there.

    Args:
        clip_samples: of the clip that comes out.
        octaves: how much slower or faster at most.
    """
    start = draw_start(recording, random)
    speed = min(2.0 ** float(random.uniform(-octaves, octaves)), recording.length_samples / clip_samples)
    span = span_samples(clip_samples, speed)
    moved = min(start, recording.length_samples - span)
    heard = rms(recording.samples[:, moved : moved + span]) > 10.0 ** (SILENCE_DBFS / 20.0)
    return (moved, speed) if heard else (start, 1.0)


def played_clip(recording: Recording, offset_samples: int, clip_samples: int, speed: float) -> Audio:
    """As `cut_clip` gives it, (channels, clip_samples) float32, played at a speed."""
    passage = recording.samples[:, offset_samples : offset_samples + span_samples(clip_samples, speed)]
    return levelled_clip(at_speed(passage, clip_samples))


def span_samples(clip_samples: int, speed: float) -> int:
    """How much of a recording a clip takes up that is played at a speed."""
    return math.floor(clip_samples * speed)


def at_speed(passage: Audio, clip_samples: int) -> Audio:
    """A passage (channels, span_samples) as a clip (channels, clip_samples) float32."""
    if passage.shape[1] == clip_samples:
        return passage
    played = soxr.resample(passage.T, passage.shape[1], clip_samples, quality="MQ").T[:, :clip_samples]
    missing = clip_samples - played.shape[1]  # at most a sample or two, by rounding
    return np.ascontiguousarray(np.pad(played, ((0, 0), (0, missing))), np.float32)
