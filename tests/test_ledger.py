from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tune.home import SweepFolder
from tune.ledger import own_metrics, read_epochs, trial_results


def ledger(folder: Path, *results: dict[str, Any], rest: str = "") -> Path:
    path = folder / "result.json"
    path.write_text("".join(json.dumps(result) + "\n" for result in results) + rest)
    return path


def test_tunes_and_our_own_keys_are_no_metrics() -> None:
    result = {"training_iteration": 1, "time_total_s": 2.0, "epoch": 1, "done": False, "train/loss": 0.5, "eval/x": math.nan}
    assert own_metrics(result) == {"train/loss": 0.5}


def test_epochs_are_read_in_order_and_one_trained_twice_counts_once(tmp_path: Path) -> None:
    path = ledger(tmp_path, *({"epoch": epoch, "train/loss": loss} for epoch, loss in ((1, 0.9), (3, 0.7), (2, 0.8), (3, 0.6))))
    assert read_epochs(path) == [{"train/loss": 0.9}, {"train/loss": 0.8}, {"train/loss": 0.6}]


def test_a_failure_and_a_line_cut_off_are_no_epochs(tmp_path: Path) -> None:
    failed = {"epoch": 2, "failed": True, "train/loss": 0.1}
    assert read_epochs(ledger(tmp_path, {"epoch": 1, "train/loss": 0.9}, failed, rest='{"epoch": 3, "tra')) == [
        {"train/loss": 0.9}
    ]


def test_a_trial_without_a_ledger_has_no_epochs(tmp_path: Path) -> None:
    assert read_epochs(trial_results(SweepFolder(tmp_path), 3)) == []
