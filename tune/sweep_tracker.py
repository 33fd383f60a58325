"""A sweep told to MLflow while it runs: a projection, never the truth.

`open` waits for MLflow and may raise; from then on everything is queued (writes.py), returns at once and never raises,
so that a slow or dead MLflow neither delays nor fails a sweep. What wasn't written is counted.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tune.stores import Tracking
from tune.tracking import Runs, is_hopeless, reaching
from tune.writes import Patience, WriteCounts, WriteQueue

STATUS = {"complete": "FINISHED", "pruned": "FINISHED", "failed": "FAILED", "stopped": "KILLED"}
LAST_WRITE_SECONDS, KILL_SECONDS = 0.5, 1.4  # a cluster gives a stopped job three seconds


@dataclass
class _Trial:
    """What is known of a trial here; `run_id`, `described` and `closed` are set by whoever writes."""

    number: int
    run_name: str
    params: Mapping[str, object]
    tags: Mapping[str, str]
    started_ms: int
    state: str = "running"
    reason: str = ""
    run_id: str = ""
    described: bool = False
    closed: bool = False


class SweepTracker:
    """The runs of one sweep, written by its driver."""

    def __init__(self, runs: Runs, parent_run_id: str, tags: Mapping[str, str], patience: Patience) -> None:
        self.parent_run_id, self.experiment_id = parent_run_id, runs.experiment_id
        self._runs, self._tags = runs, dict(tags)
        self._trials: dict[int, _Trial] = {}
        self._writes = WriteQueue(is_hopeless, patience)

    @classmethod
    def open(
        cls,
        tracking: Tracking,
        *,
        sweep_name: str,
        experiment: str,
        tags: Mapping[str, object],
        params: Mapping[str, object],
        spec_text: str,
        parent_run_id: str | None = None,
        patience: Patience | None = None,
    ) -> SweepTracker:
        """Makes the parent run or, with `parent_run_id`, goes on with it (children left RUNNING are ended as stopped).

        Args:
            tags: written as `fxsweep.NAME` on the parent and on every child (names with a dot as they are).
            params: the sweep's settings.
            spec_text: the sweep file, kept as spec.yaml.
            patience: how long a write is tried before it is given up.

        Raises:
            InvalidInput: the address can't work, or the experiment was deleted.
            InfrastructureLost: the store doesn't answer.
        """
        runs = Runs.of_experiment(tracking, experiment)
        shared = _named({"sweep": sweep_name} | dict(tags))
        parent_tags = shared | _named({"role": "sweep", "state": "running"})
        with reaching(tracking):
            if parent_run_id is None:
                parent_run_id = runs.create(sweep_name, parent_tags, _now_ms())
                runs.add_params(parent_run_id, params)
            else:
                runs.reopen(parent_run_id, parent_tags)
                _end_left_open(runs, parent_run_id)
        tracker = cls(runs, parent_run_id, shared, patience or Patience())
        tracker._writes.put(partial(runs.write_text, parent_run_id, spec_text, "spec.yaml"))
        return tracker

    def trial_started(self, number: int, run_name: str, params: Mapping[str, object], tags: Mapping[str, object]) -> None:
        """A new child run, or the one that this trial had before the sweep was taken up again."""
        own = _named({"trial": number, "role": "trial", "state": "running"} | dict(tags))
        every_tag = self._tags | own | {"mlflow.parentRunId": self.parent_run_id}
        trial = self._trials[number] = _Trial(number, run_name, dict(params), every_tag, _now_ms())
        self._writes.put(partial(self._run_of, trial))

    def trial_report(self, number: int, metrics: Mapping[str, float], step: int, at_ms: int | None = None) -> None:
        """One write for all of a report's metrics; those that aren't finite become the tag `fxsweep.not_finite`.

        Args:
            step: the epoch.
            at_ms: when it was measured, in milliseconds since 1970; now, if not given.
        """
        broken = ", ".join(name for name, value in metrics.items() if not math.isfinite(value))
        tags = _named({"not_finite": f"{broken} at step {step}"}) if broken else {}
        self._write_trial(number, self._runs.add, _finite(metrics), step, at_ms or _now_ms(), tags)

    def trial_ended(self, number: int, state: str, reason: str = "") -> None:
        """`state` is complete, pruned, failed or stopped; `reason` says why, for the one who reads the run."""
        trial = self._trials[number]
        trial.state, trial.reason = state, reason
        self._writes.put(partial(self._end_trial, trial, _now_ms()))

    def trial_tags(self, number: int, tags: Mapping[str, object]) -> None:
        """Tags of a trial's run, whether it has ended or not."""
        self._write_trial(number, self._runs.add, {}, 0, 0, _named(tags))

    def trial_artifact(self, number: int, path: Path, folder: str | None = None) -> None:
        """Copies a file, or what is in a folder; it must stay there until it is written (`flush`)."""
        self._write_trial(number, self._runs.upload, path, folder)

    def sweep_artifact(self, path: Path, folder: str | None = None) -> None:
        """As `trial_artifact`, for the parent run."""
        self._writes.put(partial(self._runs.upload, self.parent_run_id, path, folder))

    def sweep_tags(self, tags: Mapping[str, object]) -> None:
        """Tags of the parent, and of the children that start from now on."""
        self._tags |= (named := _named(tags))
        self._writes.put(partial(self._runs.add, self.parent_run_id, {}, 0, 0, named))

    def sweep_metrics(self, metrics: Mapping[str, float], step: int) -> None:
        """Metrics of the parent, e.g. the best score after `step` trials."""
        self._writes.put(partial(self._runs.add, self.parent_run_id, _finite(metrics), step, _now_ms(), {}))

    def close(
        self, state: str, metrics: Mapping[str, float], tags: Mapping[str, object], timeout_seconds: float = 60.0
    ) -> WriteCounts:
        """Ends the children that are still open (as stopped), then the parent; waits for the writes up to the time given.

        Returns:
            What was written; `failed` and `pending` are missing from MLflow.
        """
        for trial in self._trials.values():
            if trial.state == "running":
                self.trial_ended(trial.number, "stopped", "the sweep ended")
        at_ms = _now_ms()
        self._writes.put(partial(self._runs.add, self.parent_run_id, _finite(metrics), 0, at_ms, _named(tags)))
        self._writes.put(partial(self._runs.end, self.parent_run_id, STATUS[state], at_ms, _ending(state, "")))
        self._writes.flush(timeout_seconds)
        self._writes.stop()
        return self.counts()

    def kill_now(self, reason: str = "terminated", state: str = "stopped") -> WriteCounts:
        """For SIGTERM: drops what is queued and ends every open run, the parent (in `state`) first, in less than two seconds."""
        self._writes.stop()
        self._writes.flush(LAST_WRITE_SECONDS)
        at_ms = _now_ms()
        ends: list[Callable[[], object]] = [
            partial(self._runs.end, self.parent_run_id, STATUS[state], at_ms, _ending(state, reason))
        ]
        for trial in [trial for trial in self._trials.values() if trial.run_id and not trial.closed]:
            if trial.state == "running":
                trial.state, trial.reason = "stopped", reason
            ends.append(partial(self._end_trial, trial, at_ms))
        _all_within(ends, KILL_SECONDS)
        return self.counts()

    def flush(self, timeout_seconds: float = 60.0) -> bool:
        """Waits for everything asked for so far; False if that took longer."""
        return self._writes.flush(timeout_seconds)

    def counts(self) -> WriteCounts:
        return self._writes.counts()

    def run_id(self, number: int) -> str:
        """The trial's run; empty until it is made (`flush`)."""
        return self._trials[number].run_id if number in self._trials else ""

    def _write_trial(self, number: int, write: Callable[..., object], *arguments: object) -> None:
        trial = self._trials[number]
        self._writes.put(lambda: write(self._run_of(trial), *arguments))

    def _run_of(self, trial: _Trial) -> str:
        """Made when first needed: a run that couldn't be made in an outage is made by the trial's next write."""
        if trial.described:
            return trial.run_id
        if found := trial.run_id or self._runs.child(self.parent_run_id, trial.number):
            trial.run_id = found
            self._runs.reopen(found, trial.tags)
        else:
            trial.run_id = self._runs.create(trial.run_name, trial.tags, trial.started_ms)
        self._runs.add_params(trial.run_id, trial.params)
        trial.described = True
        return trial.run_id

    def _end_trial(self, trial: _Trial, at_ms: int) -> None:
        self._runs.end(self._run_of(trial), STATUS[trial.state], at_ms, _ending(trial.state, trial.reason))
        trial.closed = True


def _end_left_open(runs: Runs, parent_run_id: str) -> None:
    for run_id in runs.open_children(parent_run_id):
        runs.end(run_id, "KILLED", _now_ms(), _ending("stopped", "left open by a driver that is gone"))


def _all_within(tasks: Sequence[Callable[[], object]], seconds: float) -> None:
    """Runs the tasks in eight threads that nobody waits for longer than that; their errors don't matter."""
    waiting, deadline = list(reversed(tasks)), time.monotonic() + seconds

    def work() -> None:
        while waiting:
            with suppress(Exception):
                waiting.pop()()

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(8, len(tasks)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


def _named(tags: Mapping[str, object]) -> dict[str, str]:
    return {name if "." in name else f"fxsweep.{name}": str(value) for name, value in tags.items()}


def _ending(state: str, reason: str) -> dict[str, str]:
    return _named({"state": state} | ({"reason": reason} if reason else {}))


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items() if math.isfinite(value)}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
