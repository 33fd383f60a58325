"""What pages are made of: a sweep's settings, its status, and what each trial reported, from the sweep's own files alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from trainables.evaluation.outcomes import Estimate
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import read_reports, trial_results
from tune.ledger.status import SweepStatus, TrialStatus
from tune.pages.drawn_trials import drawn_numbers, left_out
from tune.pages.measures import Measure, measure_of
from tune.search.curves import Curve
from tune.search.stopping_rule import WORK_SECONDS
from tune.sweep_file.spec import Sweep

ENDED = ("complete", "pruned")


@dataclass(frozen=True)
class Course:
    """What a trial reported of the objective, by epochs and by seconds of its own work."""

    by_epochs: Curve
    by_seconds: Curve


@dataclass(frozen=True)
class Material:
    """A sweep as its pages see it.

    Attributes:
        courses: by trial number, of every trial that reported an epoch.
    """

    name: str
    sweep: Sweep
    status: SweepStatus
    courses: Mapping[int, Course]

    @property
    def metric(self) -> str:
        """The objective; of several, the first."""
        return str(self.status.objective["metric"])

    @property
    def sign(self) -> float:
        """1 where more is better, -1 where less is."""
        return 1.0 if self.status.objective["mode"] == "max" else -1.0

    @property
    def measure(self) -> Measure:
        return measure_of(self.metric)

    @cached_property
    def ended(self) -> tuple[TrialStatus, ...]:
        """The trials that ended with a finite score, by themselves or stopped early, in their order."""
        found = (trial for trial in self.status.trials if trial.state in ENDED and trial.score is not None)
        return tuple(trial for trial in found if math.isfinite(float(trial.score or 0.0)))

    @cached_property
    def ranked(self) -> tuple[TrialStatus, ...]:
        """The same, the best first."""
        first = None if self.best is None else self.best.number
        return tuple(sorted(self.ended, key=lambda t: (t.number != first, -self.sign * float(t.score or 0.0), t.number)))

    @cached_property
    def best(self) -> TrialStatus | None:
        """The best trial, as the sweep's status has it."""
        return self.status.best()

    def is_best(self, trial: TrialStatus) -> bool:
        return self.best is not None and trial.number == self.best.number

    @cached_property
    def drawn(self) -> frozenset[int]:
        """Numbers of the trials that figures draw one by one."""
        ranked = [trial.number for trial in self.ranked]
        known = frozenset(ranked)
        return drawn_numbers(ranked, [trial.number for trial in self.status.trials if trial.number not in known])

    @property
    def left_out(self) -> str:
        """A sentence on what figures leave out; "" where they leave out nothing."""
        return left_out(len(self.status.trials))

    @property
    def running(self) -> bool:
        return self.status.ended is None


def read_material(sweep: Sweep, folder: SweepFolder, status: SweepStatus) -> Material:
    """Reads the trials' ledgers."""
    metric = str(status.objective["metric"])
    courses = {trial.number: _course(folder, trial.number, metric) for trial in status.trials}
    told = {number: course for number, course in courses.items() if course.by_epochs.epochs}
    return Material(folder.name, sweep, status, told)


def estimate(trial: TrialStatus, metric: str) -> Estimate | None:
    """A metric with its interval over recordings; the value alone (NaN ends) where it has none."""
    value = _finite(trial, metric)
    if value is None:
        return None
    low, high = _finite(trial, f"{metric}_low"), _finite(trial, f"{metric}_high")
    return Estimate(value, math.nan if low is None else low, math.nan if high is None else high)


def control_of(metric: str, control: str) -> str:
    """The same score of a control."""
    return f"control/{control}/{metric.removeprefix('eval/')}"


def _finite(trial: TrialStatus, metric: str) -> float | None:
    value = trial.metrics.get(metric)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _course(folder: SweepFolder, number: int, metric: str) -> Course:
    by_epochs, by_seconds = Curve("epochs"), Curve("seconds")
    for report in read_reports(trial_results(folder, number)):
        value, seconds = report.metrics.get(metric), report.metrics.get(WORK_SECONDS, 0.0)
        by_epochs = by_epochs.after(report.epoch, value, seconds)
        by_seconds = by_seconds.after(report.epoch, value, seconds)
    return Course(by_epochs, by_seconds)
