"""What a sampler learns from: the points of a study, each once, with the mean of its repeats.

The study itself has every trial as it was. A point is open while a repeat runs or is still to come. A repeat that was
pruned, failed or could not be ends its point: no further one is begun. Then a point is

    infeasible   if any repeat could not be: what it does not keep, or memory;
    pruned       if any was pruned: the means at the epochs that all of them reached, so that no survivor speaks for the others;
    complete     if any is complete: the mean of these;
    nothing      if all failed.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import optuna
from optuna.samplers import BaseSampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from tune.ledger.study import CONSTRAINT, POINT
from tune.search.samplers import GENERATION

_CONSTRAINT_KEY = f"constraints:{CONSTRAINT}"  # where Optuna keeps what `Trial.set_constraint` was told


class Point(FrozenTrial):  # type: ignore[misc]
    """A point as Optuna has trials. Nobody changes it, so that a study may hold it without copies of all that it refers to."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Point:
        return copy.copy(self)


def by_point(trials: Sequence[FrozenTrial]) -> list[list[FrozenTrial]]:
    """The trials of each point, in the order in which they were begun."""
    found: dict[int, list[FrozenTrial]] = {}
    for trial in trials:
        found.setdefault(trial.user_attrs.get(POINT, trial.number), []).append(trial)
    return list(found.values())


def wants_repeat(repeats: Sequence[FrozenTrial], wanted: int) -> bool:
    """Whether a further trial of the point is to be begun."""
    return len(repeats) < wanted and all(_goes_well(trial) for trial in repeats)


def points(trials: Sequence[FrozenTrial], wanted: int = 1) -> list[FrozenTrial]:
    """The points that a sampler should know of, each repeated `wanted` times."""
    summed = (_summed(repeats, wanted) for repeats in by_point(trials))
    return [point for point in summed if point is not None]


def infeasible_as_worst(found: Sequence[FrozenTrial], directions: Sequence[StudyDirection]) -> list[FrozenTrial]:
    """The same for a sampler that looks at complete points only: the infeasible are complete, with the worst values of all."""
    values = np.array([point.values for point in found if point.state == TrialState.COMPLETE])
    if not len(values):
        return list(found)
    ends = zip(values.min(axis=0), values.max(axis=0), directions, strict=True)
    worst = [float(low if direction == StudyDirection.MAXIMIZE else high) for low, high, direction in ends]
    constrained = any(is_infeasible(point) for point in found)
    return [_judged(point, worst) if constrained and point.state.is_finished() else point for point in found]


def is_infeasible(point: FrozenTrial) -> bool:
    return any(value > 0 for value in point.constraints.values())


def _goes_well(trial: FrozenTrial) -> bool:
    unfinished = (TrialState.RUNNING, TrialState.WAITING)
    return CONSTRAINT not in trial.user_attrs and trial.state in (TrialState.COMPLETE, *unfinished)


def _summed(repeats: Sequence[FrozenTrial], wanted: int) -> FrozenTrial | None:
    if any(CONSTRAINT in trial.user_attrs for trial in repeats):
        violation = max(float(trial.user_attrs.get(CONSTRAINT, 0.0)) for trial in repeats)
        return _point(repeats[0], TrialState.PRUNED, constraint=violation)
    states = {trial.state for trial in repeats}
    if TrialState.WAITING in states:  # cut off: nobody's at present
        return None
    if TrialState.RUNNING in states or wants_repeat(repeats, wanted):
        return _point(repeats[0], TrialState.RUNNING)
    if TrialState.PRUNED in states:
        ended = [trial for trial in repeats if trial.state != TrialState.FAIL]
        return _point(repeats[0], TrialState.PRUNED, curve=_common_means(ended))
    complete = [trial.values for trial in repeats if trial.state == TrialState.COMPLETE]
    if not complete:
        return None
    return _point(repeats[0], TrialState.COMPLETE, values=[float(mean) for mean in np.mean(complete, axis=0)])


def _common_means(repeats: Sequence[FrozenTrial]) -> dict[int, float]:
    curves = [trial.intermediate_values for trial in repeats]
    if len(curves) == 1:
        return dict(curves[0])
    common = sorted(set.intersection(*(set(curve) for curve in curves)))
    return {epoch: float(np.mean([curve[epoch] for curve in curves])) for epoch in common}


def study_of(known: Sequence[FrozenTrial], directions: Sequence[StudyDirection], sampler: BaseSampler) -> optuna.Study:
    """A study in memory in which the sampler finds these points."""
    study = optuna.create_study(directions=directions, sampler=sampler)
    for point in known:
        study._storage.create_new_trial(study._study_id, template_trial=point)
    return study


def _point(
    first: FrozenTrial,
    state: TrialState,
    values: Sequence[float] | None = None,
    curve: Mapping[int, float] | None = None,
    constraint: float | None = None,
) -> Point:
    kept = {key: value for key, value in first.system_attrs.items() if key == GENERATION}
    return Point(
        number=first.number,
        trial_id=first.number,
        state=state,
        value=None,
        values=values,
        params=first.params,
        distributions=first.distributions,
        user_attrs={},
        system_attrs=kept if constraint is None else {**kept, _CONSTRAINT_KEY: constraint},
        intermediate_values=dict(curve or {}),
        datetime_start=None,
        datetime_complete=None,
    )


def _judged(point: FrozenTrial, worst: list[float]) -> FrozenTrial:
    if is_infeasible(point):
        return _point(point, TrialState.COMPLETE, constraint=1.0, values=worst)
    if point.state == TrialState.COMPLETE:
        return _point(point, TrialState.COMPLETE, constraint=0.0, values=point.values)
    return point
