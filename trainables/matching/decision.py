"""What a matcher decides: settings, or that nothing should be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainables.effects.effect import Effect
from trainables.matching.ears import Ear
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.mixture import Belief
from trainables.matching.pairing import MEL, PairedDistance, Reference
from trainables.matching.search import PROPOSED_SHARE, Refine, by_cma, search, spread_points

FIRST_STEP = 0.2  # of each knob's range: the first deviation of a search that nothing is believed in
STEP_LIMITS = (0.03, 0.3)  # of the same where something is
ROUNDS = 3  # of a choice among effects: all are tried a little, the best KEPT of them more, the best one most
KEPT = 3
WORTH_DOING = 0.97  # of the distance of doing nothing: what is not closer than this is not worth a change


Reason = Literal["", "alike", "foreseen", "unexplained"]
"""Why nothing is done, beyond what was tried: the input sounds like the reference already, a controller foresees too little, or
no effect explains the reference."""


@dataclass(frozen=True, eq=False)
class Decision:
    """Settings of one effect, and what is known of them.

    Attributes:
        point: (knobs,) float64 from 0 to 1.
        distance_before, distance_after: of the untouched audio, and at `point`, in the unit of what was listened by (ears.py);
            in blind mode what is expected of them, in dB.
        renders: how many were spent.
        reason: why nothing is done, if there is another one than that nothing nearer was found.
    """

    point: Units
    distance_before: float
    distance_after: float
    renders: int
    reason: Reason = ""

    @property
    def ratio(self) -> float:
        """The distance after over the distance before; 1 where both are none."""
        return self.distance_after / self.distance_before if self.distance_before > 0.0 else 1.0

    @property
    def does_nothing(self) -> bool:
        """The gate: whether the untouched audio is as good."""
        return self.ratio > WORTH_DOING


@dataclass(frozen=True, eq=False)
class Ranked:
    """A decision on one of several effects.

    Attributes:
        name: of the effect.
        decision: what was found.
        ranking: the names of all effects: paired the nearest first, blind the likeliest to have made the reference.
        renders: spent on all of them.
    """

    name: str
    decision: Decision
    ranking: tuple[str, ...]
    renders: int


@dataclass(frozen=True)
class Manner:
    """How a search goes about it.

    Attributes:
        ear: what it listens by, in paired mode.
        refine: how it goes on from its proposals.
    """

    ear: Ear = MEL
    refine: Refine = by_cma


USUAL = Manner()


def decide_paired(
    effect: Effect,
    space: KnobSpace,
    reference: Reference,
    belief: Belief | None,
    renders: int,
    random: np.random.Generator,
    manner: Manner = USUAL,
) -> Decision:
    """The settings that make the reference's dry version sound like the reference.

    Args:
        effect, space: what to set.
        reference: with its dry version.
        belief: what a controller says of the reference; without one the whole cube is tried.
        renders: how many may be spent, from 0 with a belief, else from 1; one more is made to tell how near an unsearched
            proposal is.
        random: what the search draws from.
        manner: how it searches.
    """
    distance = PairedDistance(effect, space, reference, manner.ear)
    if belief is not None and renders == 0:
        return Decision(belief.middle, distance.untouched, distance(belief.middle), 0)
    count = max(1, round(PROPOSED_SHARE * renders))
    if belief is None:
        proposals, step = spread_points(space.size, count, random), np.full(space.size, FIRST_STEP)
    else:
        proposals, step = belief.proposals(count, random), belief.spread.clip(*STEP_LIMITS)
    found = search(distance, proposals, step, renders, random, manner.refine)
    return Decision(found.point, distance.untouched, found.distance, found.renders)
