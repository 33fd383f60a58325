"""The search itself: a sweep as one Ray Tune experiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ray.tune import Callback, CheckpointConfig, FailureConfig, RunConfig, TuneConfig, Tuner, with_parameters, with_resources
from ray.tune.logger import JsonLoggerCallback

from trainables.configs import TrialConfig
from trainables.trainable import CatalogueFit, TrialContext, TrialTrainable, trial_resources
from tune.home import SweepFolder
from tune.scheduler import make_scheduler
from tune.searcher import OptunaSearcher
from tune.spec import Sweep
from tune.trials import TRIAL_NUMBER, to_trial_config

PROCESS_FAILURES = 2  # how often a trial whose process died is tried again, from its last checkpoint


@dataclass(frozen=True)
class ToTrialConfig:
    """A trial's parameters -> its configuration; a value, so that Ray can send it."""

    sweep: Sweep

    def __call__(self, params: Mapping[str, Any]) -> TrialConfig:
        return to_trial_config(self.sweep, params)


class BetweenSteps(Callback):  # type: ignore[misc]
    """Calls something again and again from Tune's event loop; what it raises ends the search."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call = call

    def __getstate__(self) -> dict[str, Any]:
        """Tune pickles its callbacks beside the trials; nothing is ever restored from that file."""
        return {}

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        self.call()


def search(
    sweep: Sweep,
    folder: SweepFolder,
    callbacks: Sequence[Callback],
    searcher: OptunaSearcher,
    catalogue: Any,
    trials_at_once: int,
) -> None:
    """Runs every trial; what comes of them is told to the callbacks and the searcher."""
    context = TrialContext(
        to_config=ToTrialConfig(sweep),
        fit=CatalogueFit(catalogue),
        workers=sweep.train.workers,
        gpus=sweep.train.gpus,
        storage_path=str(folder.trials),
        objective=sweep.objective.metric,
    )
    Tuner(
        with_resources(with_parameters(TrialTrainable, context=context), trial_resources(context.workers, context.gpus)),
        tune_config=_tune_config(sweep, searcher, trials_at_once),
        run_config=RunConfig(
            name=folder.trials.name,
            storage_path=str(folder.path),
            verbose=0,
            callbacks=[JsonLoggerCallback(), *callbacks],  # the ledger first, then those who tell of it
            checkpoint_config=CheckpointConfig(num_to_keep=1, checkpoint_frequency=1),
            failure_config=FailureConfig(max_failures=PROCESS_FAILURES),
        ),
    ).fit()


def _tune_config(sweep: Sweep, searcher: OptunaSearcher, trials_at_once: int) -> TuneConfig:
    return TuneConfig(
        metric=sweep.objective.metric,
        mode=sweep.objective.mode,
        num_samples=sweep.budget.trials,
        search_alg=searcher,
        scheduler=make_scheduler(sweep),
        max_concurrent_trials=trials_at_once,
        reuse_actors=True,  # so that a trial's workers serve the next one
        time_budget_s=sweep.budget.hours * 3600 if sweep.budget.hours else None,
        trial_dirname_creator=_trial_folder,
    )


def _trial_folder(trial: Any) -> str:
    return f"trial-{trial.config[TRIAL_NUMBER]}"
