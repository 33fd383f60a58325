"""Three trials in a row that fail by the code's own fault at their first epoch end a sweep."""

from __future__ import annotations

import pytest

from trainables.training.causes import Cause
from tune.driver.setbacks import MOST_IN_A_ROW, Setbacks


def after(*events: tuple[Cause, int] | None) -> Setbacks:
    setbacks = Setbacks()
    for number, event in enumerate(events):
        if event is None:
            setbacks.got_on()
        else:
            setbacks.failed(*event, f"Traceback\nKeyError: {number}")
    return setbacks


BUG: tuple[Cause, int] = ("bug", 0)


def test_three_in_a_row_are_hopeless_and_the_last_traceback_is_told() -> None:
    assert MOST_IN_A_ROW == 3
    assert after(BUG, BUG).hopeless() == ""
    told = after(BUG, BUG, BUG).hopeless()
    assert told.startswith("3 trials in a row failed at their first epoch") and told.endswith("KeyError: 2")


@pytest.mark.parametrize("other", [None, ("lost", 0), ("out_of_memory", 0), ("not_finite", 0), ("bug", 1)])
def test_anything_else_is_no_setback(other: tuple[Cause, int] | None) -> None:
    assert after(BUG, BUG, other).hopeless() == ""


def test_an_epoch_of_any_trial_begins_the_count_anew() -> None:
    assert after(BUG, BUG, None, BUG).hopeless() == ""
