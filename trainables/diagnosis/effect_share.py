"""How much of a curve over epochs is explained by which effect each epoch trained on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainables.diagnosis.trial_record import Floats

BATCHES, PERMUTATIONS_A_BATCH = 9, 111  # 999 in all, so that p is known to the third digit; memory for one batch
TINY = 1e-12

Integers = npt.NDArray[np.int_]


@dataclass(frozen=True)
class EffectShare:
    """Of one curve.

    Attributes:
        share: of the variance about the trend, 0 to 1 (eta squared; Fisher 1925). Chance alone gives about
            (effects - 1) / (epochs - 1), which is much for a short curve: see `p_value`.
        p_value: how often effects dealt to epochs at random explain as much, 0 to 1.
        lowest: the effect whose epochs lie lowest about the trend.
    """

    share: float
    p_value: float
    lowest: int


def effect_share(curve: Floats, effects: Integers, random: np.random.Generator) -> EffectShare:
    """Compares the epochs' distances from the trend within and between effects.

    Args:
        curve: (epochs,) finite losses.
        effects: (epochs,) which effect each epoch trained on, from 0; each at least once.
    """
    distances = curve_without_trend(curve)
    largest, members = float(np.abs(distances).max()), np.eye(effects.max() + 1)[effects]
    if largest <= TINY:
        return EffectShare(0.0, 1.0, 0)
    distances = distances / largest  # so that no square is too large a number
    total = float(np.square(distances).sum())
    between = float(_between(distances, members))
    copies = np.tile(distances, (PERMUTATIONS_A_BATCH, 1))
    by_chance = np.concatenate([_between(random.permuted(copies, axis=1), members) for _ in range(BATCHES)])
    p_value = (1 + int((by_chance >= between - TINY).sum())) / (1 + len(by_chance))
    means = distances @ members / members.sum(0)
    return EffectShare(between / total, p_value, int(means.argmin()))


def curve_without_trend(curve: Floats) -> Floats:
    """(epochs,) distances of a falling curve from its own course, with mean 0.

    Of its logarithm, where all are above 0: losses fall by shares. The course is a + b log(epoch) + c epoch,
    bent at first and straight later, which is too smooth to follow a turn of effects.
    """
    values = np.log(curve) if (curve > 0).all() else curve
    epoch = np.arange(1.0, len(curve) + 1)
    course = np.stack([np.ones_like(epoch), np.log(epoch), epoch / len(epoch)], axis=1)
    weights, *_ = np.linalg.lstsq(course, values, rcond=None)
    return np.asarray(values - course @ weights)


def _between(distances: Floats, members: Floats) -> Floats:
    """(...,) sums of squares between groups, of (..., epochs); members: (epochs, groups) of 0 and 1."""
    return np.asarray((np.square(distances @ members) / members.sum(0)).sum(-1))
