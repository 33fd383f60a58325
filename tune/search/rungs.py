"""Asynchronous successive halving: trials are compared at rungs, and one of so many goes on.

Li et al. 2018, arXiv:1810.05934, in the variant that stops a trial instead of pausing it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, takewhile

import numpy as np

from tune.search.curves import Curve, shown_time, worse

SHARES = {2: "half", 3: "third", 4: "quarter"}


@dataclass(frozen=True)
class Rungs:
    """Rungs lie at `grace`, `grace * reduction`, `grace * reduction**2`, ... epochs or seconds of work.

    A trial that comes to a rung is stopped if its value there is worse than the (1 - 1 / reduction) quantile, linearly
    interpolated, of those that were there before it. The first to come goes on.

    Attributes:
        grace: time of the first rung, in the unit of the curves; above 0.
        reduction: one of so many goes on; at least 2.
        mode: "max" or "min".
    """

    grace: float
    reduction: int
    mode: str = "max"

    def below(self, end: float) -> tuple[float, ...]:
        """The rungs before that time."""
        return tuple(takewhile(lambda rung: rung < end, self._all()))

    def why_stop(self, curve: Curve, others: list[Curve]) -> str:
        """A trial that passed several rungs with one report is compared at each of them."""
        return next(filter(None, (self._why(rung, curve, others) for rung in self._passed(curve))), "")

    def cutoff(self, values: list[float]) -> float:
        """What a trial must reach where others had these values; at least one."""
        share = 1 / self.reduction
        return float(np.quantile(values, 1 - share if self.mode == "max" else share))

    def _why(self, rung: float, curve: Curve, others: list[Curve]) -> str:
        reached = [value for other in others if (value := other.at(rung)) is not None]
        value = curve.values[-1]
        if not reached or not self._is_worse(value, cutoff := self.cutoff(reached)):
            return ""
        trials = "1 trial" if len(reached) == 1 else f"{len(reached)} trials"
        share = SHARES.get(self.reduction, f"{self.reduction}th part")
        place = f"stopped at rung {shown_time(rung, curve.unit)}"
        return f"{place}: {value:.3g} is {worse(self.mode)} the best {share} of {trials} ({cutoff:.3g})"

    def _is_worse(self, value: float, cutoff: float) -> bool:
        return value < cutoff if self.mode == "max" else value > cutoff

    def _passed(self, curve: Curve) -> Iterator[float]:
        before, now = curve.last_step()
        return (rung for rung in takewhile(lambda rung: rung <= now, self._all()) if rung > before)

    def _all(self) -> Iterator[float]:
        return (self.grace * self.reduction**level for level in count())
