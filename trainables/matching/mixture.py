"""What a controller believes of an effect's knobs: a mixture of normal distributions, cut off at the ends of each knob."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from scipy.special import ndtr, ndtri
from torch import Tensor

from trainables.matching.knob_space import Units

SMALLEST_DEVIATION = 0.01  # of a knob's range
SMALLEST_MASS = 1e-4  # of a component within the range of a knob


@dataclass(frozen=True)
class Mixture:
    """Distributions over points of the unit cube, one for each item.

    Attributes:
        log_weights: (items, components), normalised.
        means, deviations: (items, components, knobs).
    """

    log_weights: Tensor
    means: Tensor
    deviations: Tensor

    def log_likelihood(self, points: Tensor) -> Tensor:
        """(items,) nats, of (items, knobs) points from 0 to 1."""
        standard = (points[:, None] - self.means) / self.deviations
        density = -0.5 * standard.square() - self.deviations.log() - 0.5 * math.log(2.0 * math.pi)
        ends = [torch.special.ndtr((end - self.means) / self.deviations) for end in (0.0, 1.0)]
        inside = (ends[1] - ends[0]).clamp_min(SMALLEST_MASS).log()
        return torch.logsumexp(self.log_weights + (density - inside).sum(-1), dim=1)

    def mean(self) -> Tensor:
        """(items, knobs) the middle of the belief; the ends of knobs are not accounted for."""
        return (self.log_weights.exp()[..., None] * self.means).sum(1)

    def belief(self, item: int) -> Belief:
        """That of one item."""
        parts = (self.log_weights.exp(), self.means, self.deviations)
        weights, means, deviations = (part[item].detach().double().numpy() for part in parts)
        return Belief(weights, means, deviations)


@dataclass(frozen=True)
class Foreseen:
    """What is to be expected of a proposal: distances in dB from what is right, of the input and of what it would become."""

    before_db: float
    after_db: float


@dataclass(frozen=True, eq=False)
class Belief:
    """A mixture over the knobs of one effect, to draw proposals from.

    Attributes:
        weights: (components,), of sum 1.
        means, deviations: (components, knobs).
        foreseen: what to expect of `middle`, where that was learned (gate.py).
    """

    weights: Units
    means: Units
    deviations: Units
    foreseen: Foreseen | None = None

    @property
    def middle(self) -> Units:
        """(knobs,) the mean of all components."""
        return np.asarray(self.weights @ self.means, dtype=np.float64)

    @property
    def spread(self) -> Units:
        """(knobs,) the deviation over all components."""
        around = np.square(self.deviations) + np.square(self.means - self.middle)
        return np.sqrt(np.asarray(self.weights @ around, dtype=np.float64))

    def proposals(self, count: int, random: np.random.Generator) -> Units:
        """(count, knobs) points: the mean of the likeliest component, the middle, then draws; at least one."""
        likeliest = self.means[int(np.argmax(self.weights))]
        return np.concatenate([[likeliest, self.middle], self.draws(max(0, count - 2), random)])[: max(1, count)]

    def draws(self, count: int, random: np.random.Generator) -> Units:
        """(count, knobs) points drawn at random, within the cube."""
        chosen = random.choice(len(self.weights), size=count, p=self.weights / self.weights.sum())
        means, deviations = self.means[chosen], self.deviations[chosen]
        low, high = (ndtr((end - means) / deviations) for end in (0.0, 1.0))
        places = low + (high - low) * random.random(means.shape)
        points = means + deviations * ndtri(np.clip(places, 1e-9, 1.0 - 1e-9))
        return np.asarray(np.clip(points, 0.0, 1.0), dtype=np.float64)


def pooled(beliefs: list[Belief]) -> Belief:
    """What several clips of one reference say together: every clip's components, each clip as likely as the next."""
    weights = np.concatenate([belief.weights for belief in beliefs]) / len(beliefs)
    return Belief(weights, np.concatenate([b.means for b in beliefs]), np.concatenate([b.deviations for b in beliefs]))
