"""A sweep told to MLflow while it runs: a projection, never the truth.

Everything is queued (writes.py), returns at once and never raises, so that an MLflow that is slow or dead, from the start
on or later, neither delays nor fails a sweep. Only `open` waits, for a bounded time, so that a wrong address is refused. What
was not written is counted, and can be written from the sweep's ledgers afterwards (sync.py).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from tune.driver.side_by_side import all_within
from tune.errors import FxsweepError, InfrastructureLost
from tune.ledger.status import SWEEP_ENDED
from tune.tracking.run_record import Point, Projection, RunRecord
from tune.tracking.run_tags import STATUS, Values, ending_tags, named, shared_tags, trial_tags
from tune.tracking.run_writes import write_projection
from tune.tracking.runs import Runs, is_hopeless, reaching
from tune.tracking.stores import Tracking, without_password
from tune.tracking.sweep_runs import ParentRun, SweepRuns, TrialRun, now_ms
from tune.tracking.writes import Patience, WriteCounts, WriteQueue

OPEN_SECONDS = 10.0  # how long a sweep waits at its start for MLflow to answer,
REFUSED_SECONDS = 3.0  # and how long for one that answers nothing at all
STALLED_SECONDS = 20.0  # at its end one that has not answered for so long is waited for no more
LAST_WRITE_SECONDS, KILL_SECONDS = 0.5, 1.4  # a cluster gives a stopped job three seconds


class SweepTracker:
    """The runs of one sweep, written by its driver."""

    def __init__(self, sweep: SweepRuns, patience: Patience) -> None:
        self._sweep, self._tags = sweep, dict(sweep.born.shared_tags)
        self._trials: dict[int, TrialRun] = {}
        self._refusal: Exception | None = None
        self._writes = WriteQueue(is_hopeless, patience)

    @classmethod
    def open(
        cls,
        tracking: Tracking,
        *,
        sweep_name: str,
        experiment: str,
        tags: Values,
        params: Values,
        spec_text: str,
        sweep_id: str = "",
        started_ms: int | None = None,
        parent_run_id: str | None = None,
        patience: Patience | None = None,
    ) -> SweepTracker:
        """Makes the parent run, or goes on with the one that the sweep has (children left RUNNING are ended as stopped).

        Waits ten seconds at most. If MLflow has not answered by then, `is_open` is False and the run is made later.

        Args:
            tags: written as `fxsweep.NAME` on the parent and on every child (names with a dot as they are).
            params: the sweep's settings.
            spec_text: the sweep file, kept as spec.yaml.
            sweep_id: by which the sweep's runs are found again; without one only `parent_run_id` is.
            started_ms: when the sweep began; now, if not given.
            parent_run_id: of the run to go on with, of a sweep without an id.
            patience: how long a write is tried before it is given up.

        Raises:
            InvalidInput: the address can't work, or the experiment was deleted.
            InfrastructureLost: the store answers, and refuses.
        """
        shared = shared_tags(sweep_name, sweep_id, tags)
        born = ParentRun(sweep_name, experiment, sweep_id, shared, params, started_ms or now_ms(), parent_run_id or "")
        tracker = cls(SweepRuns(tracking, born), patience or Patience())
        tracker._writes.put(tracker._begin)
        tracker._write_parent(Runs.write_text, spec_text, "spec.yaml")
        tracker._writes.flush(OPEN_SECONDS, REFUSED_SECONDS)
        if tracker._refusal is not None:
            tracker._writes.stop()
            raise tracker._refusal
        return tracker

    @property
    def is_open(self) -> bool:
        """Whether MLflow has the parent run."""
        return bool(self.parent_run_id)

    @property
    def parent_run_id(self) -> str:
        """Empty until it is made, as is `experiment_id`."""
        return self._sweep.parent_run_id

    @property
    def experiment_id(self) -> str:
        return self._sweep.experiment_id

    def place(self) -> dict[str, str]:
        """Where the sweep is in MLflow, as far as that is known: `experiment` and `run_id`."""
        return {"experiment": self.experiment_id, "run_id": self.parent_run_id} if self.is_open else {}

    def trial_started(
        self, number: int, run_name: str, params: Values, tags: Values, at_ms: int | None = None, points: tuple[Point, ...] = ()
    ) -> None:
        """A new child run, or the one that this trial had before the sweep was taken up again.

        Args:
            at_ms: when it began, in milliseconds since 1970; now, if not given. The same below.
            points: what it has reported before; the run gets those that it lacks.
        """
        own = trial_tags(self._tags, number, tags)
        trial = self._trials[number] = TrialRun(number, run_name, dict(params), own, at_ms or now_ms(), points=points)
        self._writes.put(partial(self._sweep.trial, trial))

    def trial_told_again(self, record: RunRecord) -> None:
        """A trial that ended before this driver began: its run is made unless it is there, and gets what it lacks."""
        state = record.tags["fxsweep.state"]
        trial = TrialRun(int(record.number or 0), record.name, record.params, record.tags, record.started_ms, state)
        trial.record, trial.closed = record, True
        self._trials[trial.number] = trial
        self._writes.put(partial(self._sweep.trial, trial))

    def trial_report(self, number: int, metrics: Mapping[str, float], step: int, at_ms: int | None = None) -> None:
        """One write for all of a report's metrics; those that aren't finite become the tag `fxsweep.not_finite`.

        Args:
            step: the epoch.
        """
        broken = ", ".join(name for name, value in metrics.items() if not math.isfinite(value))
        tags = named({"not_finite": f"{broken} at step {step}"}) if broken else {}
        self._write_trial(number, Runs.add, _finite(metrics), step, at_ms or now_ms(), tags)

    def trial_ended(self, number: int, state: str, reason: str = "", at_ms: int | None = None) -> None:
        """`state` is complete, pruned, failed or stopped; `reason` says why, for the one who reads the run."""
        trial = self._trials[number]
        trial.state, trial.reason = state, reason
        self._writes.put(partial(self._sweep.end_trial, trial, at_ms or now_ms()))

    def trial_tags(self, number: int, tags: Mapping[str, object]) -> None:
        """Tags of a trial's run, whether it has ended or not."""
        self._write_trial(number, Runs.add, {}, 0, 0, named(tags))

    def trial_artifact(self, number: int, path: Path, folder: str | None = None) -> None:
        """Copies a file, or what is in a folder; it must stay there until it is written (`flush`)."""
        self._write_trial(number, Runs.upload, path, folder)

    def sweep_artifact(self, path: Path, folder: str | None = None) -> None:
        """As `trial_artifact`, for the parent run."""
        self._write_parent(Runs.upload, path, folder)

    def close(
        self,
        state: str,
        metrics: Mapping[str, float],
        tags: Mapping[str, object],
        timeout_seconds: float = 60.0,
        *,
        reason: str = "",
        at_ms: int | None = None,
        ledgers: Callable[[], Projection] | None = None,
    ) -> WriteCounts:
        """Ends the children that are still open (as stopped), then the parent; waits for the writes up to the time given.

        Args:
            ledgers: what MLflow should say; asked for where writes were given up and MLflow answers again.

        Returns:
            What was written; `failed` and `pending` are missing from MLflow.
        """
        ended_ms = at_ms or now_ms()
        for trial in self._trials.values():
            if trial.state == "running":
                self.trial_ended(trial.number, "stopped", SWEEP_ENDED, ended_ms)
        self._write_parent(Runs.add, _finite(metrics), 0, ended_ms, named(tags))
        self._write_parent(Runs.end, STATUS[state], ended_ms, ending_tags(state, reason))
        self._writes.flush(timeout_seconds, STALLED_SECONDS)
        made_up_for = ledgers is not None and self._write_again(ledgers, timeout_seconds)
        if self.is_open and not self._writes.counts().pending:
            with suppress(Exception):  # nobody asked for it
                self._sweep.drop_doubles()
        self._writes.stop()
        return replace(self.counts(), failed=0) if made_up_for else self.counts()

    def kill_now(self, reason: str = SWEEP_ENDED, state: str = "stopped") -> WriteCounts:
        """For SIGTERM: drops what is queued and ends every open run, the parent (in `state`) first, in less than two seconds."""
        self._writes.stop()
        self._writes.flush(LAST_WRITE_SECONDS)
        at_ms, ends = now_ms(), list[Callable[[], object]]()
        if self.is_open:
            ending = ending_tags(state, reason)
            ends.append(partial(self._sweep.runs().end, self.parent_run_id, STATUS[state], at_ms, ending))
        for trial in [trial for trial in self._trials.values() if trial.run_id and not trial.closed]:
            if trial.state == "running":
                trial.state, trial.reason = "stopped", reason
            ends.append(partial(self._sweep.end_trial, trial, at_ms))
        all_within(ends, KILL_SECONDS)
        return self.counts()

    def flush(self, timeout_seconds: float = 60.0) -> bool:
        """Waits for everything asked for so far; False if that took longer, or MLflow has not answered for long."""
        return self._writes.flush(timeout_seconds, STALLED_SECONDS)

    def counts(self) -> WriteCounts:
        counts = self._writes.counts()
        return replace(counts, last_error=without_password(counts.last_error))

    def run_id(self, number: int) -> str:
        """The trial's run; empty until it is made (`flush`)."""
        return self._trials[number].run_id if number in self._trials else ""

    def wait_for_run(self, number: int) -> str:
        """The trial's run, once everything asked for so far is written.

        Raises:
            InfrastructureLost: it isn't, since MLflow is slow or doesn't answer.
        """
        if not self.flush() or not self.run_id(number):
            why = self.counts().last_error or "it does not answer"
            raise InfrastructureLost(f"tracking store {without_password(self._sweep.tracking.uri)}: {why}.")
        return self.run_id(number)

    def _begin(self) -> None:
        try:
            with reaching(self._sweep.tracking):
                self._sweep.parent()
        except FxsweepError as error:
            self._refusal = error if is_hopeless(error) else None
            raise

    def _write_parent(self, write: Callable[..., object], *arguments: object) -> None:
        self._writes.put(lambda: write(self._sweep.runs(), self._sweep.parent(), *arguments))

    def _write_trial(self, number: int, write: Callable[..., object], *arguments: object) -> None:
        trial = self._trials[number]
        self._writes.put(lambda: write(self._sweep.runs(), self._sweep.trial(trial), *arguments))

    def _write_again(self, ledgers: Callable[[], Projection], timeout_seconds: float) -> bool:
        """Whether writes had been given up, and all that they said is there now."""
        counts = self._writes.counts()
        if not counts.failed or counts.pending:
            return False
        self._writes.put(lambda: write_projection(self._sweep.runs(), ledgers()))
        return self.flush(timeout_seconds) and self._writes.counts().failed == counts.failed


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items() if math.isfinite(value)}
