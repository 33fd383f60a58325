"""Clips of a recording that are listened to."""

from __future__ import annotations

import numpy as np

from trainables.audio import Audio

MOST_CLIPS = 6  # of a recording


def clip_starts(audio: Audio, clip_samples: int) -> list[int]:
    """Where clips begin: at most MOST_CLIPS, one after another, the loudest ones."""
    starts = list(range(0, max(1, audio.shape[1] - clip_samples + 1), clip_samples))
    power = [float(np.square(cut(audio, start, clip_samples)).mean()) for start in starts]
    loudest = sorted(range(len(starts)), key=lambda place: -power[place])[:MOST_CLIPS]
    return sorted(starts[place] for place in loudest)


def cut(audio: Audio, start: int, clip_samples: int) -> Audio:
    """(channels, clip_samples) from `start`, silence where there is no more."""
    part = audio[:, start : start + clip_samples]
    return np.pad(part, ((0, 0), (0, clip_samples - part.shape[1])))
