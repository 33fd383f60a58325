"""A score as what each item adds to it, so that it has an interval and can be compared item by item with another's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from trainables.evaluation.probes import Floats

RESAMPLES = 500
BOUNDS = (0.025, 0.975)

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A value and the ends of its 95 % interval over recordings."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


@dataclass(frozen=True, eq=False)
class Outcome:
    """A score over items: sum(parts) / sum(wholes), or the median of the parts.

    Attributes:
        parts, wholes: (items,).
        recordings: (items,) names; what is resampled for intervals, because items of one recording resemble each other.
    """

    parts: Floats
    wholes: Floats
    recordings: npt.NDArray[np.str_]
    statistic: Literal["ratio", "median"] = "ratio"

    @property
    def value(self) -> float:
        if self.statistic == "median":
            return float(np.median(self.parts))
        return float(self.parts.sum() / self.wholes.sum())

    def estimate(self) -> Estimate:
        """The value with its 95 % percentile bootstrap over recordings; the same at every call."""
        return Estimate(self.value, *_bounds(self._resampled))

    def lead_over(self, other: Outcome) -> Estimate:
        """This value minus the other's, both resampled alike: much narrower than two intervals beside each other.

        Raises:
            ValueError: the two are not over the same items.
        """
        if not np.array_equal(self.recordings, other.recordings):
            raise ValueError("only outcomes over the same items can be compared")
        return Estimate(self.value - other.value, *_bounds(self._resampled - other._resampled))

    def lead_error(self, other: Outcome) -> float:
        """The bootstrap's standard error of `lead_over(other).value`, over recordings; too small by a tenth of five recordings.

        Raises:
            ValueError: the two are not over the same items.
        """
        self.lead_over(other)
        return float(np.std(self._resampled - other._resampled))

    @cached_property
    def _resampled(self) -> Values:
        """(RESAMPLES,) values when whole recordings are drawn with replacement."""
        names, owner = np.unique(self.recordings, return_inverse=True)
        drawn = np.random.default_rng(0).integers(len(names), size=(RESAMPLES, len(names)))
        if self.statistic == "median":
            times = np.stack([np.bincount(draw, minlength=len(names)) for draw in drawn])[:, owner]
            return _weighted_medians(self.parts, times)
        parts, wholes = (np.bincount(owner, weights=values) for values in (self.parts, self.wholes))
        return np.asarray(parts[drawn].sum(axis=1) / wholes[drawn].sum(axis=1), dtype=np.float64)


def pooled(outcomes: Sequence[Outcome]) -> Outcome:
    """One score over all their items, resampled by recording as one: what several draws of takes say together."""
    return Outcome(
        np.concatenate([one.parts for one in outcomes]),
        np.concatenate([one.wholes for one in outcomes]),
        np.concatenate([one.recordings for one in outcomes]),
        outcomes[0].statistic,
    )


def share(correct: npt.NDArray[np.bool_], recordings: Sequence[str] | npt.NDArray[np.str_]) -> Outcome:
    """How many of the items are right."""
    return Outcome(correct.astype(np.float64), np.ones(len(correct)), np.asarray(recordings))


def flat(outcomes: dict[str, Outcome], with_interval: Sequence[str]) -> dict[str, float]:
    """Values by name; those of `with_interval` also with `NAME_low` and `NAME_high`."""
    scores = {}
    for name, outcome in outcomes.items():
        scores[name] = outcome.value
        if name in with_interval:
            estimate = outcome.estimate()
            scores |= {f"{name}_low": estimate.low, f"{name}_high": estimate.high}
    return scores


def _bounds(values: Values) -> tuple[float, float]:
    low, high = np.quantile(values, BOUNDS)
    return float(low), float(high)


def _weighted_medians(values: Floats, times: npt.NDArray[np.int64]) -> Values:
    """(resamples,) lower median of `values`, the i-th of them counted `times[:, i]` times."""
    order = np.argsort(values, kind="stable")
    counted = np.cumsum(times[:, order], axis=1)
    middle = (counted >= (counted[:, -1:] + 1) // 2).argmax(axis=1)
    return np.asarray(values[order][middle], dtype=np.float64)
