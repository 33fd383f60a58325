"""A curve counts each epoch once, and only values that are some."""

from __future__ import annotations

import math

import pytest

from tune.search.curves import Curve, NeverStop


def test_an_epoch_that_comes_again_changes_nothing() -> None:
    curve = Curve("seconds").after(1, 0.5, 10.0).after(2, 0.6, 10.0)
    assert curve.after(2, 0.9, 99.0) == curve.after(1, 0.9, 99.0) == curve


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_an_epoch_without_a_value_takes_its_time_and_leaves_no_value(value: float | None) -> None:
    curve = Curve("seconds").after(1, value, 10.0).after(2, 0.5, 10.0)
    assert (curve.epochs, curve.times, curve.values) == (2, (20.0,), (0.5,))


def test_seconds_of_work_add_up_and_epochs_are_counted() -> None:
    for unit, times in (("seconds", (3.0, 7.0)), ("epochs", (1.0, 2.0))):
        assert Curve(unit).after(1, 0.1, 3.0).after(2, 0.2, 4.0).times == times  # type: ignore[arg-type]


def test_the_value_at_a_time_is_the_first_from_then_on() -> None:
    curve = Curve("seconds").after(1, 0.1, 3.0).after(2, 0.2, 4.0)
    assert [curve.at(time) for time in (0.0, 3.0, 3.5, 7.0, 7.1)] == [0.1, 0.1, 0.2, 0.2, None]
    assert [curve.until(time) for time in (2.9, 3.0, 7.0)] == [(), (0.1,), (0.1, 0.2)]
    assert curve.last_step() == (3.0, 7.0) and Curve("seconds").after(1, 0.1, 3.0).last_step() == (0.0, 3.0)


def test_nothing_is_stopped_without_a_rule() -> None:
    bad, good = Curve().after(1, 0.0), Curve().after(1, 1.0)
    assert NeverStop().why_stop(bad, [good] * 9) == ""
