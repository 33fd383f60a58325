"""How much each setting mattered in a sweep, by Optuna's evaluators, with what chance alone would show.

fANOVA (F. Hutter, H. Hoos & K. Leyton-Brown 2014): the share of the variance between trials that a setting explains by itself, in
a forest of regression trees. Forests explain something of pure noise, too; so the same is done with scores dealt out to trials by
lot, and a setting counts only where it explains more than that. Intervals are over trials (bootstrap).

An effect split is many settings in one: it is taken apart into whether each effect was heard.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.importance import FanovaImportanceEvaluator
from optuna.study import create_study
from optuna.trial import create_trial

from tune.ledger.study import quiet
from tune.search.optuna_space import distributions
from tune.space.dimensions import EFFECT_SPLIT, Dimension, HoldOut
from tune.space.splits import held_out_effects

FEWEST_TRIALS = 8  # below which nothing is said
MOST_TRIALS = 200  # of a longer sweep, the newest: forests of more take their time and say the same
RESAMPLES = 20
SHUFFLES = 40
TREES, FEWER_TREES = 24, 6  # of the forest that is told, and of each that only tells how sure it is
HEARD = "hears "
NEXT_TO_NOTHING = 0.01
BOUNDS = (0.025, 0.975)

Scores = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Importance:
    """One setting.

    Attributes:
        name: the setting's; `hears EFFECT` for each effect that some trials heard and others did not.
        share: of the variance of the trials' scores that it explains by itself, 0 to 1.
        low, high: its 95 % interval over trials.
        by_chance: what a setting without any effect stays below in 19 of 20 cases.
    """

    name: str
    share: float
    low: float
    high: float
    by_chance: float

    @property
    def matters(self) -> bool:
        """Whether it surely explains more than chance, and surely more than next to nothing."""
        return self.share > self.by_chance and self.low >= NEXT_TO_NOTHING


def importances(
    dimensions: Mapping[str, Dimension], points: Sequence[Mapping[str, Any]], scores: Sequence[float], seed: int = 0
) -> tuple[Importance, ...]:
    """Of the settings that all points have and in which they differ, the most important first; none of too few points.

    Args:
        points: the parameters of trials that ended.
        scores: theirs; finite.
    """
    points, scores = points[-MOST_TRIALS:], scores[-MOST_TRIALS:]
    space, rows = _judged(dimensions, points)
    values, random = np.array(scores, dtype=np.float64), np.random.default_rng(seed)
    if len(points) < FEWEST_TRIALS or not space or np.ptp(values) == 0:
        return ()
    everything = np.arange(len(points))
    found = _shares(space, rows, values, FanovaImportanceEvaluator(n_trees=TREES, seed=seed))
    quick = FanovaImportanceEvaluator(n_trees=FEWER_TREES, seed=seed)
    picks = [random.choice(everything, len(points)) for _ in range(RESAMPLES)]
    drawn = [_shares(space, [rows[place] for place in picked], values[picked], quick) for picked in picks]
    lots = [_shares(space, rows, random.permutation(values), quick) for _ in range(SHUFFLES)]
    each = [_importance(name, found[name], [d[name] for d in drawn], [lot[name] for lot in lots]) for name in space]
    return tuple(sorted(each, key=lambda one: -one.share))


def _importance(name: str, share: float, drawn: list[float], lots: list[float]) -> Importance:
    low, high = np.nanquantile(drawn, BOUNDS)
    return Importance(name, share, min(float(low), share), max(float(high), share), float(np.nanquantile(lots, 0.95)))


def _judged(
    dimensions: Mapping[str, Dimension], points: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, BaseDistribution], list[dict[str, Any]]]:
    """The settings as a space of Optuna's, and each point in it."""
    plain = {key: dimension for key, dimension in dimensions.items() if key != EFFECT_SPLIT and _differ(points, key)}
    space = distributions({key: _alone(dimension) for key, dimension in plain.items()})
    held_out = [held_out_effects(str(point.get(EFFECT_SPLIT, "all"))) for point in points]
    varied = [name for name in sorted({n for names in held_out for n in names}) if not all(name in names for names in held_out)]
    space |= {HEARD + name: CategoricalDistribution((False, True)) for name in varied}
    rows = [
        {key: point[key] for key in plain} | {HEARD + name: name not in names for name in varied}
        for point, names in zip(points, held_out, strict=True)
    ]
    return space, rows


def _alone(dimension: Dimension) -> Dimension:
    """Without its condition: only settings that every trial has are judged."""
    return dimension if isinstance(dimension, HoldOut) else replace(dimension, when=())


def _differ(points: Sequence[Mapping[str, Any]], key: str) -> bool:
    return all(key in point for point in points) and len({point[key] for point in points}) > 1


def _shares(
    space: Mapping[str, BaseDistribution],
    rows: Sequence[Mapping[str, Any]],
    scores: Scores,
    evaluator: FanovaImportanceEvaluator,
) -> dict[str, float]:
    """The settings' shares; NaN where the scores are all alike."""
    if np.ptp(scores) == 0:
        return dict.fromkeys(space, math.nan)
    with quiet():
        study = create_study()
        study.add_trials(
            [
                create_trial(params=dict(row), distributions=dict(space), value=float(score))
                for row, score in zip(rows, scores, strict=True)
            ]
        )
        found = evaluator.evaluate(study)
    return {name: float(found[name]) for name in space}
