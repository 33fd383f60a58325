"""Hours of a sweep, from what an epoch costs (probe.py) or from sweeps that were run before (earlier_sweeps.py)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tune.planning.plan import Plan
from tune.planning.probe import EpochCost
from tune.search.rungs import Rungs
from tune.sweep_file.spec import Sweep

SIMULATED = 20  # sweeps, for the epochs that early stopping leaves
MOST_SIMULATED_TRIALS = 200  # of each: beyond, the share of trials that go on hardly changes
START_SECONDS = 25.0  # Ray, actors and what they import, the first workers; and at the end registering and pages
WORKERS_SECONDS = 14.0  # a slot's Ray Train workers, started once
SQLITE_WRITES, SERVER_WRITES = 140.0, 50.0  # a second, as benchmarks/tracking.py measures them on two cores
WRITES_A_REPORT = 1  # calls of MLflow's, one batch each (benchmarks/tracking.py)


@dataclass(frozen=True)
class Prediction:
    """What a sweep will take, if no trial ends by its patience.

    Attributes:
        hours: by the clock, pictures included.
        cpu_hours: of all cores together. gpu_hours: that GPUs are held.
        epochs: that early stopping leaves, of all trials together.
        disk_bytes: of checkpoints, at the most.
        writes_per_second: to MLflow, while all slots train.
        source: what it is told from.
    """

    hours: float
    cpu_hours: float
    gpu_hours: float
    epochs: int
    disk_bytes: int
    writes_per_second: float
    source: str

    def line(self) -> str:
        gpus = f", {self.gpu_hours:.2g} GPU hours" if self.gpu_hours else ""
        disk = f"; {self.disk_bytes / 1e6:.0f} MB of checkpoints" if self.disk_bytes else ""
        return (
            f"predicted   {self.hours:.2g} hours, {self.cpu_hours:.2g} CPU hours{gpus} for {self.epochs} epochs{disk}; "
            f"{self.writes_per_second:.2g} writes a second to MLflow (from {self.source})"
        )


def prediction_warnings(sweep: Sweep, predicted: Prediction) -> Iterator[str]:
    """What is likely not meant, now that it is known what an epoch takes."""
    hours = sweep.budget.hours
    if hours is not None and predicted.hours > hours:
        yield f"budget.hours {hours:g}: the sweep would take {predicted.hours:.2g}, so it is cut off. Raise it, or train less."
    on_a_server = (sweep.tracking.uri or os.environ.get("MLFLOW_TRACKING_URI") or "").startswith("http")
    most = SERVER_WRITES if on_a_server else SQLITE_WRITES
    if predicted.writes_per_second > most:
        where = "a server" if on_a_server else "SQLite"
        at_once = sweep.concurrency or "as many as fit"
        yield (
            f"concurrency {at_once}: {predicted.writes_per_second:.0f} writes a second to MLflow, and {where} takes about "
            f"{most:g}: it falls behind the sweep, and catches up at its end. Train longer epochs."
        )


def expected_epochs(sweep: Sweep, rungs: tuple[int, ...]) -> float:
    """Epochs of a trial that successive halving leaves, where no trial is known to be better than another."""
    most = float(sweep.train.max_epochs)
    if not rungs:
        return most
    random, trials = np.random.default_rng(0), min(sweep.budget.trials, MOST_SIMULATED_TRIALS)
    halving = Rungs(sweep.grace, sweep.scheduler.reduction)
    return float(np.mean([_epochs_left(halving, rungs, most, random.random(trials)) for _ in range(SIMULATED)]))


def _epochs_left(halving: Rungs, rungs: tuple[int, ...], most: float, values: np.ndarray) -> float:
    """Of trials that come one after the other, each with one value for good: the mean of their epochs."""
    reached: dict[int, list[float]] = {rung: [] for rung in rungs}
    return float(np.mean([_epochs_of(halving, reached, most, float(value)) for value in values]))


def _epochs_of(halving: Rungs, reached: dict[int, list[float]], most: float, value: float) -> float:
    for rung, others in reached.items():
        goes_on = not others or value >= halving.cutoff(others)
        others.append(value)
        if not goes_on:
            return float(rung)
    return most


def predict(sweep: Sweep, planned: Plan, cost: EpochCost) -> Prediction:
    """From a probe. Cores that have nothing to train render, draw and score; so the work is shared by all of them."""
    epochs, trials, slots = expected_epochs(sweep, planned.rungs), planned.trials, max(1, planned.concurrency)
    a_trial = cost.first_seconds + epochs * cost.epoch_seconds / max(1, sweep.train.workers)
    rendering = planned.takes * min(1.0, epochs / sweep.train.max_epochs) * cost.take_seconds
    pictures = cost.first_map_seconds + trials * cost.map_seconds
    work = trials * a_trial * max(1, sweep.train.workers) + rendering + pictures
    rounds = -(-trials // slots)
    seconds = max(work / max(1, planned.cpus), rounds * a_trial, pictures) + START_SECONDS
    seconds += WORKERS_SECONDS * (sweep.train.workers > 0)
    return Prediction(
        hours=seconds / 3600,
        cpu_hours=work / 3600,
        gpu_hours=trials * a_trial * sweep.train.gpus * max(1, sweep.train.workers) / 3600,
        epochs=round(epochs * trials),
        disk_bytes=cost.checkpoint_bytes * (trials + slots),
        writes_per_second=WRITES_A_REPORT * slots / max(1e-9, cost.epoch_seconds),
        source="two epochs and a latent map, made here",
    )
