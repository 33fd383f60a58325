"""What a search adds to its trials' own work, in one run: per trial that does nothing, and as a share of longer trials.

    python benchmarks/overhead.py [--trials 100] [--lengths 2 10 60] [--quick] [--only PART] [--json]

1. Milliseconds per no-op trial, after the first four, on two slots: plain Optuna (in memory, in one process), stock Ray Tune
   (OptunaSearch, a function), stock Ray Tune with actors that are used again, and ours with all that a sweep of ours keeps:
   journal, ledgers, status file, MLflow, a checkpoint each epoch.
2. The share of two slots' time that trials' own work fills, between the first and the last trial's end: trials of five epochs
   that sleep, so that no core is needed, in the trial's own process and in a Ray Train worker.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

if __name__ == "__main__":  # a test that imports this keeps its own
    os.environ |= {
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "PYTHONPATH": str(Path(__file__).parent.parent),
        "RAY_AUTH_MODE": "disabled",
        "RAY_AIR_NEW_OUTPUT": "0",
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.2",
        "OMP_NUM_THREADS": "1",
        "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # favours to stock Ray Tune, as is the next
        "TUNE_GLOBAL_CHECKPOINT_S": "86400",
    }
sys.path.insert(0, str(Path(__file__).parent.parent))

import optuna
import ray

from benchmarks.searches import SLOTS, Search, Times, our_search, ours, plain_optuna, stock_tune, stock_tune_reusing, sweep_of
from benchmarks.sleeping_fit import SleepingFit

WARM_TRIALS = 4  # while processes start and import torch
EPOCHS = 5
RUNNERS = {"in_process": 0, "ray_train": 1}  # Ray Train workers of a trial
TRIALS_OF_A_LENGTH = {2.0: 14, 10.0: 8, 60.0: 6}
SYSTEMS: dict[str, Search] = {
    "optuna": plain_optuna, "stock": stock_tune, "stock_reusing": stock_tune_reusing, "ours": ours,
}  # fmt: skip


def ms_per_trial(times: Times) -> float:
    """Between the end of the last warm trial and the end of all."""
    ends = sorted(times.ends)
    return 1000 * (ends[-1] - ends[WARM_TRIALS - 1]) / (len(ends) - WARM_TRIALS)


def filled(times: Times) -> float:
    """The share of all slots' time that was work, from when each slot has had a trial until the first has no more."""
    ends = sorted(times.ends)
    start, end = ends[SLOTS - 1], ends[-SLOTS]
    worked = sum(max(0.0, min(stop, end) - max(began, start)) for began, stop in times.work)
    return worked / (SLOTS * (end - start))


def measure_noop(trials: int, rounds: int, systems: Sequence[str] = tuple(SYSTEMS)) -> dict[str, float]:
    """The median of rounds that alternate."""
    rates: dict[str, list[float]] = {name: [] for name in systems}
    for _ in range(rounds):
        for name in systems:
            rates[name].append(ms_per_trial(SYSTEMS[name](trials + WARM_TRIALS)))
    return {name: round(median(values), 2) for name, values in rates.items()}


def measure_filled(lengths: Sequence[float], quick: bool) -> dict[str, dict[str, float]]:
    """By runner and length of a trial in seconds."""
    return {runner: {f"{length:g}": _filled(length, workers, quick) for length in lengths} for runner, workers in RUNNERS.items()}


def _filled(length: float, workers: int, quick: bool) -> float:
    sweep = sweep_of(_trials(length, quick), EPOCHS, workers)
    return round(filled(our_search(sweep, SleepingFit(length / EPOCHS))), 3)


def _trials(length: float, quick: bool) -> int:
    return 3 * SLOTS if quick else TRIALS_OF_A_LENGTH.get(length, 8)


def text(noop: dict[str, float], shares: dict[str, dict[str, float]]) -> str:
    lines = []
    if noop:
        lines += ["milliseconds per no-op trial", *(f"  {name:<20}{ms:10.1f}" for name, ms in noop.items())]
    if shares:
        lengths = list(next(iter(shares.values())))
        lines += [f"{'slots filled, trials of':<26}" + "".join(f"{length + ' s':>8}" for length in lengths)]
        lines += [f"  {runner:<24}" + "".join(f"{share:8.3f}" for share in of.values()) for runner, of in shares.items()]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=100, help="no-op trials")
    parser.add_argument("--rounds", type=int, default=3, help="of no-op trials")
    parser.add_argument("--lengths", type=float, nargs="+", default=[2.0, 10.0, 60.0], help="of a trial, in seconds")
    parser.add_argument("--quick", action="store_true", help="10 no-op trials once, and trials of 2 seconds only")
    parser.add_argument("--only", choices=("noop", "filled"))
    parser.add_argument("--system", choices=SYSTEMS, action="append", help="no-op trials of this one; again for more")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object and nothing else")
    args = parser.parse_args()
    trials, rounds, lengths = (10, 1, [2.0]) if args.quick else (args.trials, args.rounds, args.lengths)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    ray.init(address="local", num_cpus=SLOTS, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    noop = {} if args.only == "filled" else measure_noop(trials, rounds, args.system or tuple(SYSTEMS))
    shares = {} if args.only == "noop" else measure_filled(lengths, args.quick)
    ray.shutdown()
    print(json.dumps({"noop_ms": noop, "filled": shares}) if args.json else text(noop, shares))


if __name__ == "__main__":
    main()
