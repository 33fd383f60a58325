"""A sweep whose trials are recorded curves: everything that hears of trials is real, and nothing is trained.

Events come as Ray Tune's controller sends them, in the order of the recording's clock, on so many slots. One event at a time is
given to the driver's parts, and MLflow's writer is waited for in between: each is timed alone.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from benchmarks.curve_table import CurveTable
from benchmarks.past_trials import draw_past, result_of
from benchmarks.replay import Event
from benchmarks.searches import told
from tune.driver.measurement_log import MeasurementLog
from tune.driver.observer import SweepObserver
from tune.search.experiment import SearchParts
from tune.space.trials import TRIAL_NUMBER
from tune.sweep_file.spec import Sweep, parse_sweep

PARTS = ("propose", "ledger", "observe", "decide", "tell")


@dataclass
class Timer:
    """Seconds by part of the driver, how many of them a core worked for it, and how often."""

    core_seconds: float = 0.0
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(PARTS, 0.0))
    calls: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))

    def of(self, part: str, call: Callable[..., Any], *given: Any) -> Any:
        start, core_start = time.perf_counter(), time.thread_time()
        try:
            return call(*given)
        finally:
            self.seconds[part] += time.perf_counter() - start
            self.core_seconds += time.thread_time() - core_start
            self.calls[part] += 1


def sweep_of(table: CurveTable, trials: int, slots: int) -> Sweep:
    """The search over the recorded settings, as the benchmark of the search has it."""
    return parse_sweep(
        {
            "name": "scale",
            "train": {"max_epochs": table.epochs},
            "search": {key: {"choice": values} for key, values in table.choices().items()},
            "budget": {"trials": trials},
            "concurrency": slots,
        }
    )


class Simulation:
    """The driver of one sweep without Ray."""

    def __init__(self, table: CurveTable, sweep: Sweep, observer: SweepObserver, parts: SearchParts, log: MeasurementLog) -> None:
        self.table, self.sweep, self.observer, self.parts, self.log = table, sweep, observer, parts, log
        self.timer, self.write_seconds = Timer(), 0.0
        self.driver_seconds: list[float] = []  # in all, after each report
        self.events, self.trials, self.names = list[Event](), dict[int, Any](), count()

    def run(self) -> None:
        for _ in range(self.sweep.concurrency or 1):
            self._start(0.0)
        while self.events:
            event = heapq.heappop(self.events)
            if self._report(event):
                self._start(event.seconds)
            else:
                self._train(event.seconds, event.trial, event.epoch + 1, event.row)

    def _start(self, now: float) -> None:
        name = str(next(self.names))
        params = self.timer.of("propose", self.parts.searcher.suggest, name)
        if not isinstance(params, dict):
            return
        number = params[TRIAL_NUMBER]
        trial = SimpleNamespace(config=params, trial_id=name, last_result=None, checkpoint=None, status="RUNNING")
        self.trials[number] = trial
        self.timer.of("observe", self.observer.on_trial_start, 0, [], trial)
        self._train(now, number, 1, self.table.row({key: params[key] for key in self.table.keys}))

    def _train(self, now: float, number: int, epoch: int, row: int) -> None:
        heapq.heappush(self.events, Event(now + self.table.seconds[row, epoch - 1], number, epoch, row))

    def _report(self, event: Event) -> bool:
        """Everybody hears of an epoch; whether the trial has ended."""
        trial, last = self.trials[event.trial], event.epoch == self.table.epochs
        score, seconds = (float(values[event.row, event.epoch - 1]) for values in (self.table.scores, self.table.seconds))
        trial.last_result = result = result_of(score, event.epoch, seconds, last)
        self.timer.of("ledger", self._write_down, trial, result)
        self.timer.of("observe", self.observer.on_trial_result, 0, [], trial, result)
        ended = last or self.timer.of("decide", self.parts.scheduler.on_trial_result, None, trial, result) == "STOP"
        (self._end if ended else self._go_on)(trial, result)
        self.timer.of("observe", self.observer.on_step_end, 0, [])
        self.driver_seconds.append(sum(self.timer.seconds.values()))
        self._write()
        return ended

    def _go_on(self, trial: Any, result: dict[str, Any]) -> None:
        self.timer.of("tell", self.parts.searcher.on_trial_result, trial.trial_id, result)

    def _end(self, trial: Any, result: dict[str, Any]) -> None:
        self.parts.scheduler.on_trial_complete(None, trial, result)
        self.timer.of("tell", self.parts.searcher.on_trial_complete, trial.trial_id, result)
        self.timer.of("observe", self.observer.on_trial_complete, 0, [], trial)
        del self.trials[trial.config[TRIAL_NUMBER]]

    def _write_down(self, trial: Any, result: dict[str, Any]) -> None:
        self.log.on_trial_result(0, [], trial, result)

    def _write(self) -> None:
        start = time.perf_counter()
        self.observer.outlets.tracker.flush()
        self.write_seconds += time.perf_counter() - start


def simulate(table: CurveTable, trials: int, slots: int, home: Path, ended: int = 0) -> Simulation:
    """One sweep, from its first proposal, or from the one after `ended` trials, to its last trial's end."""
    sweep = sweep_of(table, trials, slots)
    past = draw_past(table, sweep, ended, np.random.default_rng(0))
    with told(sweep, home, past) as (folder, observer, parts_of):
        simulation = Simulation(table, sweep, observer, parts_of(None), MeasurementLog(folder))
        simulation.run()
    return simulation
