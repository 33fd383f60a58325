"""The search itself: a sweep as one Ray Tune experiment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ray.tune import (
    Callback,
    CheckpointConfig,
    FailureConfig,
    RunConfig,
    Stopper,
    TuneConfig,
    Tuner,
    with_parameters,
    with_resources,
)

from trainables.configs import TrialConfig
from trainables.stored_files import within
from trainables.training.trainable import CheckpointFile, Fit, TrialContext, TrialTrainable, trial_resources
from tune.driver.checkpoint_keeper import KEPT_BY_TUNE, CheckpointKeeper
from tune.driver.measurement_log import MeasurementLog
from tune.driver.memory_losses import MemoryLosses, told_as_deaths
from tune.driver.unsent_secrets import secrets_unsent
from tune.ledger.home import SweepFolder
from tune.ledger.storage import storage_of
from tune.search.scheduler import StoppingScheduler
from tune.search.searcher import OptunaSearcher
from tune.space.trials import TRIAL_NUMBER, to_trial_config
from tune.sweep_file.spec import Sweep


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


@dataclass(frozen=True)
class LeftOver:
    """Where trials of an earlier driver go on; a value, so that Ray can send it."""

    checkpoints: Mapping[int, tuple[CheckpointFile, ...]]

    def __call__(self, params: Mapping[str, Any]) -> tuple[CheckpointFile, ...]:
        return self.checkpoints.get(params[TRIAL_NUMBER], ())


@dataclass(frozen=True)
class SearchParts:
    """Who decides what is trained, on what, and for how long.

    Attributes:
        fit: the generator function that trains, as TrialContext has it.
        left_over: the trials that go on from checkpoints.
        end: asked again and again whether to break off.
    """

    searcher: OptunaSearcher
    scheduler: StoppingScheduler
    fit: Fit
    left_over: LeftOver
    end: Stopper


def search(sweep: Sweep, folder: SweepFolder, callbacks: Sequence[Callback], parts: SearchParts, trials_at_once: int) -> None:
    """Runs every trial; what comes of them is told to the callbacks and the searcher."""
    place = storage_of(folder) or str(folder.path)
    context = TrialContext(
        to_config=ToTrialConfig(sweep),
        fit=parts.fit,
        workers=sweep.train.workers,
        gpus=sweep.train.gpus,
        storage_path=within(place, folder.trials.name),
        objective=sweep.objective.metric,
        checkpoints=parts.left_over,
    )
    tuner = Tuner(
        with_resources(with_parameters(TrialTrainable, context=context), trial_resources(context.workers, context.gpus)),
        tune_config=_tune_config(sweep, parts, trials_at_once),
        run_config=RunConfig(
            name=folder.trials.name,
            storage_path=place,
            verbose=0,
            callbacks=[MeasurementLog(folder), CheckpointKeeper(), MemoryLosses(), *callbacks],  # first of all the ledger
            checkpoint_config=CheckpointConfig(num_to_keep=KEPT_BY_TUNE, checkpoint_frequency=1),
            failure_config=FailureConfig(max_failures=sweep.budget.retries),
            stop=parts.end,
        ),
    )
    with told_as_deaths(), secrets_unsent():
        tuner.fit()


def _tune_config(sweep: Sweep, parts: SearchParts, trials_at_once: int) -> TuneConfig:
    return TuneConfig(
        metric=sweep.objective.metric,
        mode=sweep.objective.mode,
        num_samples=sweep.budget.trials,
        search_alg=parts.searcher,
        scheduler=parts.scheduler,
        max_concurrent_trials=trials_at_once,
        reuse_actors=True,  # so that a trial's workers serve the next one
        trial_dirname_creator=_trial_folder,
    )


def _trial_folder(trial: Any) -> str:
    return f"trial-{trial.config[TRIAL_NUMBER]}"
