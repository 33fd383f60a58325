"""How many trials fit on a cluster at once."""

from __future__ import annotations

from trainables.configs import TrainConfig
from tune.errors import InvalidInput
from tune.sweep_file.spec import Sweep


def concurrency_that_fits(sweep: Sweep, cpus: int, gpus: int = 0) -> int:
    """How many trials run at once: as many as asked for, fit, and are in the budget.

    Raises:
        InvalidInput: if not even one fits.
    """
    fits = that_fit(sweep, cpus)
    if fits < 1:
        raise InvalidInput(too_large(sweep, cpus))
    if sweep.train.gpus:
        fits = min(fits, gpus // gpus_per_trial(sweep.train))
    if fits < 1:
        needed = gpus_per_trial(sweep.train)
        raise InvalidInput(
            f"train.gpus 1: a trial takes {needed} GPUs and the cluster has {gpus}. Set it to 0, or add GPU nodes."
        )
    return at_once(sweep, fits)


def cpus_per_trial(train: TrainConfig) -> int:
    """A CPU for each worker; without workers the trial's own process takes one."""
    return max(1, train.workers)


def gpus_per_trial(train: TrainConfig) -> int:
    """Those of each worker; without workers, of the trial's own process."""
    return train.gpus * max(1, train.workers)


def that_fit(sweep: Sweep, cpus: int) -> int:
    """How many trials the CPUs are enough for."""
    return cpus // cpus_per_trial(sweep.train)


def at_once(sweep: Sweep, fits: int) -> int:
    """How many run at once where so many fit."""
    return min(fits, sweep.concurrency or fits, sweep.budget.trials)


def too_large(sweep: Sweep, cpus: int) -> str:
    """Why not even one trial fits."""
    needed = cpus_per_trial(sweep.train)
    return f"train.workers {sweep.train.workers}: a trial takes {needed} CPUs and the cluster has {cpus}. Lower it, or add nodes."
