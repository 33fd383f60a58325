"""What a matcher decides: settings, or that nothing should be done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainables.effects.effect import Effect
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.pairing import PairedDistance, Reference
from trainables.matching.search import FIRST_STEP, search, spread_proposals

WORTH_DOING = 0.97  # of the distance of doing nothing: what is not closer than this is not worth a change


@dataclass(frozen=True, eq=False)
class Decision:
    """Settings of one effect, and what is known of them.

    Attributes:
        point: (knobs,) float64 from 0 to 1.
        distance_before, distance_after: in dB (see mel_distance.py): of the untouched audio, and at `point`; in blind mode
            what is expected of them.
        renders: how many were spent.
    """

    point: Units
    distance_before: float
    distance_after: float
    renders: int

    @property
    def ratio(self) -> float:
        """The distance after over the distance before; 1 where both are none."""
        return self.distance_after / self.distance_before if self.distance_before > 0.0 else 1.0

    @property
    def does_nothing(self) -> bool:
        """The gate: whether the untouched audio is as good."""
        return self.ratio > WORTH_DOING


def decide_paired(
    effect: Effect, space: KnobSpace, reference: Reference, renders: int, random: np.random.Generator, proposals: Units | None = None
) -> Decision:
    """The settings that make the reference's dry version sound like the reference.

    Args:
        effect, space: what to set.
        reference: with its dry version.
        renders: how many may be spent, from 0.
        random: what the search draws from.
        proposals: (proposals, knobs), the best first; without them the whole cube is tried.
    """
    distance = PairedDistance(effect, space, reference)
    tried = spread_proposals(space.size, renders, random) if proposals is None else proposals
    found = search(distance, tried, FIRST_STEP, renders, random)
    return Decision(found.point, distance.untouched, found.distance, found.renders)
