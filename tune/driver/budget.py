"""What a sweep may spend, and has spent: wall-clock hours, and hours of computing. Held across resumes.

Trials are the searcher's to count. The end of a budget is seen within a tenth of a second by Ray Tune's event loop; the epochs
that are being trained then are broken off, and their trials wait, each with its last checkpoint, for the sweep to be extended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ray.tune import Callback, Stopper

from tune.planning.capacity import cpus_per_trial, gpus_per_trial
from tune.sweep_file.sections import Budget
from tune.sweep_file.spec import Sweep


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock while a driver was at work, and seconds of CPUs (of GPUs, if trials have some) that trials held."""

    seconds: float = 0.0
    compute_seconds: float = 0.0


class BudgetMeter(Callback):  # type: ignore[misc]
    """Adds up what is spent, on top of what earlier drivers of the sweep spent.

    Args:
        clock: seconds; anything that grows.
    """

    def __init__(self, sweep: Sweep, before: Spent, clock: Callable[[], float] = time.monotonic) -> None:
        self.budget = sweep.budget
        self.held_by_a_trial = gpus_per_trial(sweep.train) or cpus_per_trial(sweep.train)
        self.spent, self.clock, self.last = before, clock, clock()

    def __getstate__(self) -> dict[str, Any]:
        """Tune pickles its callbacks beside the trials; nothing is ever restored from that file."""
        return {}

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        self.add(sum(trial.status == "RUNNING" for trial in trials))

    def add(self, running_trials: int) -> None:
        """The time since the last call, in which so many trials ran."""
        now = self.clock()
        seconds, self.last = now - self.last, now
        compute = seconds * running_trials * self.held_by_a_trial
        self.spent = Spent(self.spent.seconds + seconds, self.spent.compute_seconds + compute)

    def spent_up(self) -> str:
        """Which budget is spent, or ""."""
        return spent_up(self.budget, self.spent)


def spent_up(budget: Budget, spent: Spent) -> str:
    """Which budget is spent, in a few words; "" if none is."""
    if budget.hours and spent.seconds >= 3600 * budget.hours:
        return f"budget.hours {budget.hours:g} is spent"
    if budget.compute_hours and spent.compute_seconds >= 3600 * budget.compute_hours:
        return f"budget.compute_hours {budget.compute_hours:g} is spent"
    return ""


def more_of(spent: str, name: str) -> str:
    """The command that gives a sweep more of the budget that `spent_up` says is spent."""
    return f"fxsweep extend {name} {'--compute-hours' if 'compute_hours' in spent else '--hours'} 1"


class EarlyEnd(Stopper):  # type: ignore[misc]
    """Ends the search as soon as one of several questions has an answer; `reason` is that answer."""

    def __init__(self, *reasons: Callable[[], str]) -> None:
        self.reasons: Sequence[Callable[[], str]] = reasons
        self.reason = ""

    def __getstate__(self) -> dict[str, Any]:
        return {"reasons": (), "reason": ""}

    def __call__(self, trial_id: str, result: dict[str, Any]) -> bool:
        return False

    def stop_all(self) -> bool:
        self.reason = self.reason or next(filter(None, (reason() for reason in self.reasons)), "")
        return bool(self.reason)
