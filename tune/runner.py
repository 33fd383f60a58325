"""A sweep from its file to its registered model: the driver.

    check -> Ray -> render actors -> Tuner.fit() -> maps -> registry -> the last word

Whatever way it ends, every run in MLflow and every trial of the study is terminal.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.text import Text

from trainables.checkpoint import read_checkpoint
from trainables.map_actor import start_map_maker
from trainables.render_actors import start_rendering
from trainables.trainable import CatalogueFit, TrialContext, TrialTrainable, trial_resources
from tune.capacity import concurrency_that_fits
from tune.cluster import ray_cluster
from tune.code_version import code_version
from tune.console import SweepConsole
from tune.errors import BudgetSpent, NoTrialSucceeded, Stopped
from tune.home import SweepFolder, new_folder
from tune.interrupt import Interrupted, on_interrupt
from tune.liveness import driver_lock
from tune.maps import MapQueue
from tune.observer import Outlets, SweepObserver
from tune.registry import register_best
from tune.report import write_leaderboard
from tune.scheduler import make_scheduler
from tune.searcher import OptunaSearcher
from tune.spec import Sweep, spec_hash
from tune.stage import Stage, describe_skipped, describe_stage, prepare_stage
from tune.status import SweepStatus, controls
from tune.stores import Tracking, check_tracking, default_tracking, tracking_at
from tune.sweep_file import document_text
from tune.sweep_tracker import SweepTracker
from tune.trials import to_trial_config

MAPS_SECONDS = 120.0  # how long the end of a sweep waits for pictures


@dataclass(frozen=True)
class RunRequest:
    """What to run and where it keeps its files."""

    sweep: Sweep
    home: Path
    name: str | None = None  # exactly this name; else the sweep's own, numbered if taken


def run_sweep(request: RunRequest, console: SweepConsole) -> SweepStatus:
    """Runs a whole sweep.

    Raises:
        InputError, InvalidInput, InfrastructureLost: before anything was made.
        NoTrialSucceeded, Stopped, BudgetSpent: everything is put away in order first.
    """
    sweep = request.sweep
    tracking = sweep_tracking(sweep, request.home)
    check_tracking(tracking.uri)
    stage = prepare_stage(sweep)
    with ray_cluster() as cpus:
        trials_at_once = concurrency_that_fits(sweep, cpus)
        folder = new_folder(request.home, request.name or sweep.name, exact=request.name is not None)
        console.say(Text.assemble((f"fxsweep {folder.name}", "bold"), f"  {folder.path}"), *describe_stage(stage))
        console.say(f"search   {sweep.budget.trials} trials, {trials_at_once} at once, over {', '.join(sweep.search)}", "")
        with driver_lock(folder):
            return _Run(request, folder, stage, tracking, trials_at_once, console).execute()


def sweep_tracking(sweep: Sweep, home: Path) -> Tracking:
    """The sweep's own server, else $MLFLOW_TRACKING_URI, else the local store beside the sweeps."""
    uri = sweep.tracking.uri or os.environ.get("MLFLOW_TRACKING_URI")
    return tracking_at(uri) if uri else default_tracking(home)


class _Run:
    """One run of one sweep, in the order of its methods."""

    def __init__(
        self,
        request: RunRequest,
        folder: SweepFolder,
        stage: Stage,
        tracking: Tracking,
        trials_at_once: int,
        console: SweepConsole,
    ) -> None:
        self.request, self.sweep, self.folder, self.stage = request, request.sweep, folder, stage
        self.tracking, self.trials_at_once, self.console = tracking, trials_at_once, console
        folder.spec.write_text(document_text(self.sweep.canonical()), encoding="utf-8")
        self.tracker = self._open_tracker()
        self.searcher = OptunaSearcher(self.sweep, folder.journal, folder.name)
        self.observer = SweepObserver(self._first_status(), self._start_actors())

    def execute(self) -> SweepStatus:
        self.console.start()
        try:
            with on_interrupt(self._first_aid):
                self._search()
                self.observer.collect_maps(MAPS_SECONDS)
                self._register()
                self._end("complete" if self.observer.status.best() else "failed")
        except Interrupted as signal:
            self._put_away("stopped", f"stopped by {signal}")
            raise Stopped(f"sweep {self.folder.name}: stopped by {signal}; {self._counts()}.") from None
        except BaseException as error:
            self._put_away("failed", f"{type(error).__name__}: {error}")
            raise
        finally:
            self.console.stop()
        self.console.say("", *describe_skipped(self.stage.corpus))
        return self._verdict()

    # ---- before
    def _open_tracker(self) -> SweepTracker:
        return SweepTracker.open(
            self.tracking,
            sweep_name=self.folder.name,
            experiment=self.sweep.experiment,
            tags={
                "spec_hash": spec_hash(self.sweep),
                "evaluation_hash": self.stage.evaluation_hash,
                "seed": str(self.sweep.seed),
                "code_version": code_version(),
                "backend": self.stage.backend,
                "corpus_id": self.stage.corpus.identity,
            },
            params=_sweep_params(self.sweep),
            spec_text=document_text(self.sweep.canonical()),
        )

    def _first_status(self) -> SweepStatus:
        return SweepStatus(
            name=self.folder.name,
            state="running",
            objective={"metric": self.sweep.objective.metric, "mode": self.sweep.objective.mode},
            mlflow={
                "uri": self.tracking.uri,
                "experiment": self.tracker.experiment_id,
                "run_id": self.tracker.parent_run_id,
            },
            budget_trials=self.sweep.budget.trials,
            started=time.time(),
            evaluation_hash=self.stage.evaluation_hash,
        )

    def _start_actors(self) -> Outlets:
        actors = self.sweep.render.actors or max(2, self.trials_at_once)
        self.rendering = start_rendering(self.stage.corpus, self.stage.plan, actors)
        maps = MapQueue(start_map_maker(self.rendering.catalogue), self.sweep.seed)
        return Outlets(self.folder, self.tracker, self.console, maps)

    # ---- the search
    def _search(self) -> None:
        from ray.tune import CheckpointConfig, FailureConfig, RunConfig, TuneConfig, Tuner, with_parameters, with_resources
        from ray.tune.logger import JsonLoggerCallback

        context = TrialContext(
            to_config=_ToTrialConfig(self.sweep),
            fit=CatalogueFit(self.rendering.catalogue),
            workers=self.sweep.train.workers,
            storage_path=str(self.folder.trials),
            objective=self.sweep.objective.metric,
        )
        trainable = with_resources(with_parameters(TrialTrainable, context=context), trial_resources(context.workers))
        Tuner(
            trainable,
            tune_config=TuneConfig(
                metric=self.sweep.objective.metric,
                mode=self.sweep.objective.mode,
                num_samples=self.sweep.budget.trials,
                search_alg=self.searcher,
                scheduler=make_scheduler(self.sweep),
                max_concurrent_trials=self.trials_at_once,
                reuse_actors=True,
                time_budget_s=self.sweep.budget.hours * 3600 if self.sweep.budget.hours else None,
                trial_dirname_creator=_trial_folder,
            ),
            run_config=RunConfig(
                name=self.folder.trials.name,
                storage_path=str(self.folder.path),
                verbose=0,
                callbacks=[self.observer, JsonLoggerCallback()],
                checkpoint_config=CheckpointConfig(num_to_keep=1, checkpoint_frequency=1),
                failure_config=FailureConfig(max_failures=2),
            ),
        ).fit()

    # ---- after
    def _register(self) -> None:
        best = self.observer.status.best()
        if best is None or best.number not in self.observer.checkpoints:
            return
        config, state = read_checkpoint(self.observer.checkpoints[best.number])
        self.tracker.flush()
        version = register_best(
            self.tracking,
            run_id=self.tracker.run_id(best.number),
            model_name=self.sweep.model_name,
            config=config,
            state=state,
            card=self._card(best.number),
            metrics=dict(best.metrics),
        )
        model = {"name": version.name, "version": str(version.version)}
        self.observer.status = replace(self.observer.status, model=model)

    def _card(self, number: int) -> dict[str, Any]:
        trial, corpus = self.observer.status.trial(number), self.stage.corpus
        return {
            "sweep": self.folder.name,
            "trial": number,
            "params": dict(trial.params),
            "objective": dict(self.observer.status.objective),
            "scores": {k: v for k, v in trial.metrics.items() if k.startswith("eval/")},
            "controls": controls(trial),
            "evaluation_hash": self.stage.evaluation_hash,
            "backend": self.stage.backend,
            "audio": {"path": corpus.audio.path, "corpus_id": corpus.identity, "recordings": _recording_names(corpus)},
            "code_version": code_version(),
            "spec_hash": spec_hash(self.sweep),
        }

    def _end(self, state: Any, message: str = "") -> None:
        """The last word: study, status file and tracking server agree."""
        self.searcher.close(message or state)
        status = self.observer.status.ended_as(state, time.time(), message)
        self.observer.finish(status)
        best = status.best()
        summary = {"best_score": best.score} if best and best.score is not None else {}
        tags = {"best_trial": str(best.number)} if best else {}
        for file in write_leaderboard(status, self.folder.path):
            self.tracker.sweep_artifact(file)
        counts = self.tracker.close(state, summary, tags)
        self.observer.finish(self._with_run_ids(status))
        if counts.failed:
            self.console.say(
                f"MLflow: {counts.failed} of {counts.failed + counts.written} writes are missing from {self.tracking.uri}."
            )

    def _put_away(self, state: Any, message: str) -> None:
        try:
            self._end(state, message)
        except Exception as error:
            self.console.say(f"while ending: {error}")

    def _with_run_ids(self, status: SweepStatus) -> SweepStatus:
        trials = tuple(replace(t, run_id=self.tracker.run_id(t.number) or t.run_id) for t in status.trials)
        return replace(status, trials=trials)

    def _first_aid(self) -> None:
        self.tracker.kill_now()

    def _verdict(self) -> SweepStatus:
        status = self.observer.status
        if status.best() is not None:
            return status
        if status.trials and all(t.state == "stopped" for t in status.trials):
            raise BudgetSpent(
                f"sweep {status.name}: the budget of {self.sweep.budget.hours} hours was spent before one trial finished. "
                "Raise budget.hours or lower train.max_epochs."
            )
        reasons = "; ".join(sorted({t.reason for t in status.trials if t.reason})) or "no trial started"
        raise NoTrialSucceeded(f"sweep {status.name}: no trial succeeded ({reasons}). See `fxsweep logs {status.name}`.")

    def _counts(self) -> str:
        trials = self.observer.status.trials
        return f"{sum(t.state in ('complete', 'pruned') for t in trials)} of {self.sweep.budget.trials} trials had ended"


@dataclass(frozen=True)
class _ToTrialConfig:
    """A trial's parameters -> its configuration; a value that Ray can send."""

    sweep: Sweep

    def __call__(self, params: Any) -> Any:
        return to_trial_config(self.sweep, {k: v for k, v in params.items() if k != "trial_number"})


def _trial_folder(trial: Any) -> str:
    return f"trial-{trial.config.get('trial_number', trial.trial_id)}"


def _sweep_params(sweep: Sweep) -> dict[str, Any]:
    """The sweep's fixed values as MLflow parameters, by dotted name."""
    flat: dict[str, Any] = {}
    for section, values in sweep.canonical().items():
        if isinstance(values, dict):
            flat |= {f"{section}.{key}": json.dumps(v) if isinstance(v, dict | list) else v for key, v in values.items()}
        else:
            flat[section] = values
    return flat


def _recording_names(corpus: Any) -> dict[str, list[str]]:
    return {p: [r.name for r in corpus.partition(p)] for p in ("train", "validation", "evaluation")}
