"""A sweep from its file to its registered model: the driver.

    check -> Ray -> render actors -> search -> registry -> maps -> the last word

Whatever way it ends, every run in MLflow and every trial of the study is terminal.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from shutil import rmtree

from rich.text import Text

from trainables.map_actor import start_map_maker
from trainables.render_actors import Rendering, actors_that_fit, start_rendering
from trainables.render_counts import RenderCounts
from tune.capacity import concurrency_that_fits
from tune.cluster import quiet_logging, ray_cluster
from tune.console import SweepConsole
from tune.decoding_progress import decoding_shown
from tune.errors import BudgetSpent, FxsweepError, NoTrialSucceeded, Stopped
from tune.examiner import Examiner
from tune.home import SweepFolder, decoded_store, new_folder
from tune.identity import begin
from tune.interrupt import Interrupted, on_interrupt
from tune.liveness import driver_lock
from tune.maps import MapQueue
from tune.observer import Outlets, SweepObserver
from tune.opening import (
    first_status,
    missing_writes,
    open_tracker,
    refuse_wrong,
    sweep_tags,
    sweep_tracking,
    sync_command,
    unanswered,
)  # fmt: skip
from tune.projection import projection
from tune.report import write_rejected
from tune.search import BetweenSteps, search
from tune.searcher import OptunaSearcher
from tune.spec import Sweep
from tune.stage import Stage, describe_skipped, describe_stage, prepare_stage
from tune.status import SweepStatus, TrialState, to_ms
from tune.stores import Tracking
from tune.sweep_file import document_text
from tune.sweep_pages import write_sweep_pages
from tune.sweep_tracker import SweepTracker
from tune.takes_meter import TakesMeter

MAPS_SECONDS = 900.0  # how long the end of a sweep waits for pictures: a figure of 1,500 clips takes minutes to measure


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
    refuse_wrong(tracking)
    with decoding_shown(console) as progress:
        stage = prepare_stage(sweep, decoded_store(request.home), progress)
    with ray_cluster() as (cpus, gpus):
        trials_at_once = concurrency_that_fits(sweep, cpus, gpus)
        folder = new_folder(request.home, request.name or sweep.name, exact=request.name is not None)
        folder.spec.write_text(document_text(sweep.canonical()), encoding="utf-8")
        quiet_logging(folder.log)
        console.log = folder.log
        console.say(Text.assemble((f"fxsweep {folder.name}", "bold"), f"  {folder.path}"), *describe_stage(stage))
        console.say(f"search   {sweep.budget.trials} trials, {trials_at_once} at once, over {', '.join(sweep.search)}", "")
        with driver_lock(folder):
            tracker = _open_or_leave_nothing(sweep, folder, stage, tracking)
            if not tracker.is_open:
                console.say(unanswered(folder, tracking))
            try:
                run = _Run(sweep, folder, stage, tracking, tracker, trials_at_once, console)
            except BaseException:
                tracker.close("failed", {}, {})
                raise
            return run.execute()


def _open_or_leave_nothing(sweep: Sweep, folder: SweepFolder, stage: Stage, tracking: Tracking) -> SweepTracker:
    try:
        return open_tracker(sweep, folder, begin(folder, sweep_tags(sweep, stage)), tracking)
    except BaseException:
        rmtree(folder.path, ignore_errors=True)
        raise


def _start_rendering(sweep: Sweep, stage: Stage, trials_at_once: int) -> Rendering:
    actors, memory_gb = sweep.render.actors or actors_that_fit(trials_at_once), sweep.render.memory_gb
    return start_rendering(stage.corpus, stage.plan, actors, int(memory_gb * 2**30) if memory_gb else None)


class _Run:
    """One run of one sweep, in the order of its methods."""

    def __init__(
        self,
        sweep: Sweep,
        folder: SweepFolder,
        stage: Stage,
        tracking: Tracking,
        tracker: SweepTracker,
        trials_at_once: int,
        console: SweepConsole,
    ) -> None:
        self.sweep, self.folder, self.stage, self.tracking = sweep, folder, stage, tracking
        self.trials_at_once, self.console = trials_at_once, console
        self.tracker = tracker
        self.searcher = OptunaSearcher(sweep, folder.journal, folder.name)
        self.rendering = _start_rendering(sweep, stage, trials_at_once)
        self.identity = begin(folder, sweep_tags(sweep, stage))
        status = first_status(sweep, self.identity, folder.name, stage, tracking, self.tracker)
        self.observer = SweepObserver(status, self._outlets(self.rendering))

    def execute(self) -> SweepStatus:
        self.console.start()
        try:
            with on_interrupt(self.tracker.kill_now) as check_interrupt:
                self._search(check_interrupt)
                self._register()  # before the pictures, which nobody may want to wait for
                self._wait_for_maps()
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

    def _outlets(self, rendering: Rendering) -> Outlets:
        maps = MapQueue(start_map_maker(rendering.catalogue, self.stage.plan, self.sweep.figure), self.sweep.seed)
        meter = TakesMeter(rendering.catalogue)
        self.console.counts = meter.line
        examiner = Examiner(self.sweep, self.folder, self.tracker)
        return Outlets(self.folder, self.tracker, self.console, maps, meter, examiner)

    def _search(self, check_interrupt: Callable[[], None]) -> None:
        callbacks = [self.observer, BetweenSteps(check_interrupt)]
        search(self.sweep, self.folder, callbacks, self.searcher, self.rendering.catalogue, self.trials_at_once)

    def _register(self) -> None:
        """A store that is down or refuses the model costs the registration and nothing else."""
        from tune.champion import model_card, register_champion, write_card  # torch: not before the search has begun

        status, best = self.observer.status, self.observer.status.best()
        if best is None or best.number not in self.observer.checkpoints:
            return
        write_card(self.folder, card := model_card(self.sweep, self.stage, status, best, self.identity))
        checkpoint = self.observer.checkpoints[best.number]
        try:
            run_id = self.tracker.wait_for_run(best.number)
            version = register_champion(self.tracking, self.sweep.model_name, card, run_id, checkpoint)
        except FxsweepError as error:
            kept = f"It is kept in {checkpoint}; to register it: {sync_command(self.folder)}"
            self.console.say(f"The model is not registered: {error} {kept}")
            return
        model = {"name": version.name, "version": str(version.version)}
        self.observer.status = replace(self.observer.status, model=model)

    def _wait_for_maps(self) -> None:
        maps = self.observer.outlets.maps
        if maps.waiting:
            self.console.say(f"  waiting for {len(maps.waiting)} latent maps")
        self.observer.collect_maps(MAPS_SECONDS)
        for number, reason in sorted(maps.missing().items()):
            self.console.say(f"  trial {number} has no latent map: {reason}")

    def _end(self, state: TrialState, message: str = "") -> None:
        """The last word: study, status file and tracking server agree."""
        self.searcher.close(message or state)
        status = self.observer.status.ended_as(state, time.time(), message)
        self.observer.finish(status)
        best = status.best()
        summary = {"best_score": best.score} if best and best.score is not None else {}
        tags = {"best_trial": str(best.number)} if best else {}
        for file in write_sweep_pages(self.sweep, self.folder, status):
            self.tracker.sweep_artifact(file)
        rendered = self._rendered()
        status = replace(status, rendering=rendered.facts())
        self.observer.finish(status)  # the ledger, before anything that waits for MLflow
        at_ms = to_ms(status.ended or 0.0)
        ledgers = partial(projection, self.folder, self.sweep, self.identity, status)
        metrics = summary | rendered.metrics()
        counts = self.tracker.close(state, metrics, tags, reason=message, at_ms=at_ms, ledgers=ledgers)
        self.observer.finish(self._with_run_ids(status))
        if counts.missing:
            self.console.say(missing_writes(self.folder, self.tracking, counts))

    def _rendered(self) -> RenderCounts:
        """What rendering did; which takes were replaced becomes a table of the sweep."""
        meter = self.observer.outlets.meter
        counts = meter.final()
        if counts.rejected_takes:
            self.tracker.sweep_artifact(write_rejected(meter.rejections(), self.folder.rejected))
        return counts

    def _put_away(self, state: TrialState, message: str) -> None:
        try:
            self._end(state, message)
        except Exception as error:  # the first error is the one to tell
            self.console.say(f"while ending: {error}")

    def _with_run_ids(self, status: SweepStatus) -> SweepStatus:
        trials = tuple(replace(t, run_id=self.tracker.run_id(t.number) or t.run_id) for t in status.trials)
        return replace(status, trials=trials)

    def _verdict(self) -> SweepStatus:
        status = self.observer.status
        if status.best() is not None:
            return status
        if self.sweep.budget.hours and not any(t.state == "failed" for t in status.trials):
            raise BudgetSpent(
                f"sweep {status.name}: the budget of {self.sweep.budget.hours} hours was spent before one trial finished. "
                "Raise budget.hours or lower train.max_epochs."
            )
        reasons = "; ".join(sorted({t.reason for t in status.trials if t.reason})) or "no trial started"
        raise NoTrialSucceeded(f"sweep {status.name}: no trial succeeded ({reasons}). See `fxsweep logs {status.name}`.")

    def _counts(self) -> str:
        trials = self.observer.status.trials
        return f"{sum(t.state in ('complete', 'pruned') for t in trials)} of {self.sweep.budget.trials} trials had ended"
