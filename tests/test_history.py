"""Curves read back from a study's journal and the trials' folders are those that were reported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tune.ledger.history import read_curves
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import trial_results
from tune.ledger.study import study_trials
from tune.search.curves import Curve, Unit
from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import parse_sweep

METRIC = "eval/probe_accuracy"
WORK = {1: 2.0, 2: 3.0, 3: 4.0}


def write_results(folder: SweepFolder, epochs: list[int]) -> None:
    file = trial_results(folder, 0)
    file.parent.mkdir(parents=True)
    lines = [json.dumps({"epoch": epoch, METRIC: epoch / 10, "seconds/work": WORK[epoch]}) for epoch in epochs]
    file.write_text("\n".join(lines))


@pytest.mark.parametrize(("unit", "times"), [("epochs", (1.0, 2.0, 3.0)), ("seconds", (2.0, 5.0, 9.0))])
def test_a_curve_is_read_back_as_it_was_reported(unit: Unit, times: tuple[float, ...], tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path)
    searcher = OptunaSearcher(parse_sweep({"name": "x", "search": {"beta": {"float": [0, 1]}}}), folder.journal)
    searcher.suggest("a")
    for epoch in WORK:
        searcher.on_trial_result("a", {"epoch": epoch, METRIC: epoch / 10})
    write_results(folder, [1, 2, 2, 3])  # the second was trained again after a loss
    [(number, curve)] = read_curves(study_trials(folder.journal, "x"), folder, unit).items()
    assert (number, curve.epochs, curve.times, curve.values) == (0, 3, times, (0.1, 0.2, 0.3))


def test_a_trial_that_reported_nothing_has_an_empty_curve(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path)
    OptunaSearcher(parse_sweep({"name": "x"}), folder.journal).suggest("a")
    assert read_curves(study_trials(folder.journal, "x"), folder, "seconds") == {0: Curve("seconds")}
