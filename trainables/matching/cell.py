"""All items of one effect in one mode, as ratios to doing nothing with intervals over recordings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainables.evaluation.outcomes import Estimate, Outcome, share
from trainables.matching.contenders import MATCHER
from trainables.matching.knob_space import Units
from trainables.matching.takes import Mode
from trainables.matching.tournament import Played

BEATEN_BELOW = 1.0  # the whole interval of a ratio
NOTICED = 1e-9
NEXT_TO_NOTHING = 1e-9  # added to both sides of a ratio of errors: where neither is apart from what is right, it is 1


@dataclass(frozen=True, eq=False)
class Cell:
    """One effect in one mode.

    Attributes:
        effect, mode: which.
        played: its items, in their order.
    """

    effect: str
    mode: Mode
    played: tuple[Played, ...]

    @property
    def contenders(self) -> tuple[str, ...]:
        """Everybody, the matcher first."""
        return tuple(self.played[0].results)

    @property
    def recordings(self) -> npt.NDArray[np.str_]:
        """(items,) names of the recordings of the inputs."""
        return np.array([one.recordings[0] for one in self.played])

    @property
    def untouched(self) -> Units:
        """(items,) the metric of doing nothing."""
        return np.array([one.untouched.distance for one in self.played])

    def distances(self, contender: str) -> Units:
        """(items,) the metric between what it made and what is right."""
        return np.array([one.results[contender].distance for one in self.played])

    def outcome(self, contender: str, relation: str = "") -> Outcome:
        """Its mean metric over that of doing nothing; of all items, or of those of one relation."""
        of = np.array([not relation or one.relation == relation for one in self.played])
        return Outcome(self.distances(contender)[of], self.untouched[of], self.recordings[of])

    def measured(self, contender: str, measure: str) -> Outcome:
        """Its mean error by one of measures.UNITS over that of doing nothing."""
        ours = np.array([one.results[contender].errors[measure] for one in self.played])
        return Outcome(ours + NEXT_TO_NOTHING, self.untouched_errors(measure) + NEXT_TO_NOTHING, self.recordings)

    def untouched_errors(self, measure: str) -> Units:
        """(items,) the error of doing nothing, in the measure's unit."""
        return np.array([one.untouched.errors[measure] for one in self.played])

    def estimates(self) -> dict[str, Estimate]:
        """Ratios to doing nothing with their intervals, by contender."""
        return {name: self.outcome(name).estimate() for name in self.contenders}

    def better_share(self, contender: str) -> float:
        """How often it is better than doing nothing; where it does nothing it is not."""
        return float((self.distances(contender) < self.untouched - NOTICED).mean())

    @property
    def gated_share(self) -> float:
        """How often the matcher did nothing."""
        return float(np.mean([one.gated for one in self.played]))

    @property
    def beaten(self) -> bool:
        """Whether the matcher is better than doing nothing, its interval included."""
        return self.outcome(MATCHER).estimate().high < BEATEN_BELOW

    def knob_errors(self) -> tuple[Units, Units]:
        """(knobs,) mean error of the matcher's settings from 0 to 1, and that of always guessing the mean."""
        right, ours = (np.stack([getattr(one, which) for one in self.played]) for which in ("right", "point"))
        return np.abs(ours - right).mean(0), np.abs(right.mean(0) - right).mean(0)


def recognised(cells: tuple[Cell, ...], top: int) -> Outcome:
    """How often the effect that was used is among the first `top` of those proposed, over the items of some cells."""
    played = [one for cell in cells for one in cell.played]
    right = np.array([one.effect in one.ranking[:top] for one in played])
    return share(right, [one.recordings[0] for one in played])
