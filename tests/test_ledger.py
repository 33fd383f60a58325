from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from tune.ledger.home import SweepFolder
from tune.ledger.measurements import Measured, append_result, own_metrics, read_epochs, read_measured, read_results, trial_results


def ledger(folder: Path, *results: dict[str, Any], rest: str = "") -> Path:
    path = folder / "result.json"
    path.write_text("".join(json.dumps(result) + "\n" for result in results) + rest)
    return path


def test_tunes_and_our_own_keys_are_no_metrics() -> None:
    result = {"training_iteration": 1, "time_total_s": 2.0, "epoch": 1, "done": False, "train/loss": 0.5, "eval/x": math.nan}
    assert own_metrics(result) == {"train/loss": 0.5}


def test_epochs_are_read_in_order_and_one_trained_twice_counts_as_it_came_first(tmp_path: Path) -> None:
    path = ledger(tmp_path, *({"epoch": epoch, "train/loss": loss} for epoch, loss in ((1, 0.9), (3, 0.7), (2, 0.8), (3, 0.6))))
    assert read_epochs(path) == [{"train/loss": 0.9}, {"train/loss": 0.8}, {"train/loss": 0.7}]


def test_a_failure_and_a_line_cut_off_are_no_epochs(tmp_path: Path) -> None:
    failed = {"epoch": 2, "failed": True, "train/loss": 0.1}
    assert read_epochs(ledger(tmp_path, {"epoch": 1, "train/loss": 0.9}, failed, rest='{"epoch": 3, "tra')) == [
        {"train/loss": 0.9}
    ]


def test_a_trial_without_a_ledger_has_no_epochs(tmp_path: Path) -> None:
    assert read_epochs(trial_results(SweepFolder(tmp_path), 3)) == []


def test_a_result_is_kept_without_what_is_tunes_alone(tmp_path: Path) -> None:
    path = tmp_path / "trial-3" / "result.json"
    result = {"epoch": 1, "train/loss": 0.5, "eval/x": math.nan, "ended": "", "pid": 7, "config": {"a": 1}, "timestamp": 1000}
    append_result(path, result)
    assert json.loads(path.read_text()) == {"epoch": 1, "train/loss": 0.5, "ended": "", "timestamp": 1000}


def test_a_line_that_was_cut_off_does_not_spoil_the_next_one(tmp_path: Path) -> None:
    path = ledger(tmp_path, {"epoch": 1, "train/loss": 0.9}, rest='{"epoch": 2, "tra')
    append_result(path, {"epoch": 2, "train/loss": 0.8})
    append_result(path, {"epoch": 3, "train/loss": 0.7})
    assert [epoch["train/loss"] for epoch in read_epochs(path)] == [0.9, 0.8, 0.7]


def test_what_was_measured_tells_time_and_end(tmp_path: Path) -> None:
    lines = [
        {"epoch": 1, "a": 1.0, "timestamp": 100, "time_this_iter_s": 2.0, "ended": ""},
        {"epoch": 2, "a": 2.0, "timestamp": 110, "time_this_iter_s": 3.0, "ended": ""},
        {"epoch": 2, "a": 2.0, "timestamp": 130, "time_this_iter_s": 3.0, "ended": "patience"},
    ]
    measured = read_measured(ledger(tmp_path, *lines))
    assert measured == Measured(({"a": 1.0}, {"a": 2.0}), "patience", "", 8.0, 100.0, 130.0)
    failed = read_measured(ledger(tmp_path, lines[0], {"epoch": 1, "failed": True, "error": "KeyError: 1", "timestamp": 140}))
    assert (failed.epochs, failed.error, failed.ended) == (({"a": 1.0},), "KeyError: 1", "")
    assert read_measured(tmp_path / "absent") == Measured()


def test_results_are_those_of_each_epoch_and_a_failure_at_their_end(tmp_path: Path) -> None:
    first, again = {"epoch": 1, "a": 1.0, "done": False}, {"epoch": 1, "a": 2.0, "done": False}
    failure = {"epoch": 1, "failed": True, "done": True}
    assert read_results(ledger(tmp_path, first, again, failure)) == [again, failure]
    assert read_results(ledger(tmp_path, first, failure, again)) == [again], "it was tried again"
