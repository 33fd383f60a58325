"""The runs of one sweep in MLflow, each made when it is first needed and never twice.

A sweep has an id of its own, which its runs are tagged with. Before a run is made it is looked for, because the answer
that it was made may have been lost.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from tune.tracking.descriptions import describe_experiment
from tune.tracking.run_record import Point, RunRecord
from tune.tracking.run_tags import STATUS, ending_tags, parent_tags
from tune.tracking.run_writes import missing_points, write_trial
from tune.tracking.runs import Runs, RunThere
from tune.tracking.stores import Tracking

GOES_ON = {"fxsweep.reason": ""}  # why it was stopped, before it was taken up again


@dataclass(frozen=True)
class ParentRun:
    """What the parent run of a sweep says from its start on.

    Attributes:
        sweep_id: random, of this sweep alone; empty if it never got one.
        shared_tags: of the parent and of every child.
        known_run_id: of the run that the sweep is known to have, for sweeps without an id.
    """

    name: str
    experiment: str
    sweep_id: str
    shared_tags: Mapping[str, str]
    params: Mapping[str, object]
    started_ms: int
    known_run_id: str = ""


@dataclass
class TrialRun:
    """What is known of a trial's run; `run_id`, `asked_for`, `described` and `closed` are set by whoever writes."""

    number: int
    run_name: str
    params: Mapping[str, object]
    tags: Mapping[str, str]  # all but its parent's id
    started_ms: int
    state: str = "running"
    reason: str = ""
    run_id: str = ""
    points: tuple[Point, ...] = ()  # of epochs before the sweep was taken up again
    record: RunRecord | None = None  # of a trial that ended before this driver began: all of its run
    asked_for: bool = False  # MLflow was asked to make it, whatever it answered
    described: bool = False
    closed: bool = False


class SweepRuns:
    """Calls wait for MLflow and may raise; one that failed may be made again. Used by one thread at a time."""

    def __init__(self, tracking: Tracking, born: ParentRun) -> None:
        self.tracking, self.born = tracking, born
        self.parent_run_id = ""  # empty until it is made or found
        self._runs: Runs | None = None
        self._begun, self._goes_on = False, False

    @property
    def experiment_id(self) -> str:
        """Empty until MLflow has answered."""
        return self._runs.experiment_id if self._runs else ""

    def runs(self) -> Runs:
        """The sweep's experiment."""
        if self._runs is None:
            self._runs = Runs.of_experiment(self.tracking, self.born.experiment)
        return self._runs

    def parent(self) -> str:
        """The parent run's id. One that is there goes on, and its children left RUNNING are ended as stopped."""
        if not self._begun:
            runs, born = self.runs(), self.born
            found = self.parent_run_id or runs.sweep(born.sweep_id, born.known_run_id)
            if found:
                self.parent_run_id, self._goes_on = found, True
                runs.reopen(found, parent_tags(born.shared_tags) | GOES_ON)
                _end_left_open(runs, found)
            else:
                self.parent_run_id = runs.create(born.name, parent_tags(born.shared_tags), born.started_ms)
            there = runs.there(self.parent_run_id).params  # what a run began with cannot be changed, as a larger budget would
            runs.add_params(self.parent_run_id, {name: v for name, v in born.params.items() if name not in there})
            with suppress(Exception):  # what the store refuses of it is no reason to be without the runs
                describe_experiment(runs)
            self._begun = True
        return self.parent_run_id

    def trial(self, trial: TrialRun) -> str:
        """The run of a trial: one that couldn't be made in an outage is made by the trial's next write."""
        if not trial.described:
            if trial.record is None:
                trial.run_id = trial.run_id or self._child(trial)
                self.runs().add_params(trial.run_id, trial.params)
                if trial.points and (points := missing_points(self.runs(), self.runs().there(trial.run_id), trial.points)):
                    self.runs().add_points(trial.run_id, points, {})
            else:
                trial.run_id = write_trial(self.runs(), trial.record, self.parent())[0]
            trial.described = True
        return trial.run_id

    def end_trial(self, trial: TrialRun, at_ms: int) -> None:
        ending = ending_tags(trial.state, trial.reason)
        self.runs().end(self.trial(trial), STATUS[trial.state], at_ms, ending)
        trial.closed = True

    def _child(self, trial: TrialRun) -> str:
        runs, parent_run_id = self.runs(), self.parent()
        tags = dict(trial.tags) | {"mlflow.parentRunId": parent_run_id}
        if (self._goes_on or trial.asked_for) and (found := runs.child(parent_run_id, trial.number)):
            runs.reopen(found, tags | GOES_ON)
            return found
        trial.asked_for = True
        return runs.create(trial.run_name, tags, trial.started_ms)

    def drop_doubles(self) -> int:
        """See `drop_doubles` below."""
        return drop_doubles(self.runs(), self.born.sweep_id, self.parent_run_id) if self.born.sweep_id else 0


def drop_doubles(runs: Runs, sweep_id: str, parent_run_id: str) -> int:
    """Removes runs of the sweep that were made twice and that nothing was written to; returns how many."""
    same: dict[tuple[str, str], list[RunThere]] = defaultdict(list)
    for run in runs.doubles(f"tags.`fxsweep.sweep_id` = '{sweep_id}'"):
        same[run.tags.get("fxsweep.role", ""), run.tags.get("fxsweep.trial", "")].append(run)
    doubles = [run for group in same.values() for run in group[1:] if run.is_empty and run.run_id != parent_run_id]
    for run in doubles:
        runs.drop(run.run_id)
    return len(doubles)


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def _end_left_open(runs: Runs, parent_run_id: str) -> None:
    for run_id in runs.open_children(parent_run_id):
        runs.end(run_id, "KILLED", now_ms(), ending_tags("stopped", "left open by a driver that is gone"))
