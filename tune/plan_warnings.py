"""What in a sweep is allowed but likely not meant."""

from __future__ import annotations

from collections.abc import Iterator

from trainables.schedule import cycle_epochs
from tune.capacity import that_fit, too_large
from tune.dimensions import EFFECT_SPLIT, highest, space_size
from tune.rendering_cost import splits
from tune.spec import Sweep
from tune.trials import to_trial_config

STARTUP_TRIALS = 10  # TPE proposes by chance until so many trials have ended


def plan_warnings(sweep: Sweep, cpus: int) -> Iterator[str]:
    """A sentence for each: the value, what comes of it, what to do."""
    points, trials, fits = space_size(sweep.dimensions), sweep.budget.trials, that_fit(sweep, cpus)
    if fits < 1:
        yield too_large(sweep, cpus)
    elif sweep.concurrency is not None and sweep.concurrency > fits:
        yield f"concurrency {sweep.concurrency}: {fits} trials fit on {cpus} CPUs; the others wait."
    if points is not None and points < trials:
        yield f"budget.trials {trials}: the space has {points} different trials, so some are run again. Lower it."
    if sweep.sampler.type == "tpe" and points != 1 and trials <= STARTUP_TRIALS:
        yield f"budget.trials {trials}: TPE draws its first {STARTUP_TRIALS} proposals by chance, so it never begins to learn."
    yield from _patience_warnings(sweep)
    if sweep.budget.hours is None:
        yield "budget.hours is not set: the sweep ends with its last trial, however long that takes."


def _patience_warnings(sweep: Sweep) -> Iterator[str]:
    patience = sweep.dimensions.get("patience")
    cycles = sweep.train.patience if patience is None else int(highest(patience))
    epochs = cycles * max(cycle_epochs(to_trial_config(sweep, {EFFECT_SPLIT: split})) for split in splits(sweep))
    if sweep.scheduler.type == "asha" and sweep.grace_epochs < epochs:
        yield (
            f"scheduler.grace_epochs {sweep.grace_epochs}: the longest patience is {epochs} epochs, so trials may be stopped "
            "before their patience could end them, and the search cannot learn what patience is worth. Raise it."
        )
    if epochs >= sweep.train.max_epochs:
        yield f"patience of {epochs} epochs never ends a trial of train.max_epochs {sweep.train.max_epochs}. Lower it."
