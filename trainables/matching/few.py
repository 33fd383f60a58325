"""A control: a few settings at random, of which the one that comes nearest to the reference is kept."""

from __future__ import annotations

import numpy as np

from trainables.effects.effect import Effect
from trainables.matching.blind import BlindRenderer
from trainables.matching.deciding import Task
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.mel_distance import mean_spectrum_apart_db, see
from trainables.matching.pairing import UNUSABLE, PairedDistance


def best_of_random(effect: Effect, space: KnobSpace, task: Task, random: np.random.Generator) -> Units:
    """(knobs,) of `task.renders` points drawn evenly; blind, likeness is that of mean spectra, whatever the content."""
    points = random.random((task.renders, space.size))
    if task.reference.dry is not None:
        distance = PairedDistance(effect, space, task.reference)
        return np.asarray(points[int(np.argmin([distance(point) for point in points]))], dtype=np.float64)
    renderer = BlindRenderer(effect, space, task.dry, task.reference.sample_rate)
    reference = see(task.reference.wet, task.reference.sample_rate)
    sounds = [renderer(point) for point in points]
    apart = [UNUSABLE if sound is None else mean_spectrum_apart_db(sound, reference) for sound in sounds]
    return np.asarray(points[int(np.argmin(apart))], dtype=np.float64)
