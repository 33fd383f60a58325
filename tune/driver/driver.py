"""The driver of a sweep, once everything is open: render actors -> search -> registry -> maps -> the last word.

Whatever way it ends, no run in MLflow and no trial of the study is left RUNNING.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from trainables.rendering.render_actors import Rendering, actors_that_fit, start_rendering
from trainables.rendering.render_counts import RenderCounts
from tune.analysis.leaderboard import write_leaderboard, write_rejected
from tune.analysis.rung_correlations import early_stopping_metrics
from tune.analysis.sweep_pages import write_sweep_pages
from tune.driver.budget import BudgetMeter, EarlyEnd, more_of
from tune.driver.earlier import Earlier
from tune.driver.interrupt import Interrupted, on_interrupt
from tune.driver.matches import write_matches
from tune.driver.observer import Outlets, SweepObserver
from tune.driver.opened_sweep import Opened
from tune.driver.opening import first_status, missing_writes
from tune.driver.page_keeper import PageKeeper
from tune.driver.setbacks import Setbacks
from tune.driver.takes_meter import TakesMeter
from tune.driver.trainable_parts import examiner_of, fit_of, maps_of
from tune.errors import BudgetSpent, NoTrialSucceeded, Stopped
from tune.ledger.status import SweepStatus, TrialState, to_ms
from tune.models.best_model import BestModel
from tune.planning.stage import Stage, describe_skipped
from tune.search.experiment import BetweenSteps, LeftOver, SearchParts, search
from tune.sweep_file.spec import Sweep
from tune.tracking.descriptions import closing_tags
from tune.tracking.projection import projection, trial_record
from tune.tracking.run_record import FIGURES

MAPS_SECONDS = 900.0  # how long the end of a sweep waits for pictures: a figure of 1,500 clips takes minutes to measure


def _start_rendering(sweep: Sweep, stage: Stage, trials_at_once: int) -> Rendering:
    actors, memory_gb = sweep.render.actors or actors_that_fit(trials_at_once), sweep.render.memory_gb
    return start_rendering(stage.corpus, stage.plan, actors, int(memory_gb * 2**30) if memory_gb else None)


class Driver:
    """One run of one sweep, in the order of its methods.

    Args:
        earlier: what drivers before this one have left.
    """

    def __init__(self, opened: Opened, earlier: Earlier) -> None:
        self.opened, self.earlier, self.searched = opened, earlier, False
        self.sweep, self.folder, self.stage = opened.sweep, opened.folder, opened.stage
        self.tracker, self.tracking, self.console = opened.told.tracker, opened.told.tracking, opened.told.console
        self.identity = opened.told.identity
        self.best_model = BestModel(self.sweep, self.folder, self.stage, self.identity, self.tracking, self.tracker, self.console)
        self.rendering = _start_rendering(self.sweep, self.stage, opened.trials_at_once)
        self.pages = PageKeeper(self.folder, self.tracker.sweep_artifact)
        self.meter, self.setbacks = BudgetMeter(self.sweep, earlier.spent), Setbacks()
        self.end = EarlyEnd(self.meter.spent_up, self.setbacks.hopeless)
        status = first_status(self.sweep, self.identity, self.folder.name, self.stage, self.tracking, self.tracker)
        self.observer = SweepObserver(earlier.taken_up(status), self._outlets(self.rendering), earlier)

    def execute(self) -> SweepStatus:
        self.console.start()
        try:
            with on_interrupt(self._first_aid) as check_interrupt:
                self._tell_earlier()
                self._search(check_interrupt)
                self._register()  # before the pictures, which nobody may want to wait for
                self.searched = True
                self._write_matches()
                self._wait_for_maps()
                self._complete_card()
                self._end(self._outcome(), self.end.reason)
        except Interrupted as signal:
            self._interrupted(str(signal))
        except BaseException as error:
            self._put_away("failed", f"{type(error).__name__}: {error}")
            raise
        finally:
            self.console.stop()
        self.console.say("", *describe_skipped(self.stage.corpus))
        return self._verdict()

    def _tell_earlier(self) -> None:
        """MLflow hears again of trials that ended under another driver, whose last words may have been lost."""
        for trial in self.earlier.ended():
            self.tracker.trial_told_again(trial_record(self.folder, self.sweep, self.identity, trial))
        self.observer.draw_earlier()

    def _outcome(self) -> TrialState:
        return "complete" if self.observer.status.best() and not self.setbacks.hopeless() else "failed"

    def _first_aid(self) -> object:
        return self.tracker.kill_now(state=self._outcome() if self.searched else "stopped")

    def _interrupted(self, signal: str) -> None:
        """A person who does not wait for the pictures has a complete sweep without them."""
        if self.searched:
            self._put_away(self._outcome(), f"pictures not awaited: {signal}")
            return
        self._put_away("stopped", f"stopped by {signal}")
        go_on = f"fxsweep resume {self.folder.name} goes on with it"
        raise Stopped(f"sweep {self.folder.name}: stopped by {signal}; {self._counts()}. {go_on}.")

    def _outlets(self, rendering: Rendering) -> Outlets:
        maps = maps_of(self.sweep, self.stage, rendering)
        meter = TakesMeter(rendering.catalogue, self.earlier.rendered)
        self.console.counts = meter.line
        examiner = examiner_of(self.sweep, self.folder, self.tracker)
        judges = (self.meter, self.setbacks, self.opened.scheduler.why_stopped, self.opened.told.notices)
        return Outlets(self.folder, self.tracker, self.console, maps, meter, examiner, *judges)

    def _search(self, check_interrupt: Callable[[], None]) -> None:
        if self.opened.searcher.exhausted() or self.end.stop_all():  # the last driver died when all was trained
            return
        callbacks = [self.meter, self.observer, BetweenSteps(check_interrupt), BetweenSteps(self.pages.poll)]
        left_over = LeftOver(self.earlier.left_over)
        fit, deciding = fit_of(self.sweep, self.stage, self.rendering, self.folder), self.opened
        parts = SearchParts(deciding.searcher, deciding.scheduler, fit, left_over, self.end)
        search(self.sweep, self.folder, callbacks, parts, self.opened.trials_at_once)

    def _register(self) -> None:
        status, best = self.observer.status, self.observer.status.best()
        if best is None or best.number not in self.observer.checkpoints:
            return
        if self.earlier.model and self.earlier.model[1] == best.number:
            self.observer.status = replace(status, model=self.earlier.model[0])
            return
        if model := self.best_model.register(status, best, self.observer.checkpoints[best.number]):
            self.observer.finish(replace(self.observer.status, model=model))

    def _write_matches(self) -> None:
        best = self.observer.status.best()
        if best is not None and best.number in self.observer.checkpoints:
            kept = self.observer.checkpoints[best.number]
            for page in write_matches(self.sweep, self.folder, self.stage, self.rendering, best, kept):
                self.tracker.sweep_artifact(page)

    def _complete_card(self) -> None:
        status, best = self.observer.status, self.observer.status.best()
        if best is not None and best.number in self.observer.checkpoints:
            self.best_model.complete_card(status, best, self.observer.checkpoints[best.number])

    def _wait_for_maps(self) -> None:
        maps = self.observer.outlets.maps
        if maps.waiting:
            self.console.say(f"  waiting for {len(maps.waiting)} latent maps")
        self.observer.collect_maps(MAPS_SECONDS)
        for number, reason in sorted(maps.missing().items()):
            self.console.say(f"  trial {number} has no latent map: {reason}")

    def _end(self, state: TrialState, message: str = "") -> None:
        """The last word: study, status file and tracking server agree."""
        self.opened.searcher.close(message or state)
        self.pages.close()
        self.meter.add(running_trials=0)
        status = replace(self.observer.status, spent_seconds=self.meter.spent.seconds).ended_as(state, time.time(), message)
        self.observer.finish(status)
        best = status.best()
        summary = {"best_score": best.score} if best and best.score is not None else {}
        rendered = self._rendered()
        status = replace(status, rendering=rendered.facts())
        self.observer.finish(status)  # the ledger, before anything that takes its time or waits for MLflow
        self.opened.told.notices.sweep_ended(self.observer.status)
        self._write_pages(status)
        at_ms = to_ms(status.ended or 0.0)
        ledgers = partial(projection, self.folder, self.sweep, self.identity, status)
        metrics = summary | rendered.metrics() | early_stopping_metrics(self.folder)
        counts = self.tracker.close(state, metrics, closing_tags(status), reason=message, at_ms=at_ms, ledgers=ledgers)
        self.observer.finish(self._with_run_ids(status))
        if counts.missing:
            self.console.say(missing_writes(self.folder, self.tracking, counts))
        self.console.say(*self.opened.told.notices.close())

    def _write_pages(self, status: SweepStatus) -> None:
        """All; where a person waits for the end, those that were drawn last stay, and `fxsweep sync` writes them anew."""
        stopped = status.state == "stopped"
        files = write_leaderboard(status, self.folder.path) if stopped else write_sweep_pages(self.sweep, self.folder, status)
        for file in files:
            self.tracker.sweep_artifact(file)
        if self.folder.figures.is_dir():
            self.tracker.sweep_artifact(self.folder.figures, FIGURES)

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
            self.tracker.kill_now(message, state)

    def _with_run_ids(self, status: SweepStatus) -> SweepStatus:
        trials = tuple(replace(t, run_id=self.tracker.run_id(t.number) or t.run_id) for t in status.trials)
        return replace(status, trials=trials)

    def _verdict(self) -> SweepStatus:
        status = self.observer.status
        if hopeless := self.setbacks.hopeless():
            raise NoTrialSucceeded(f"sweep {status.name}: {hopeless}\nMend it, then: fxsweep resume {status.name}")
        if status.best() is not None:
            return status
        if self.end.reason and not any(t.state == "failed" for t in status.trials):
            raise BudgetSpent(
                f"sweep {status.name}: {self.end.reason} before one trial finished. "
                f"Give it more ({more_of(self.end.reason, status.name)}), or lower train.max_epochs."
            )
        reasons = "; ".join(sorted({t.reason for t in status.trials if t.reason})) or "no trial started"
        raise NoTrialSucceeded(f"sweep {status.name}: no trial succeeded ({reasons}). See `fxsweep logs {status.name}`.")

    def _counts(self) -> str:
        trials = self.observer.status.trials
        return f"{sum(t.state in ('complete', 'pruned') for t in trials)} of {self.sweep.budget.trials} trials had ended"
