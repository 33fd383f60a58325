"""The rule by which a sweep stops trials early, and what of a report it looks at. Nothing of Ray's: pages ask for it, too."""

from __future__ import annotations

from tune.search.curves import NeverStop, StoppingRule
from tune.search.median import Median
from tune.search.rungs import Rungs
from tune.sweep_file.spec import Sweep

EPOCH = "epoch"  # our own count: Tune's training_iteration starts again when a trial is retried
WORK_SECONDS = "seconds/work"  # of an epoch: what the trial itself did, without waiting for rendering


def stopping_rule(sweep: Sweep) -> StoppingRule:
    """The rule that a sweep file names."""
    if sweep.scheduler.type == "asha":
        return Rungs(sweep.grace, sweep.scheduler.reduction, sweep.objective.mode)
    return Median(sweep.grace, sweep.objective.mode) if sweep.scheduler.type == "median" else NeverStop()
