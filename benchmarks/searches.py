"""Whole searches over trials that train nothing: plain Optuna, stock Ray Tune and ours, with the times at which trials ended."""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import optuna
from ray.tune import Callback, RunConfig, Trainable, TuneConfig, Tuner, loguniform, report
from ray.tune.search.optuna import OptunaSearch
from rich.console import Console

from benchmarks.past_trials import Past
from benchmarks.sleeping_fit import METRIC, SleepingFit
from trainables.rendering.render_counts import RenderCounts
from tune.driver.budget import BudgetMeter, EarlyEnd, Spent
from tune.driver.console import SweepConsole
from tune.driver.observer import Outlets, SweepObserver
from tune.driver.setbacks import Setbacks
from tune.ledger.home import new_folder
from tune.ledger.status import SweepStatus
from tune.search.experiment import LeftOver, SearchParts, search
from tune.search.scheduler import make_scheduler
from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import Sweep, parse_sweep
from tune.tracking.stores import default_tracking
from tune.tracking.sweep_tracker import SweepTracker

LOW, HIGH = 0.01, 10.0
SLOTS = 2


@dataclass
class Times(Callback):  # type: ignore[misc]
    """When trials ended, and when their epochs' sleep began and ended, in seconds since 1970."""

    ends: list[float] = field(default_factory=list)
    work: list[tuple[float, float]] = field(default_factory=list)

    def __getstate__(self) -> dict[str, Any]:
        return {}

    def on_trial_result(self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **info: Any) -> None:
        if "began" in result:
            self.work.append((result["began"], result["ended_at"]))

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self.ends.append(time.time())


Search = Callable[[int], Times]  # over so many trials


def plain_optuna(trials: int) -> Times:
    """In memory, in this process, one after the other: as little as a search can be."""
    times = Times()
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    study.optimize(
        lambda trial: trial.suggest_float("beta", LOW, HIGH, log=True),
        n_trials=trials,
        callbacks=[lambda study, trial: times.ends.append(time.time())],
    )
    return times


def _noop(config: dict[str, Any]) -> None:
    report({METRIC: config["beta"]})


class NoopTrainable(Trainable):  # type: ignore[misc]
    """One report, then it is over; may be used again."""

    def step(self) -> dict[str, Any]:
        return {METRIC: self.config["beta"], "done": True}

    def save_checkpoint(self, checkpoint_dir: str) -> None: ...

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        return True


def stock_tune(trials: int) -> Times:
    """Ray Tune with a function and its OptunaSearch, everything else as it comes."""
    return _stock(_noop, trials, reuse_actors=False)


def stock_tune_reusing(trials: int) -> Times:
    """The same with a class whose actors are used again, what Ray's manual recommends for short trials."""
    return _stock(NoopTrainable, trials, reuse_actors=True)


def _stock(trainable: Any, trials: int, reuse_actors: bool) -> Times:
    times, search_alg = Times(), OptunaSearch(metric=METRIC, mode="max", seed=0)
    with tempfile.TemporaryDirectory() as folder:
        Tuner(
            trainable,
            param_space={"beta": loguniform(LOW, HIGH)},
            tune_config=TuneConfig(
                metric=METRIC, mode="max", num_samples=trials, search_alg=search_alg, max_concurrent_trials=SLOTS,
                reuse_actors=reuse_actors,
            ),
            run_config=RunConfig(name="stock", storage_path=folder, verbose=0, callbacks=[times]),
        ).fit()  # fmt: skip
    return times


def sweep_of(trials: int, epochs: int = 1, workers: int = 0) -> Sweep:
    return parse_sweep(
        {
            "name": "ours",
            "train": {"max_epochs": epochs, "workers": workers},
            "search": {"beta": {"log": [LOW, HIGH]}},
            "scheduler": {"type": "none"},
            "budget": {"trials": trials},
            "concurrency": SLOTS,
        }
    )


def ours(trials: int) -> Times:
    """As `fxsweep run` searches: study in a journal, status file, ledgers, MLflow in SQLite, a checkpoint each epoch."""
    return our_search(sweep_of(trials), SleepingFit(0.0))


def our_search(sweep: Sweep, fit: SleepingFit) -> Times:
    """A sweep of ours from its first proposal to its last trial's end; without rendering and latent maps."""
    times = Times()
    with tempfile.TemporaryDirectory() as home, told(sweep, Path(home)) as (folder, observer, parts_of):
        search(sweep, folder, [observer, times], parts_of(fit), SLOTS)
    return times


@contextmanager
def told(sweep: Sweep, home: Path, past: Past | None = None) -> Iterator[tuple[Any, SweepObserver, Callable[[Any], SearchParts]]]:
    """Its folder, its observer with everything that hears of trials, and the other parts of the search.

    Args:
        past: trials that ended before, as a driver finds them that takes a sweep up again; MLflow has none of them.
    """
    past = past or Past()
    folder, tracking = new_folder(home, sweep.name), default_tracking(home)
    tracker = SweepTracker.open(tracking, sweep_name=sweep.name, experiment="x", tags={}, params={}, spec_text="")
    tracker.flush()  # a store is made once, for all sweeps
    past.write_study(sweep, folder.journal, folder.name)
    scheduler, meter, setbacks = make_scheduler(sweep, past.curves()), BudgetMeter(sweep, Spent()), Setbacks()
    searcher = OptunaSearcher(sweep, folder.journal, folder.name, scheduler.why_stopped)
    status = SweepStatus(sweep.name, "running", {"metric": METRIC, "mode": "max"}, {"uri": tracking.uri, "experiment": "x"})
    console = SweepConsole(Console(file=io.StringIO()))
    told: tuple[Any, ...] = (tracker, console, _NoMaps(), _NoMeter(), _NoExaminer(), meter, setbacks, scheduler.why_stopped)
    earlier = past.earlier()
    observer = SweepObserver(earlier.taken_up(status), Outlets(folder, *told), earlier)
    end = EarlyEnd(meter.spent_up, setbacks.hopeless)
    yield folder, observer, lambda fit: SearchParts(searcher, scheduler, cast(Any, fit), LeftOver({}), end)
    tracker.close("complete", {}, {})


class _NoMaps:
    """Latent maps are drawn elsewhere; here there are none."""

    def request(self, *trial: Any) -> None: ...

    def collect(self, timeout_seconds: float = 0.0) -> list[Any]:
        return []


class _NoMeter(SimpleNamespace):
    counts = RenderCounts()

    def poll(self) -> None: ...


class _NoExaminer:
    """There is nothing to examine in a trial that trained nothing."""

    def examine(self, *trial: Any) -> str:
        return ""
