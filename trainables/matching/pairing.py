"""A search in paired mode: the reference's own dry version is rendered until it sounds like the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainables.audio import Audio, rms
from trainables.effects.effect import Effect, apply
from trainables.errors import InputError, TakeFailed
from trainables.matching.ears import Ear, MelEar
from trainables.matching.knob_space import KnobSpace, Units

MEL = MelEar()
UNUSABLE = 1e6  # the distance of settings that a plugin cannot render


@dataclass(frozen=True, eq=False)
class Reference:
    """What is to be matched.

    Attributes:
        wet: (channels, samples) float32.
        dry: the same before its effect, of the same shape; None in blind mode.
        sample_rate: in Hz.
    """

    wet: Audio
    dry: Audio | None
    sample_rate: int


class PairedDistance:
    """The distance of a point: between the reference and its dry version through the effect.

    Args:
        effect: what is searched.
        space: its knobs.
        reference: with its dry version.
        ear: what is listened by.
    """

    def __init__(self, effect: Effect, space: KnobSpace, reference: Reference, ear: Ear = MEL) -> None:
        if reference.dry is None:
            raise ValueError("a paired search needs the reference's dry version")
        self.effect, self.space, self.dry, self.sample_rate, self.ear = effect, space, reference.dry, reference.sample_rate, ear
        self.target = ear.hear(self.dry, reference.wet, reference.sample_rate)
        self.untouched = self.distance(self.dry)

    def distance(self, audio: Audio) -> float:
        """Between the reference and other audio of its shape, in the ear's unit."""
        return self.ear.apart(self.ear.hear(self.dry, audio, self.sample_rate), self.target)

    def __call__(self, point: Units) -> float:
        try:
            wet = self.render(point)
        except (InputError, TakeFailed):
            return UNUSABLE
        return self.distance(wet) if np.abs(wet).max() > 0.0 else UNUSABLE

    def render(self, point: Units) -> Audio:
        """The reference's dry version at these settings."""
        return apply(self.effect, self.dry, self.sample_rate, self.space.settings(point))


def level_beyond(reference: Audio, rendered: Audio) -> float:
    """By how many dB the reference is louder than what the effect alone makes of its dry version; 0 for silence."""
    levels = rms(reference), rms(rendered)
    return 20.0 * float(np.log10(levels[0] / levels[1])) if min(levels) > 0.0 else 0.0
