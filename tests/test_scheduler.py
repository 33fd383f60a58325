"""Which rule a sweep asks for, and what of Ray Tune's events reaches it."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ray.tune.schedulers import TrialScheduler

from tune.search.curves import Curve, NeverStop
from tune.search.median import Median
from tune.search.rungs import Rungs
from tune.search.scheduler import StoppingScheduler, make_scheduler
from tune.search.stopping_rule import stopping_rule
from tune.sweep_file.spec import Sweep, parse_sweep

METRIC = "eval/probe_accuracy"
STOP, CONTINUE = TrialScheduler.STOP, TrialScheduler.CONTINUE


def sweep_of(**settings: Any) -> Sweep:
    return parse_sweep({"name": "x", "train": {"max_epochs": 8}, "scheduler": settings})


def asha(**settings: Any) -> StoppingScheduler:
    return make_scheduler(sweep_of(**{"grace_epochs": 2, "reduction": 2} | settings))


def decision(scheduler: StoppingScheduler, number: int, epoch: int, value: float | None, **more: float) -> str:
    return scheduler.on_trial_result(None, trial(number), result(epoch, value, **more))


def trial(number: int) -> Any:
    return SimpleNamespace(config={"trial_number": number})


def result(epoch: int, value: float | None, work: float = 1.0) -> dict[str, Any]:
    reported = {} if value is None else {METRIC: value}
    return {"epoch": epoch, "seconds/work": work, "training_iteration": 1, **reported}


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"grace_epochs": 2, "reduction": 4}, Rungs(2, 4)),
        ({"type": "median", "grace_epochs": 3}, Median(3)),
        ({"type": "none"}, NeverStop()),
        ({"unit": "seconds", "grace_seconds": 1.5}, Rungs(1.5, 3)),
    ],
)
def test_the_rule_is_the_one_that_the_sweep_names(settings: dict[str, Any], rule: object) -> None:
    assert stopping_rule(sweep_of(**settings)) == rule


def test_the_worse_trial_is_stopped_at_the_grace_epoch_and_not_before() -> None:
    scheduler = asha()
    assert [decision(scheduler, 0, epoch, 0.9) for epoch in (1, 2)] == [CONTINUE] * 2
    assert decision(scheduler, 1, 1, 0.1) == CONTINUE
    assert decision(scheduler, 1, 2, 0.1) == STOP


def test_the_better_trial_goes_on() -> None:
    scheduler = asha()
    decision(scheduler, 0, 2, 0.1)
    assert decision(scheduler, 1, 2, 0.9) == CONTINUE


def test_a_stop_has_its_reason_and_going_on_has_none() -> None:
    scheduler = asha()
    decision(scheduler, 0, 2, 0.9)
    decision(scheduler, 1, 2, 0.1)
    assert scheduler.why_stopped(1) == "stopped at rung 2: 0.1 is below the best half of 1 trial (0.9)"
    assert scheduler.why_stopped(0) == ""


@pytest.mark.parametrize("value", [None, math.nan])
def test_a_report_without_a_value_decides_nothing(value: float | None) -> None:
    scheduler = asha()
    decision(scheduler, 0, 2, 0.9)
    assert decision(scheduler, 1, 2, value) == CONTINUE
    assert decision(scheduler, 1, 3, 0.1) == STOP, "the rung is still to be passed"


def test_a_report_that_comes_twice_counts_once() -> None:
    scheduler = asha()
    for _ in range(3):
        decision(scheduler, 0, 2, 0.9)
    decision(scheduler, 1, 2, 0.95)
    assert decision(scheduler, 0, 2, 0.9) == CONTINUE, "it has passed, and 0.95 came later"
    assert scheduler.rule.why_stop(scheduler.curves[0], [scheduler.curves[1]])


def test_the_last_report_of_a_trial_that_ended_by_itself_counts_for_others() -> None:
    scheduler = asha()
    scheduler.on_trial_complete(None, trial(0), result(2, 0.9))
    assert decision(scheduler, 1, 2, 0.1) == STOP


def test_seconds_of_work_are_those_of_the_trial() -> None:
    scheduler = asha(unit="seconds", grace_epochs=None, grace_seconds=10.0)
    decision(scheduler, 0, 1, 0.9, work=10.0)
    assert [decision(scheduler, 1, epoch, 0.1, work=4.0) for epoch in (1, 2, 3)] == [CONTINUE, CONTINUE, STOP]
    assert scheduler.why_stopped(1).startswith("stopped at rung 10 s of work")


def test_with_its_history_a_scheduler_decides_as_if_there_had_been_no_break() -> None:
    values = {0: [0.2, 0.5, 0.6], 1: [0.3, 0.7, 0.8], 2: [0.1, 0.6, 0.7], 3: [0.1, 0.4]}
    told = [(number, epoch) for epoch in (1, 2, 3) for number in values if epoch <= len(values[number])]
    for cut in range(len(told)):
        whole, sweep = asha(), sweep_of(grace_epochs=2, reduction=2)
        for number, epoch in told[:cut]:
            decision(whole, number, epoch, values[number][epoch - 1])
        rebuilt = make_scheduler(
            sweep, {number: Curve(c.unit, c.epochs, 0.0, c.times, c.values) for number, c in whole.curves.items()}
        )
        for number, epoch in told[cut:]:
            value = values[number][epoch - 1]
            assert decision(rebuilt, number, epoch, value) == decision(whole, number, epoch, value)


@pytest.mark.parametrize("text", ["1 worker(s) were killed due to the node running low on memory", "The actor died unexpectedly"])
def test_the_loss_of_a_process_is_told_with_what_it_was_killed_for(text: str, tmp_path: Path) -> None:
    """Where it is not tried again, Tune tells the searcher of a loss and of nothing more."""
    (tmp_path / "error.txt").write_text(f"Failure # 1 (occurred at noon)\n{text}\n")
    scheduler = asha()
    scheduler.on_trial_error(None, SimpleNamespace(config={"trial_number": 3}, error_file=str(tmp_path / "error.txt")))
    assert scheduler.why_stopped(3) == (f"OutOfMemoryError: {text}" if "memory" in text else "")
