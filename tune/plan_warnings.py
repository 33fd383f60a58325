"""What in a sweep is allowed but likely not meant."""

from __future__ import annotations

from collections.abc import Iterator

from trainables.schedule import BLOCK_ITEMS, cycle_epochs
from tune.capacity import that_fit, too_large
from tune.conditions import space_size
from tune.dimensions import EFFECT_SPLIT, highest
from tune.rendering_cost import splits, timbre_blocks
from tune.spec import Sweep
from tune.trials import to_trial_config

TIMBRE_SECONDS = 0.1  # of one core for brightness and depth of a clip, measured with 65,536 samples at 44.1 kHz
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
    if clips := timbre_blocks(sweep) * BLOCK_ITEMS:
        yield (
            f"model.perceptual_weight above 0: brightness and depth of up to {clips} clips take about "
            f"{clips * TIMBRE_SECONDS / 3600:.1f} CPU hours beside rendering. Lower train.max_epochs, or set it to 0."
        )
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
