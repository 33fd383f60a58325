"""Who stops trials early."""

from __future__ import annotations

from ray.tune.schedulers import ASHAScheduler, FIFOScheduler, TrialScheduler

from tune.spec import Sweep

EPOCH = "epoch"  # our own count: Tune's training_iteration starts again when a trial is retried


def make_scheduler(sweep: Sweep) -> TrialScheduler:
    """Asynchronous successive halving (Li et al. 2018, arXiv:1810.05934) in epochs, or first in, first out.

    It compares by the metric and mode of the TuneConfig: Tune refuses a scheduler that has its own beside them.
    """
    if sweep.scheduler.type == "none":
        return FIFOScheduler()
    return ASHAScheduler(
        time_attr=EPOCH,
        max_t=sweep.train.max_epochs,
        grace_period=sweep.grace_epochs,
        reduction_factor=sweep.scheduler.reduction,
    )
