"""The driver's ear: Ray Tune's trial events, told to the status file, MLflow, the terminal and the map queue.

A Ray Tune callback. It runs inside Tune's event loop, so nothing here waits for anything.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ray.tune import Callback

from trainables.trainable import CHECKPOINT_FILE
from tune.console import SweepConsole
from tune.examination import late_controls, late_ms
from tune.examiner import Examiner
from tune.home import SweepFolder
from tune.ledger import own_metrics, reported_ms
from tune.maps import MapQueue
from tune.names import run_name
from tune.reasons import write_reason
from tune.status import SweepStatus, TrialState, TrialStatus, to_ms, write_status
from tune.sweep_tracker import SweepTracker
from tune.takes_meter import TakesMeter


@dataclass(frozen=True)
class Outlets:
    """Where events go."""

    folder: SweepFolder
    tracker: SweepTracker
    console: SweepConsole
    maps: MapQueue
    meter: TakesMeter
    examiner: Examiner


class SweepObserver(Callback):  # type: ignore[misc]
    """Holds the sweep's status while it runs; `status` is always the latest."""

    def __init__(self, status: SweepStatus, outlets: Outlets) -> None:
        self.status, self.outlets = status, outlets
        self.history: dict[int, list[dict[str, float]]] = {}
        self.checkpoints: dict[int, Path] = {}
        self.pictures: dict[int, tuple[Path, ...]] = {}
        self.started: dict[int, float] = {}
        self._write()  # a sweep can be found from its start on

    def __getstate__(self) -> dict[str, Any]:
        """Tune pickles its callbacks beside the trials; nothing is ever restored from that file."""
        return {}

    # ---- Ray Tune's events
    def on_trial_start(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        number, params = trial_number(trial), trial_params(trial)
        if number in self.started:  # Tune tries it again
            return
        started = self.started[number] = time.time()
        self.history[number] = []
        tags = {"tune_trial_id": trial.trial_id}
        self.outlets.tracker.trial_started(number, run_name(params), params, tags, to_ms(started))
        self._set(TrialStatus(number, "running", params, started=started, tune_trial_id=trial.trial_id))

    def on_trial_result(self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any) -> None:
        number, metrics, epoch = trial_number(trial), own_metrics(result), int(result["epoch"])
        if result.get("failed"):
            return
        self.history[number] = [*self.history[number][: epoch - 1], metrics]  # an epoch may come again after a loss
        self.outlets.tracker.trial_report(number, metrics, epoch, reported_ms(result))
        score = metrics.get(self.status.objective["metric"])
        trial_status = replace(self.status.trial(number), score=score, epochs=epoch, metrics=metrics)
        self._set(replace(trial_status, seconds=time.time() - self.started[number]))
        self.outlets.console.progress(self.status)

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        result = trial.last_result or {}
        if result.get("failed"):
            self._end(trial, "failed", str(result.get("error", "")))
        elif result.get("ended"):
            self._end(trial, "complete", str(result["ended"]))
        else:
            self._end(trial, "pruned", "stopped early by the scheduler")

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        error = trial.get_error() if hasattr(trial, "get_error") else None
        self._end(trial, "failed", str(error or "the trial's process was lost"))

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        self.collect_maps()
        self.outlets.meter.poll()
        self.status = replace(self.status, rendering=self.outlets.meter.counts.facts())
        self.outlets.console.progress(self.status)

    # ---- the driver's own calls
    def collect_maps(self, timeout_seconds: float = 0.0) -> None:
        for pictures in self.outlets.maps.collect(timeout_seconds):
            self.pictures[pictures.number] = pictures.files
            for file in pictures.files:
                self.outlets.tracker.trial_artifact(pictures.number, file)
            self._note_late_controls(pictures.number)
            self._set(self._examined(self.status.trial(pictures.number)))  # its weights have been read back, too

    def finish(self, status: SweepStatus) -> None:
        """The last word about the sweep."""
        self.status = status
        self._write()

    # ---- inside
    def _end(self, trial: Any, state: TrialState, reason: str) -> None:
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
        if state == "failed":
            self.outlets.console.record(f"trial {number} failed:\n{reason}")
        if trial.checkpoint is not None and self.history[number]:
            self._request_map(ended, Path(trial.checkpoint.path) / CHECKPOINT_FILE)

    def _note_late_controls(self, number: int) -> None:
        trial, found = self.status.trial(number), late_controls(self.outlets.folder, number)
        if found:
            self.outlets.tracker.trial_report(number, found, trial.epochs, late_ms(self.outlets.folder, number))
            self._set(replace(trial, metrics={**trial.metrics, **found}))

    def _examined(self, trial: TrialStatus) -> TrialStatus:
        epochs = self.history[trial.number]
        return replace(trial, worries=self.outlets.examiner.examine(trial, epochs)) if epochs else trial

    def _request_map(self, trial: TrialStatus, checkpoint: Path) -> None:
        self.checkpoints[trial.number] = checkpoint
        title = f"trial {trial.number}: {run_name(trial.params)}"
        folder = self.outlets.folder.pictures(trial.number)
        self.outlets.maps.request(trial.number, checkpoint, self.history[trial.number], title, folder)

    def _set(self, trial: TrialStatus) -> None:
        run_id = self.outlets.tracker.run_id(trial.number) or None
        self.status = self.status.with_trial(replace(trial, run_id=run_id))
        self._write()

    def _write(self) -> None:
        self.status = replace(self.status, mlflow={**self.status.mlflow, **self.outlets.tracker.place()})
        write_status(self.outlets.folder.status, self.status)
        self.outlets.console.machine_status(self.status)


def trial_number(trial: Any) -> int:
    return int(trial.config["trial_number"])


def trial_params(trial: Any) -> dict[str, Any]:
    """The sampled parameters, as a user named them."""
    return {key: value for key, value in trial.config.items() if key != "trial_number"}
