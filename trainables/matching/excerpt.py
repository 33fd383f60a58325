"""How much of a recording a search listens to: from its start, because an effect's state and its oscillators begin there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainables.audio import Audio
from trainables.corpus.clips import frame_power
from trainables.matching.pairing import Reference

HEARD_SECONDS = 6.0  # of sound; what a search listens to
FEWEST_SAMPLES = 4096
FLOOR = 1e-5  # -50 dBFS, as power
BELOW_LOUD = 1e-4  # of the power of the loud parts
FRAME_SAMPLES = 1024


def excerpt(reference: Reference) -> Reference:
    """The beginning of the reference that holds HEARD_SECONDS of sound, silence between not counted."""
    samples = heard_samples(reference.wet, reference.sample_rate)
    dry = None if reference.dry is None else padded(reference.dry[:, :samples])
    return replace(reference, wet=padded(reference.wet[:, :samples]), dry=dry)


def excerpt_of(audio: Audio, sample_rate: int) -> Audio:
    """The same of a single recording."""
    return padded(audio[:, : heard_samples(audio, sample_rate)])


def heard_samples(audio: Audio, sample_rate: int) -> int:
    """After how many samples HEARD_SECONDS of sound have been heard."""
    power = frame_power(audio)
    if not power.size:
        return int(audio.shape[1])
    sounding = np.cumsum(power > max(FLOOR, BELOW_LOUD * float(np.quantile(power, 0.95))))
    enough = np.flatnonzero(sounding >= HEARD_SECONDS * sample_rate / FRAME_SAMPLES)
    return (int(enough[0]) + 1) * FRAME_SAMPLES if enough.size else int(audio.shape[1])


def padded(audio: Audio) -> Audio:
    """At least as long as a spectrogram needs, silence after it."""
    missing = max(0, FEWEST_SAMPLES - audio.shape[1])
    return np.pad(audio, ((0, 0), (0, missing))) if missing else np.ascontiguousarray(audio)
