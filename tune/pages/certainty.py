"""How sure it is which trial is best: scores are measured on so many recordings, and the highest of many is partly luck.

Each score is taken as its trial's true value plus normal noise as wide as its interval over recordings, and true values as drawn
from one normal distribution whose mean and spread explain the scores best (empirical Bayes; B. Efron & C. Morris 1975).
All trials are scored on the same recordings, which makes differences surer than this says: the answer is a careful one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainables.evaluation.outcomes import Estimate

DRAWS = 4000
NORMAL_95 = 1.959964
FEWEST = 3  # trials from which a spread can be estimated

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Certainty:
    """Of trials in the order given.

    Attributes:
        chances: that each has the best true value; sums to 1.
        expected: the true value of each, with what luck added taken off, and its 95 % interval.
    """

    chances: tuple[float, ...]
    expected: tuple[Estimate, ...]

    def likely(self, share: float = 0.8) -> tuple[int, ...]:
        """The fewest places that hold the best with such a chance, the likeliest first."""
        order = sorted(range(len(self.chances)), key=lambda place: -self.chances[place])
        sums = np.cumsum([self.chances[place] for place in order])
        return tuple(order[: int(np.searchsorted(sums, share - 1e-9)) + 1])


def certainty(scores: Sequence[Estimate], sign: float = 1.0, seed: int = 0) -> Certainty | None:
    """None with too few scores, or where one has no interval.

    Args:
        sign: 1 where more is better, -1 where less is.
    """
    if len(scores) < FEWEST or not all(math.isfinite(score.low) and score.high > score.low for score in scores):
        return None
    values = sign * np.array([score.value for score in scores])
    noise = np.array([(score.high - score.low) / (2 * NORMAL_95) for score in scores])
    mean, spread = _prior(values, noise)
    weight = spread**2 / (spread**2 + noise**2)
    middle, width = mean + weight * (values - mean), np.sqrt(weight) * noise
    drawn = np.random.default_rng(seed).normal(middle, np.maximum(width, 1e-12), size=(DRAWS, len(values)))
    wins = np.bincount(drawn.argmax(axis=1), minlength=len(values)) / DRAWS
    return Certainty(tuple(map(float, wins)), tuple(_turned(m, w, sign) for m, w in zip(middle, width, strict=True)))


def _prior(values: Values, noise: Values) -> tuple[float, float]:
    """Mean and spread of the true values, by moments (DerSimonian & Laird 1986); the spread is at least a tenth of the noise."""
    weights = 1 / noise**2
    mean = float((weights * values).sum() / weights.sum())
    excess = float((weights * (values - mean) ** 2).sum()) - (len(values) - 1)
    scale = float(weights.sum() - (weights**2).sum() / weights.sum())
    spread = math.sqrt(max(excess / scale, 0.01 * float(np.mean(noise**2))))
    weights = 1 / (spread**2 + noise**2)
    return float((weights * values).sum() / weights.sum()), spread


def _turned(middle: float, width: float, sign: float) -> Estimate:
    low, high = sorted((sign * (middle - NORMAL_95 * width), sign * (middle + NORMAL_95 * width)))
    return Estimate(sign * float(middle), float(low), float(high))
