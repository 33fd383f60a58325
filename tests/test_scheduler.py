"""Which scheduler a sweep asks for, and that it counts our epochs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from ray.tune.schedulers import ASHAScheduler, FIFOScheduler, TrialScheduler

from tune.scheduler import make_scheduler
from tune.spec import parse_sweep

METRIC = "eval/probe_accuracy"


def asha(**settings: Any) -> ASHAScheduler:
    scheduler = make_scheduler(parse_sweep({"name": "x", "train": {"max_epochs": 8}, "scheduler": settings}))
    assert isinstance(scheduler, ASHAScheduler)
    assert scheduler.set_search_properties(METRIC, "max"), "Tune sets the metric of the TuneConfig"
    return scheduler


def decision(scheduler: ASHAScheduler, trial: str, epoch: int, value: float) -> str:
    candidate = SimpleNamespace(trial_id=trial)
    if trial not in scheduler._trial_info:
        scheduler.on_trial_add(None, candidate)
    result = {"epoch": epoch, METRIC: value, "training_iteration": 1}
    return str(scheduler.on_trial_result(None, candidate, result))


def test_without_a_scheduler_trials_run_in_their_order() -> None:
    assert isinstance(make_scheduler(parse_sweep({"name": "x", "scheduler": {"type": "none"}})), FIFOScheduler)


def test_the_worse_trial_is_stopped_at_the_grace_epoch_and_not_before() -> None:
    scheduler = asha(grace_epochs=2, reduction=2)
    assert [decision(scheduler, "good", epoch, 0.9) for epoch in (1, 2)] == [TrialScheduler.CONTINUE] * 2
    assert decision(scheduler, "bad", 1, 0.1) == TrialScheduler.CONTINUE
    assert decision(scheduler, "bad", 2, 0.1) == TrialScheduler.STOP


def test_the_better_trial_goes_on() -> None:
    scheduler = asha(grace_epochs=2, reduction=2)
    decision(scheduler, "bad", 2, 0.1)
    assert decision(scheduler, "good", 2, 0.9) == TrialScheduler.CONTINUE


def test_no_trial_outlives_max_epochs() -> None:
    assert decision(asha(grace_epochs=2), "only", 8, 0.9) == TrialScheduler.STOP


def test_reduction_tells_how_many_go_on() -> None:
    survivors = {}
    for reduction in (2, 4):
        scheduler = asha(grace_epochs=2, reduction=reduction)
        for number in range(8):
            decision(scheduler, f"early-{number}", 2, number / 10)
        survivors[reduction] = decision(scheduler, "middling", 2, 0.45)
    assert survivors == {2: TrialScheduler.CONTINUE, 4: TrialScheduler.STOP}
