"""Which trial of a sweep is the best, and which ones nothing beats in every objective.

Where points are repeated with several seeds, it is their means that compete. A point of which a repeat failed or was stopped
comes after all those that are complete with every seed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from tune.search.repeats import PointKey, point_key

if TYPE_CHECKING:
    from tune.ledger.status import SweepStatus, TrialStatus


@dataclass(frozen=True)
class Mean:
    """A score over the repeats of a point that are complete; `spread` is their standard deviation, 0 of one alone."""

    value: float
    spread: float
    repeats: int

    def __str__(self) -> str:
        return f"{self.value:.3f} ±{self.spread:.3f} ({self.repeats})"


def point_means(status: SweepStatus) -> dict[PointKey, Mean]:
    """The objective of every point with complete trials."""
    return {key: _mean([float(trial.score or 0.0) for trial in trials]) for key, trials in _points(status.trials).items()}


def best_trial(status: SweepStatus) -> TrialStatus | None:
    """The best repeat of the best point among the complete; the best of the pruned if nothing is complete."""
    competing = _competing(status)
    if not competing:
        pruned = [trial for trial in status.trials if trial.state == "pruned" and trial.score is not None]
        return max(pruned, key=lambda trial: _rank(status, trial, trial.score), default=None)
    means = {key: _mean([float(trial.score or 0.0) for trial in trials]).value for key, trials in competing.items()}
    first = max(competing, key=lambda key: _rank(status, competing[key][0], means[key]))
    return _best_repeat(status, competing[first])


def top_trials(status: SweepStatus, count: int) -> tuple[TrialStatus, ...]:
    """The best repeat of each of the best points among the complete trials, the best point first."""
    competing = _competing(status)
    means = {key: _mean([float(trial.score or 0.0) for trial in trials]).value for key, trials in competing.items()}
    ordered = sorted(competing, key=lambda key: _rank(status, competing[key][0], means[key]), reverse=True)
    return tuple(_best_repeat(status, competing[key]) for key in ordered[:count])


def repeats_of(status: SweepStatus, trial: TrialStatus) -> tuple[TrialStatus, ...]:
    """The other complete trials of the same point."""
    same = _points(status.trials).get(point_key(trial.params), [])
    return tuple(other for other in same if other.number != trial.number)


def front(status: SweepStatus) -> tuple[int, ...]:
    """Of several objectives: the trials that nothing beats in all of them (Pareto), one of each point; none of a single one."""
    if len(status.objectives) < 2:
        return ()
    measured = {key: trials for key, trials in _competing(status).items() if all(_values(status, trial) for trial in trials)}
    values = {key: _means(status, trials) for key, trials in measured.items()}
    unbeaten = [key for key in values if not any(_beats(other, values[key]) for other in values.values())]
    return tuple(sorted(_best_repeat(status, measured[key]).number for key in unbeaten))


def _competing(status: SweepStatus) -> dict[PointKey, list[TrialStatus]]:
    """The complete trials of each point that is complete with every seed; of all points if none is."""
    complete = _points(status.trials)
    whole = {key: trials for key, trials in complete.items() if len(trials) >= status.repeat}
    return whole or complete


def _points(trials: Iterable[TrialStatus]) -> dict[PointKey, list[TrialStatus]]:
    found: dict[PointKey, list[TrialStatus]] = {}
    for trial in trials:
        if trial.state == "complete" and trial.score is not None:
            found.setdefault(point_key(trial.params), []).append(trial)
    return found


def _best_repeat(status: SweepStatus, repeats: Sequence[TrialStatus]) -> TrialStatus:
    return max(repeats, key=lambda trial: _rank(status, trial, trial.score))


def _rank(status: SweepStatus, trial: TrialStatus, score: float | None) -> tuple[float, int]:
    sign = 1.0 if status.objective["mode"] == "max" else -1.0
    return sign * float(score or 0.0), -trial.number


def _mean(scores: Sequence[float]) -> Mean:
    return Mean(fmean(scores), stdev(scores) if len(scores) > 1 else 0.0, len(scores))


def _means(status: SweepStatus, trials: Sequence[TrialStatus]) -> tuple[float, ...]:
    return tuple(fmean(column) for column in zip(*(_values(status, trial) for trial in trials), strict=True))


def _values(status: SweepStatus, trial: TrialStatus) -> tuple[float, ...]:
    """Each objective, turned so that more is better; () if one is missing."""
    found = tuple(_turned(trial.metrics.get(objective["metric"], math.nan), objective) for objective in status.objectives)
    return found if all(map(math.isfinite, found)) else ()


def _turned(value: float, objective: Mapping[str, str]) -> float:
    return value if objective["mode"] == "max" else -value


def _beats(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(a >= b for a, b in zip(one, other, strict=True)) and one != other
