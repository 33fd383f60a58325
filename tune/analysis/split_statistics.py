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

from trainables.evaluation.outcomes import BOUNDS, RESAMPLES, Estimate

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
        """(draws,) by how much recalls of the other effects, where unheard, are higher in trials that heard this one.

        Least squares over those recalls, each effect with a height of its own; with a slope over the logarithm of the latent size
        where there are enough trials. NaN where a draw lacks one kind of trial.
        """
        weights, counts = draws(len(self.values)), np.delete(self.sides[0], effect, axis=1)
        recall = np.nan_to_num(np.delete(self.values, effect, axis=1))
        heard, size = self.heard[:, [effect]].astype(np.float64), np.log2(self.latent_sizes)[:, None]

        def cross(first: Values, second: Values) -> Values:
            return _cross(first, second, counts, weights)

        within = cross(heard, heard)
        if np.count_nonzero(counts.sum(axis=1)) < FEWEST_FOR_SLOPE or not np.ptp(size) > 0:
            return _ratio(cross(recall, heard), within)
        spread, shared = cross(size, size), cross(size, heard)
        explained = cross(recall, heard) * spread - cross(recall, size) * shared
        return _ratio(explained, within * spread - shared**2)


def _cross(first: Values, second: Values, counts: Values, weights: Values) -> Values:
    """(draws,) weighted sums of products of two (trials, effects or 1), each less its mean over the trials of that effect."""
    ours, theirs = weights @ (counts * first), weights @ (counts * second)
    means = np.nan_to_num(_ratio(ours * theirs, weights @ counts))
    return np.asarray((weights @ (counts * first * second) - means).sum(axis=1))


def draws(trials: int) -> Values:
    """(1 + RESAMPLES, trials) how often each trial counts: once, then drawn with replacement; the same at every call."""
    drawn = np.random.default_rng(0).multinomial(trials, np.full(trials, 1 / trials), size=RESAMPLES)
    return np.vstack([np.ones(trials), drawn]).astype(np.float64)


def interval(drawn: Values, fewest: int) -> Estimate:
    """The first draw with its 95 % percentile interval, widened for the smaller side's few trials; NaN ends below two."""
    value = float(drawn[0])
    if fewest < 2 or not np.isfinite(drawn[1:]).any():
        return Estimate(value, math.nan, math.nan)
    low, high = np.nanquantile(drawn[1:], BOUNDS)
    wider = widening(fewest)
    return Estimate(value, value - wider * (value - float(low)), value + wider * (float(high) - value))


def widening(trials: float) -> float:
    """How much too narrow the percentile bootstrap of so many (at least two) values is, above 1.

    By sqrt((n - 1) / n), and by having normal instead of Student quantiles (T. Hesterberg, 2015: What teachers should know about
    the bootstrap).
    """
    return float(stdtrit(trials - 1, BOUNDS[1]) / ndtri(BOUNDS[1]) * math.sqrt(trials / (trials - 1)))


def _ratio(sums: Values, counts: Values) -> Values:
    """NaN where nothing was counted, or too little to divide by."""
    quotients = np.full(np.shape(sums), np.nan)
    np.divide(sums, counts, out=quotients, where=counts > 1e-9)
    return quotients
