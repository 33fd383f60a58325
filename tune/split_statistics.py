"""What it does to an effect's recall that a model heard it in training, from trials that also differ in other ways.

A trial's latent size, patience, luck and early end move all its recalls up or down together. So each trial is given a level,
fitted with the rest (two-way analysis of variance by backfitting), and every effect is compared with the levels taken off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri, stdtrit

from trainables.outcomes import BOUNDS, RESAMPLES, Estimate

ROUNDS = 40  # of backfitting; each takes off at least half of what is left where two thirds of the effects are heard
FEWEST_FOR_SLOPE = 8  # trials; below, a slope over the latent size would be fitted to noise

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Recalls:
    """The recalls of a sweep's trials.

    Attributes:
        values: (trials, effects), 0 to 1, NaN where one was not measured.
        heard: (trials, effects), whether the trial trained on the effect.
        latent_sizes: (trials,), NaN where it is not known.
    """

    values: Values
    heard: Flags
    latent_sizes: Values

    @cached_property
    def sides(self) -> Values:
        """(2, trials, effects): 1 where a recall counts as that of an effect unheard, and of one heard."""
        known = np.isfinite(self.values)
        return np.stack([known & ~self.heard, known & self.heard]).astype(np.float64)

    def own(self) -> Values:
        """(draws, 2, effects) mean recalls unheard and heard, trial levels taken off; the first draw is all trials once."""
        weights, known = draws(len(self.values)), self.sides.sum(axis=0)
        filled, level = np.nan_to_num(self.values), np.zeros((len(weights), len(self.values)))
        for _ in range(ROUNDS):
            fitted = np.einsum("dse,ste->dte", np.nan_to_num(self._means(weights, level)), self.sides)
            level = ((filled - fitted) * known).sum(axis=2) / np.maximum(known.sum(axis=1), 1)
            level -= (weights * level).sum(axis=1, keepdims=True) / weights.sum(axis=1, keepdims=True)
        return self._means(weights, level)

    def _means(self, weights: Values, level: Values) -> Values:
        """(draws, 2, effects) weighted means of what is left when each trial's level is taken off."""
        left = np.nan_to_num(self.values)[None] - level[:, :, None]
        sums = np.einsum("dte,ste->dse", weights[:, :, None] * left, self.sides)
        return _ratio(sums, np.einsum("dt,ste->dse", weights, self.sides))

    def for_others(self, effect: int) -> Values:
        """(trials,) how well each trial does on the other effects it never heard; NaN where there are none.

        Each recall is less its mean over all trials that held that effect out, and less what the latent size explains.
        """
        left = self._unheard_left
        others = np.delete(left, effect, axis=1)
        return _ratio(np.nansum(others, axis=1), np.isfinite(others).sum(axis=1).astype(np.float64))

    @cached_property
    def _unheard_left(self) -> Values:
        unheard = np.where(self.sides[0] > 0, self.values, np.nan)
        left = unheard - _ratio(np.nansum(unheard, axis=0), self.sides[0].sum(axis=0))
        return left - _slope(left, self.latent_sizes)[:, None]


def lead(values: Values, among: Flags) -> Values:
    """(draws,) mean of the (trials,) `values` among some less that among the others; NaN values do not count."""
    weights, filled = draws(len(values)), np.nan_to_num(values)
    sides = [(np.isfinite(values) & side).astype(np.float64) for side in (among, ~among)]
    ours, theirs = (_ratio(weights @ (filled * side), weights @ side) for side in sides)
    return ours - theirs


def draws(trials: int) -> Values:
    """(1 + RESAMPLES, trials) how often each trial counts: once, then drawn with replacement; the same at every call."""
    drawn = np.random.default_rng(0).multinomial(trials, np.full(trials, 1 / trials), size=RESAMPLES)
    return np.vstack([np.ones(trials), drawn]).astype(np.float64)


def interval(drawn: Values, fewest: int) -> Estimate:
    """The first draw with its 95 % percentile interval, widened for the smaller side's few trials.

    The percentile bootstrap of n values is too narrow by sqrt((n - 1) / n) and by normal instead of Student quantiles
    (T. Hesterberg, 2015: What teachers should know about the bootstrap). NaN ends below two trials.
    """
    value = float(drawn[0])
    if fewest < 2 or not np.isfinite(drawn[1:]).any():
        return Estimate(value, math.nan, math.nan)
    low, high = np.nanquantile(drawn[1:], BOUNDS)
    wider = float(stdtrit(fewest - 1, BOUNDS[1]) / ndtri(BOUNDS[1]) * math.sqrt(fewest / (fewest - 1)))
    return Estimate(value, value - wider * (value - float(low)), value + wider * (float(high) - value))


def _slope(left: Values, latent_sizes: Values) -> Values:
    """(trials,) what a straight line over the logarithm of the latent size explains of (trials, effects); 0 with few trials."""
    sizes = np.broadcast_to(np.log2(latent_sizes)[:, None], left.shape)
    known = np.isfinite(left) & np.isfinite(sizes)
    if known.any(axis=1).sum() < FEWEST_FOR_SLOPE or np.ptp(sizes[known]) == 0:
        return np.zeros(len(left))
    steepness, height = np.polyfit(sizes[known], left[known], 1)
    return np.nan_to_num(steepness * np.log2(latent_sizes) + height)


def _ratio(sums: Values, counts: Values) -> Values:
    """NaN where nothing was counted."""
    return np.divide(sums, counts, out=np.full(np.shape(sums), np.nan), where=counts > 0)
