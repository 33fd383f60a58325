"""The driver's ear: Ray Tune's trial events, told to the status file, MLflow, the terminal and the map queue.

A Ray Tune callback. It runs inside Tune's event loop, so nothing here waits for anything.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ray.tune import Callback

from trainables.training.causes import Cause
from trainables.training.trainable import MEMORY_LOSS, CheckpointFile
from tune.driver.budget import BudgetMeter
from tune.driver.console import SweepConsole
from tune.driver.earlier import Earlier
from tune.driver.examination import late_controls, late_ms
from tune.driver.examiner import Examiner
from tune.driver.maps import MapQueue
from tune.driver.notices import Notices
from tune.driver.setbacks import Setbacks
from tune.driver.takes_meter import TakesMeter
from tune.ledger.checkpoints import checkpoint_at
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import own_metrics, reported_ms
from tune.ledger.reasons import write_reason
from tune.ledger.status import SweepStatus, TrialState, TrialStatus, to_ms
from tune.ledger.status_file import SHARE, StatusFile
from tune.search.ends import end_of
from tune.space.names import run_name
from tune.tracking.news import news
from tune.tracking.projection import trial_points
from tune.tracking.run_tags import split_tag
from tune.tracking.sweep_tracker import SweepTracker


@dataclass(frozen=True)
class Outlets:
    """Where events go."""

    folder: SweepFolder
    tracker: SweepTracker
    console: SweepConsole
    maps: MapQueue
    meter: TakesMeter
    examiner: Examiner
    budget: BudgetMeter
    setbacks: Setbacks
    why_stopped: Callable[[int], str]  # of a trial that the scheduler ended
    notices: Notices = field(default_factory=Notices)


class SweepObserver(Callback):  # type: ignore[misc]
    """Holds the sweep's status while it runs; `status` is always the latest."""

    def __init__(self, status: SweepStatus, outlets: Outlets, earlier: Earlier, writing_share: float = SHARE) -> None:
        self.status, self.outlets = status, outlets
        self.file = StatusFile(outlets.folder.status, writing_share)
        self.history: dict[int, list[dict[str, float]]] = {number: list(epochs) for number, epochs in earlier.epochs.items()}
        self.checkpoints: dict[int, CheckpointFile] = dict(earlier.checkpoints)
        self.started: dict[int, float] = {}
        outlets.notices.known(status)
        self._write()  # a sweep can be found from its start on

    def __getstate__(self) -> dict[str, Any]:
        """Tune pickles its callbacks beside the trials; nothing is ever restored from that file."""
        return {}

    # ---- Ray Tune's events
    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        number, params = trial_number(trial), trial_params(trial)
        if number in self.started:  # Tune tries it again
            return
        now, before = time.time(), self.status.known(number) or TrialStatus(number, "running", params)
        started = before.started or now
        self.started[number] = now - before.seconds
        self.history.setdefault(number, [])
        tags = {"tune_trial_id": trial.trial_id} | split_tag(self.status.split_names, params)
        points = trial_points(self.outlets.folder, before)  # which the last driver may not have come to tell
        self.outlets.tracker.trial_started(number, run_name(params), params, tags, to_ms(started), points)
        before = replace(before, started=started, ended=None, tune_trial_id=trial.trial_id)
        self._set(replace(before, state="running", reason=""))

    def on_trial_result(self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any) -> None:
        number, metrics, epoch = trial_number(trial), own_metrics(result), int(result["epoch"])
        if result.get("failed"):
            return
        if epoch > len(self.history[number]):  # it may come again after a loss, and counts as it came first
            before = self.history[number][-1] if self.history[number] else {}
            self.history[number].append(metrics)
            self.outlets.tracker.trial_report(number, news(metrics, before), epoch, reported_ms(result))
        self.outlets.setbacks.got_on()
        score = metrics.get(self.status.objective["metric"])
        trial_status = replace(self.status.trial(number), score=score, epochs=epoch, metrics=metrics)
        self._set(replace(trial_status, seconds=time.time() - self.started[number]))
        self.outlets.console.progress(self.status)

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        number, result = trial_number(trial), trial.last_result or {}
        why = self.outlets.why_stopped(number)
        metrics = [objective["metric"] for objective in self.status.objectives or (self.status.objective,)]
        end = end_of(trial.last_result or None, False, metrics, why)
        if result.get("failed"):
            self.outlets.setbacks.failed(end.cause or "bug", len(self.history.get(number, ())), str(result["error"]))
        self._end(trial, end.trial_state, str(result.get("error", "")) or end.reason, end.cause)

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        error = trial.get_error() if hasattr(trial, "get_error") else None
        end = end_of(None, True, (), self.outlets.why_stopped(trial_number(trial)))
        self._end(trial, end.trial_state, str(error or "the trial's process was lost"), end.cause)

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        self.collect_maps()
        self.outlets.meter.poll()
        spent, rendering = self.outlets.budget.spent, self.outlets.meter.counts.facts()
        status = replace(self.status, spent_seconds=spent.seconds, compute_seconds=spent.compute_seconds)
        self.status = replace(status, rendering=rendering)
        self.outlets.console.progress(self.status)
        self.file.write_due()

    # ---- the driver's own calls
    def draw_earlier(self) -> None:
        """What was not drawn of trials that ended under an earlier driver is drawn now."""
        for trial in self.status.trials:
            checkpoint = self.checkpoints.get(trial.number)
            if (
                checkpoint
                and trial.state in ("complete", "pruned", "failed")
                and not MapQueue.drawn(self._pictures(trial.number))
            ):
                self._request_map(trial, checkpoint)

    def collect_maps(self, timeout_seconds: float = 0.0) -> None:
        for pictures in self.outlets.maps.collect(timeout_seconds):
            for file in pictures.files:
                self.outlets.tracker.trial_artifact(pictures.number, file)
            self._note_late_controls(pictures.number)
            self._set(self._examined(self.status.trial(pictures.number)))  # its weights have been read back, too

    def finish(self, status: SweepStatus) -> None:
        """What the driver itself has to say of the sweep."""
        self.status = status
        self._write()
        self.file.write(self.status)

    # ---- inside
    def _end(self, trial: Any, state: TrialState, reason: str, cause: Cause | None) -> None:
        number = trial_number(trial)
        if number not in self.started:  # it failed before it started
            self.on_trial_start(0, [], trial)
        now = time.time()
        short = reason.strip().splitlines()[-1] if reason.strip() else ""
        seconds = now - self.started[number]
        ended = replace(self.status.trial(number), state=state, reason=short, seconds=seconds, ended=now)
        self.outlets.tracker.trial_ended(number, state, reason.strip(), to_ms(now))
        if reason.strip() != short:
            self.outlets.tracker.trial_artifact(number, write_reason(self.outlets.folder, number, reason.strip()))
        ended = self._examined(ended)
        self._set(ended)
        self.outlets.console.trial_ended(ended, self.status)
        self.outlets.notices.trial_ended(self.status)
        if cause:
            self.outlets.console.record(f"trial {number} {state} ({cause}):\n{reason}")
        if trial.checkpoint is not None and self.history[number]:
            self.checkpoints[number] = checkpoint_at(self.outlets.folder, trial.checkpoint.path)
            self._request_map(ended, self.checkpoints[number])

    def _note_late_controls(self, number: int) -> None:
        trial, found = self.status.trial(number), late_controls(self.outlets.folder, number)
        if found:
            self.outlets.tracker.trial_report(number, found, trial.epochs, late_ms(self.outlets.folder, number))
            self._set(replace(trial, metrics={**trial.metrics, **found}))

    def _examined(self, trial: TrialStatus) -> TrialStatus:
        epochs = self.history[trial.number]
        return replace(trial, worries=self.outlets.examiner.examine(trial, epochs)) if epochs else trial

    def _request_map(self, trial: TrialStatus, checkpoint: CheckpointFile) -> None:
        title = f"trial {trial.number}: {run_name(trial.params)}"
        folder = self._pictures(trial.number)
        self.outlets.maps.request(trial.number, checkpoint, self.history[trial.number], title, folder)

    def _pictures(self, number: int) -> Path:
        return self.outlets.folder.pictures(number)

    def _set(self, trial: TrialStatus) -> None:
        run_id = self.outlets.tracker.run_id(trial.number) or trial.run_id
        self.status = self.status.with_trial(replace(trial, run_id=run_id))
        self._write()

    def _write(self) -> None:
        self.status = replace(self.status, mlflow={**self.status.mlflow, **self.outlets.tracker.place()})
        self.file.put(self.status)
        self.outlets.console.machine_status(self.status)


def trial_number(trial: Any) -> int:
    return int(trial.config["trial_number"])


def trial_params(trial: Any) -> dict[str, Any]:
    """The sampled parameters, as a user named them."""
    return {key: value for key, value in trial.config.items() if key not in ("trial_number", MEMORY_LOSS)}
