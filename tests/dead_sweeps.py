"""A sweep's folder as a driver leaves it that dies: study, ledgers, checkpoints, status."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from counting_fit import tiny_config

from trainables.training.checkpoint import write_checkpoint
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import append_result, trial_results
from tune.ledger.status import SweepStatus, TrialStatus, write_status
from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import Sweep, parse_sweep
from tune.sweep_file.yaml_text import write_document

METRIC = "eval/probe_accuracy"


def sweep_of(trials: int = 4, **budget: Any) -> Sweep:
    return parse_sweep({"name": "x", "search": {"latent_size": [4, 8, 16]}, "budget": {"trials": trials, **budget}})


def result(epoch: int, score: float, ended: str = "") -> dict[str, Any]:
    return {
        "epoch": epoch, METRIC: score, "ended": ended, "done": bool(ended),
        "timestamp": 1_000_000 + epoch, "time_this_iter_s": 2.0, "trial_id": "abc", "config": {"not": "kept"},
    }  # fmt: skip


def checkpoint(folder: SweepFolder, number: int, name: str, age_seconds: float = 0.0, epoch: int = 1) -> Path:
    """A trial's state after that epoch, so many seconds old."""
    path = folder.trials / f"trial-{number}" / name / "trial.pt"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_checkpoint(path, tiny_config(), {"epoch": epoch})
    os.utime(path, (1_000_000 - age_seconds, 1_000_000 - age_seconds))
    return path


def dead_sweep(home: Path, sweep: Sweep) -> SweepFolder:
    """Trial 0 is complete, 1 was pruned, 2 ended without the study's knowing, 3 was at its second epoch."""
    folder = SweepFolder(home / "x")
    folder.trials.mkdir(parents=True)
    write_document(folder.spec, sweep.canonical())
    searcher = OptunaSearcher(sweep, folder.journal, "x")
    for number in range(4):
        searcher.suggest(str(number))
    reports = {0: [result(1, 0.4), result(2, 0.5, "patience")], 1: [result(1, 0.2)], 2: [result(1, 0.3, "max_epochs")]}
    reports[3] = [result(1, 0.1), result(2, 0.6)]
    for number, epochs in reports.items():
        for report in epochs:
            append_result(trial_results(folder, number), report)
        checkpoint(folder, number, f"checkpoint_{len(epochs) - 1:06}", epoch=len(epochs))
    searcher.on_trial_complete("0", reports[0][-1])
    searcher.on_trial_complete("1", reports[1][-1])
    searcher.on_trial_result("3", reports[3][0])
    known = TrialStatus(0, "complete", {}, 0.5, 2, run_id="run-0", seconds=60.0, worries="overfit")
    status = SweepStatus("x", "running", {"metric": METRIC, "mode": "max"}, {"uri": "", "run_id": "parent"}, (known,))
    write_status(folder.status, status)
    return folder
