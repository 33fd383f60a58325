"""What a sampler is told of points that are repeated, pruned, failed or not feasible."""

from __future__ import annotations

from typing import Any

import pytest
from optuna.distributions import FloatDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from tune.ledger.study import CONSTRAINT, POINT
from tune.search.points import by_point, infeasible_as_worst, is_infeasible, points, wants_repeat

COMPLETE, PRUNED, FAIL, RUNNING, WAITING = (
    TrialState.COMPLETE,
    TrialState.PRUNED,
    TrialState.FAIL,
    TrialState.RUNNING,
    TrialState.WAITING,
)


def trial(number: int, state: TrialState, value: float = 0.5, point: int | None = None, **more: Any) -> FrozenTrial:
    attributes = {**({} if point is None else {POINT: point}), **more.pop("user_attrs", {})}
    made = create_trial(
        state=state,
        value=value if state == COMPLETE else None,
        params={"beta": 0.25},
        distributions={"beta": FloatDistribution(0, 1)},
        user_attrs=attributes,
        **more,
    )
    made.number = number
    return made


def test_repeats_are_one_point_with_the_mean_of_their_values() -> None:
    (point,) = points([trial(0, COMPLETE, 0.2, 0), trial(1, COMPLETE, 0.4, 0)], wanted=2)
    assert point.state == COMPLETE and point.value == pytest.approx(0.3)
    assert point.params == {"beta": 0.25}


def test_a_point_is_open_while_a_repeat_runs_or_is_still_to_come() -> None:
    first = trial(0, COMPLETE, 0.2, 0)
    assert [point.state for point in points([first], 2)] == [RUNNING]
    assert [point.state for point in points([first, trial(1, RUNNING, point=0)], 2)] == [RUNNING]
    assert [point.state for point in points([first, trial(1, FAIL, point=0)], 3)] == [COMPLETE]


def test_a_failed_repeat_is_left_out_of_the_mean_and_a_point_of_failures_out_of_all() -> None:
    (point,) = points([trial(0, COMPLETE, 0.2, 0), trial(1, FAIL, point=0), trial(2, FAIL, point=2)], wanted=2)
    assert point.value == 0.2


def test_a_pruned_repeat_prunes_its_point_at_the_epochs_that_all_reached() -> None:
    repeats = [
        trial(0, PRUNED, point=0, intermediate_values={1: 0.1, 2: 0.2}),
        trial(1, COMPLETE, 0.9, 0, intermediate_values={1: 0.3, 2: 0.4, 3: 0.9}),
    ]
    (point,) = points(repeats, wanted=3)
    assert point.state == PRUNED and point.intermediate_values == pytest.approx({1: 0.2, 2: 0.3})


def test_what_was_cut_off_is_of_no_account() -> None:
    assert points([trial(0, WAITING), trial(1, COMPLETE, 0.2, 1), trial(2, WAITING, point=1)], 2) == []


def test_whatever_could_not_be_is_infeasible_in_any_state() -> None:
    infeasible = [trial(n, state, user_attrs={CONSTRAINT: 1.0}) for n, state in enumerate((PRUNED, FAIL, COMPLETE))]
    found = points([*infeasible, trial(3, COMPLETE)])
    assert [is_infeasible(point) for point in found] == [True, True, True, False]
    assert {point.state for point in found[:3]} == {PRUNED}


@pytest.mark.parametrize(
    ("repeats", "wants"),
    [
        ([trial(0, RUNNING)], True),
        ([trial(0, COMPLETE)], True),
        ([trial(0, COMPLETE), trial(1, RUNNING)], True),
        ([trial(0, WAITING)], True),
        ([trial(0, COMPLETE), trial(1, COMPLETE), trial(2, RUNNING)], False),
        ([trial(0, PRUNED)], False),
        ([trial(0, COMPLETE), trial(1, FAIL)], False),
        ([trial(0, COMPLETE, user_attrs={CONSTRAINT: 1.0})], False),
    ],
)
def test_a_point_is_repeated_as_long_as_all_goes_well(repeats: list[FrozenTrial], wants: bool) -> None:
    assert wants_repeat(repeats, 3) is wants


def test_trials_belong_to_the_point_that_they_name_else_to_their_own() -> None:
    groups = by_point([trial(0, COMPLETE, point=0), trial(1, COMPLETE), trial(2, RUNNING, point=0)])
    assert [[member.number for member in group] for group in groups] == [[0, 2], [1]]


def test_for_a_sampler_of_complete_points_the_infeasible_are_the_worst() -> None:
    history = [trial(0, COMPLETE, 0.2), trial(1, COMPLETE, 0.7), trial(2, PRUNED, user_attrs={CONSTRAINT: 1.0})]
    for direction, worst in ((StudyDirection.MAXIMIZE, 0.2), (StudyDirection.MINIMIZE, 0.7)):
        found = infeasible_as_worst(points(history), [direction])
        assert [(point.state, point.value, is_infeasible(point)) for point in found] == [
            (COMPLETE, 0.2, False),
            (COMPLETE, 0.7, False),
            (COMPLETE, worst, True),
        ]
        assert {len(point.constraints) for point in found} == {1}


def test_without_a_complete_point_nobody_knows_the_worst() -> None:
    known = points([trial(0, PRUNED, user_attrs={CONSTRAINT: 1.0})])
    assert infeasible_as_worst(known, [StudyDirection.MAXIMIZE]) == known
