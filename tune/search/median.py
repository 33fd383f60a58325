"""The median stopping rule (Golovin et al. 2017, "Google Vizier", section 3.2.2)."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, median

from tune.search.curves import Curve, shown_time, worse

FEWEST_TRIALS = 3  # a median of fewer says little


@dataclass(frozen=True)
class Median:
    """Stops a trial whose best value so far is worse than the median of the others' means up to the same time.

    Others count once they have come as far, whether they still run or not; below FEWEST_TRIALS of them nothing is stopped.

    Attributes:
        grace: no trial is stopped before this time, in the unit of the curves.
        mode: "max" or "min".
    """

    grace: float
    mode: str = "max"

    def why_stop(self, curve: Curve, others: list[Curve]) -> str:
        now = curve.times[-1]
        means = [fmean(other.until(now)) for other in others if other.times and other.times[0] <= now <= other.times[-1]]
        if now < self.grace or len(means) < FEWEST_TRIALS:
            return ""
        best, middle = self._best(curve), median(means)
        if not (best < middle if self.mode == "max" else best > middle):
            return ""
        place = f"stopped at {'epoch ' if curve.unit == 'epochs' else ''}{shown_time(now, curve.unit)}"
        return f"{place}: its best {best:.3g} is {worse(self.mode)} the median of {len(means)} trials' means ({middle:.3g})"

    def _best(self, curve: Curve) -> float:
        return max(curve.values) if self.mode == "max" else min(curve.values)
