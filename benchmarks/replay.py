"""Searches replayed over a table of recorded learning curves, in simulated time: no training, and the clock of the recording.

`slots` trials run at once; an epoch takes the seconds that it took when it was recorded; proposing takes none. Every system is
driven through its own interface, in the order in which it would hear of things in a real search.
"""

from __future__ import annotations

import heapq
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np
import optuna
from optuna.pruners import BasePruner, MedianPruner, NopPruner, SuccessiveHalvingPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler
from ray.tune import choice
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.optuna import OptunaSearch

from benchmarks.curve_table import CurveTable
from tune.search.scheduler import make_scheduler
from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import parse_sweep

METRIC = "eval/probe_accuracy"
MOST_TRIALS = 240  # of a replay; who has not reached the target by then never does
Reached = tuple[float, float]  # seconds, score


class System(Protocol):
    """A search: who proposes, and who stops early."""

    def propose(self, trial: int) -> Mapping[str, Any]:
        """The settings of a new trial."""
        ...

    def report(self, trial: int, epoch: int, score: float, last: bool) -> bool:
        """Hears of an epoch (from 1) and answers whether the trial stops. The last one ends it anyway."""
        ...


MakeSystem = Callable[[CurveTable, int], System]  # with a seed


@dataclass(frozen=True, order=True)
class Event:
    """An epoch of a trial that will be over at that time."""

    seconds: float
    trial: int
    epoch: int
    row: int


def replay(system: System, table: CurveTable, slots: int = 2, target: float = np.inf) -> Iterator[Reached]:
    """Every report as (seconds since the start, score), until one reaches the target or MOST_TRIALS were proposed."""
    numbers, events = count(), list[Event]()

    def start(now: float) -> None:
        trial = next(numbers)
        row = table.row(system.propose(trial))
        heapq.heappush(events, Event(now + table.seconds[row, 0], trial, 1, row))

    for _ in range(slots):
        start(0.0)
    while events:
        event = heapq.heappop(events)
        score, last = float(table.scores[event.row, event.epoch - 1]), event.epoch == table.epochs
        yield event.seconds, score
        if score >= target:
            return
        if not system.report(event.trial, event.epoch, score, last) and not last:
            after = event.seconds + table.seconds[event.row, event.epoch]
            heapq.heappush(events, Event(after, event.trial, event.epoch + 1, event.row))
        elif (upcoming := next(numbers)) < MOST_TRIALS:
            numbers = count(upcoming)
            start(event.seconds)


def time_to(target: float, system: System, table: CurveTable, slots: int = 2) -> float:
    """Simulated seconds until a score reaches the target; infinite if none does."""
    return next((seconds for seconds, score in replay(system, table, slots, target) if score >= target), float("inf"))


class PlainOptuna:
    """Ask and tell with Optuna's own pruner, as its manual shows it."""

    def __init__(self, table: CurveTable, sampler: BaseSampler, pruner: BasePruner) -> None:
        self.study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
        self.space = {key: optuna.distributions.CategoricalDistribution(values) for key, values in table.choices().items()}
        self.trials: dict[int, optuna.Trial] = {}

    def propose(self, trial: int) -> Mapping[str, Any]:
        self.trials[trial] = self.study.ask(self.space)
        return self.trials[trial].params

    def report(self, trial: int, epoch: int, score: float, last: bool) -> bool:
        asked = self.trials[trial]
        asked.report(score, epoch)
        if last:
            self.study.tell(asked, score)
        elif asked.should_prune():
            self.study.tell(asked, state=optuna.trial.TrialState.PRUNED)
            return True
        return last


class StockTune:
    """Ray's OptunaSearch and ASHAScheduler, told what its TuneController tells them."""

    def __init__(self, table: CurveTable, seed: int, **asha: Any) -> None:
        space = {key: choice(values) for key, values in table.choices().items()}
        self.search = OptunaSearch(space=OptunaSearch.convert_search_space(space), metric=METRIC, mode="max", seed=seed)
        self.scheduler = ASHAScheduler(metric=METRIC, mode="max", max_t=table.epochs, **asha)

    def propose(self, trial: int) -> Mapping[str, Any]:
        params = self.search.suggest(str(trial))
        assert isinstance(params, dict)
        self.scheduler.on_trial_add(None, self._trial(trial))
        return params

    def report(self, trial: int, epoch: int, score: float, last: bool) -> bool:
        result = {METRIC: score, "training_iteration": epoch, "done": last}
        if last or self.scheduler.on_trial_result(None, self._trial(trial), result) == "STOP":
            self.scheduler.on_trial_complete(None, self._trial(trial), result)
            self.search.on_trial_complete(str(trial), result)
            return True
        self.search.on_trial_result(str(trial), result)
        return False

    def _trial(self, trial: int) -> Any:
        return SimpleNamespace(trial_id=str(trial))


class Ours:
    """Our searcher and scheduler, as Ray Tune drives them."""

    def __init__(self, table: CurveTable, seed: int, **scheduler: Any) -> None:
        sweep = parse_sweep(
            {
                "name": "replay",
                "train": {"max_epochs": table.epochs},
                "search": {key: {"choice": values} for key, values in table.choices().items()},
                "sampler": {"seed": seed},
                "scheduler": scheduler,
                "budget": {"trials": 100_000},
            }
        )
        self.search, self.scheduler = OptunaSearcher(sweep), make_scheduler(sweep)

    def propose(self, trial: int) -> Mapping[str, Any]:
        params = self.search.suggest(str(trial))
        assert isinstance(params, dict)
        return params

    def report(self, trial: int, epoch: int, score: float, last: bool) -> bool:
        result = {METRIC: score, "epoch": epoch, "ended": "max_epochs" if last else "", "done": last}
        one = SimpleNamespace(config={"trial_number": trial})
        if last or self.scheduler.on_trial_result(None, one, result) == "STOP":
            self.scheduler.on_trial_complete(None, one, result)
            self.search.on_trial_complete(str(trial), result)
            return True
        self.search.on_trial_result(str(trial), result)
        return False


SYSTEMS: dict[str, MakeSystem] = {
    "random": lambda table, seed: PlainOptuna(table, RandomSampler(seed=seed), NopPruner()),
    "optuna": lambda table, seed: PlainOptuna(table, TPESampler(seed=seed), MedianPruner()),
    "optuna, halving": lambda table, seed: PlainOptuna(table, TPESampler(seed=seed), SuccessiveHalvingPruner()),
    "stock": lambda table, seed: StockTune(table, seed),
    "stock, our rungs": lambda table, seed: StockTune(table, seed, grace_period=max(1, table.epochs // 8), reduction_factor=3),
    "ours": lambda table, seed: Ours(table, seed),
}


@contextmanager
def quiet() -> Iterator[None]:
    """Without what Optuna and Ray say about each trial."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    logging.getLogger("ray.tune").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
