"""The benchmark of large sweeps: what it simulates is what a driver would find, and the bend is named where it is."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.curve_table import read_table
from benchmarks.past_trials import STOPPED_EARLY, draw_past
from benchmarks.scale import Scale, bend
from benchmarks.searches import told
from benchmarks.simulated_sweep import simulate, sweep_of
from tune.ledger.study import study_trials

SCALE = Scale(10, 10, 100, 5.0, 5.0, 2.0, {"propose": 1.0, "tell": 4.0}, 500.0, 1.5, 100.0)


@pytest.fixture(autouse=True)
def no_telemetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "MLFLOW_DISABLE_TELEMETRY", "true")


def test_trials_that_ended_before_are_in_study_status_and_scheduler(tmp_path: Path) -> None:
    table = read_table()
    sweep = sweep_of(table, 41, 1)
    past = draw_past(table, sweep, 40, np.random.default_rng(0))
    with told(sweep, tmp_path, past) as (folder, observer, parts_of):
        parts, found = parts_of(None), study_trials(folder.journal, folder.name)
        assert [dict(trial.params) for trial in found] == [dict(trial.params) for trial in past.trials]
        assert [trial.state for trial in found] == [trial.state for trial in observer.status.trials]
        assert [tuple(trial.values_by_epoch.values()) for trial in found] == [trial.scores for trial in past.trials]
        assert {n: curve.values for n, curve in parts.scheduler.curves.items()} == dict(enumerate(t.scores for t in past.trials))
        assert np.mean([trial.pruned for trial in past.trials]) == pytest.approx(STOPPED_EARLY, abs=0.2)


def test_a_sweep_taken_up_simulates_only_what_is_left_of_it(tmp_path: Path) -> None:
    done = simulate(read_table(), 12, 2, tmp_path, ended=9)
    numbers = [trial.number for trial in done.observer.status.trials]
    assert numbers == list(range(12)) and done.timer.calls["propose"] >= 3
    assert {trial.state for trial in done.observer.status.trials} <= {"complete", "pruned"}


def test_the_bend_is_the_first_size_whose_report_costs_twice_as_much() -> None:
    slow = replace(SCALE, trials=1000, late_ms_per_report=11.0, ms_by_part={"propose": 8.0, "tell": 4.0})
    assert "no bend" in bend([SCALE, replace(SCALE, trials=100, late_ms_per_report=9.9)])
    assert bend([SCALE, slow]).startswith("bends by 1000 trials") and "'propose'" in bend([SCALE, slow])
