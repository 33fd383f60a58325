"""The median rule: one's best against the median of the others' means, at the same time."""

from __future__ import annotations

import pytest

from tune.search.curves import Curve
from tune.search.median import FEWEST_TRIALS, Median


def curve(*values: float) -> Curve:
    made = Curve()
    for epoch, value in enumerate(values, 1):
        made = made.after(epoch, value)
    return made


OTHERS = [curve(0.125, 0.375, 0.9), curve(0.25, 0.75, 0.9), curve(0.5, 1.0, 0.9)]  # means of two epochs: 0.25, 0.5, 0.75


def test_the_best_so_far_counts_and_later_values_of_others_do_not() -> None:
    assert Median(1).why_stop(curve(0.49, 0.0), OTHERS) == (
        "stopped at epoch 2: its best 0.49 is below the median of 3 trials' means (0.5)"
    )
    assert Median(1).why_stop(curve(0.51, 0.0), OTHERS) == ""
    assert Median(1).why_stop(curve(0.5, 0.0), OTHERS) == "", "as good as the median is not below it"


def test_no_trial_is_stopped_within_its_grace() -> None:
    assert Median(3).why_stop(curve(0.0, 0.0), OTHERS) == ""
    assert Median(3).why_stop(curve(0.0, 0.0, 0.0), OTHERS) != ""


def test_below_the_fewest_trials_nothing_is_stopped_and_those_behind_do_not_count() -> None:
    assert len(OTHERS) == FEWEST_TRIALS
    assert Median(1).why_stop(curve(0.0, 0.0), [*OTHERS[1:], curve(0.3), Curve()]) == ""


@pytest.mark.parametrize(("best", "stopped"), [(0.49, False), (0.51, True)])
def test_fewer_is_better_in_mode_min(best: float, stopped: bool) -> None:
    why = Median(1, "min").why_stop(curve(best, 1.0), OTHERS)
    assert bool(why) == stopped
    assert not stopped or "above the median" in why
