from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from planned_status import sweep, trial

from tune.errors import InvalidInput
from tune.ledger.status import controls, count_states, finite, from_json, read_status, to_json, write_status

MIXED = sweep(
    trial(0, "pruned", 0.9),
    trial(1, "complete", 0.5, reason="patience", run_id="r1", seconds=2.5),
    trial(2, "complete", 0.7),
    trial(3, "failed", None, reason="loss is not finite"),
    trial(4, "running", 0.8),
)


def test_best_is_the_best_of_those_that_ended_by_themselves() -> None:
    best = MIXED.best()
    assert best is not None and best.number == 2


def test_best_of_min_is_the_least() -> None:
    best = sweep(trial(0, score=0.5), trial(1, score=0.2), mode="min").best()
    assert best is not None and best.number == 1


def test_of_equals_the_first_is_best() -> None:
    for mode in ("max", "min"):
        best = sweep(trial(0, score=0.5), trial(1, score=0.5), mode=mode).best()
        assert best is not None and best.number == 0


def test_a_score_of_zero_is_a_score() -> None:
    best = sweep(trial(0, score=-0.1), trial(1, score=0.0), trial(2, score=None)).best()
    assert best is not None and best.number == 1


def test_the_best_of_the_pruned_counts_where_none_is_complete() -> None:
    best = sweep(trial(0, "pruned", 0.5), trial(1, "pruned", 0.6), trial(2, "stopped", 0.9)).best()
    assert best is not None and best.number == 1


def test_there_is_no_best_before_a_trial_has_ended() -> None:
    assert sweep(trial(0, "running", 0.5)).best() is None
    assert sweep().best() is None


def test_a_trial_takes_the_place_of_its_older_self() -> None:
    status = sweep(trial(0), trial(2)).with_trial(trial(1)).with_trial(trial(2, "failed", None))
    assert [t.number for t in status.trials] == [0, 1, 2]
    assert status.trial(2).state == "failed"


def test_at_the_end_nothing_runs() -> None:
    ended = MIXED.ended_as("stopped", 2000.0, "stopped by SIGTERM")
    assert [t.state for t in ended.trials] == ["pruned", "complete", "complete", "failed", "stopped"]
    assert (ended.state, ended.ended, ended.message) == ("stopped", 2000.0, "stopped by SIGTERM")


def test_a_status_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    status = MIXED.ended_as("complete", 2000.0)
    write_status(path, status)
    assert read_status(path) == status
    named = sweep(split_names={"-leslie": "easy"})
    write_status(path, named)
    assert read_status(path) == named


def test_what_a_newer_fxsweep_added_is_passed_over() -> None:
    value = json.loads(json.dumps(to_json(MIXED)))
    value["carbon"] = 3
    value["trials"][0]["carbon"] = 1
    assert from_json(value) == MIXED


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"trials": []}', '{"trials": [{"number": 1}], "name": "x"}'])
def test_a_damaged_status_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "status.json"
    path.write_text(text)
    with pytest.raises(InvalidInput, match=r"status\.json: is damaged"):
        read_status(path)


def test_json_names_the_best_and_its_controls() -> None:
    value = to_json(MIXED)
    assert value["best"] == 2
    assert value["controls"] == {"pca": {"probe_accuracy": 0.5}, "untrained": {"probe_accuracy": 0.55}}
    assert [t["state"] for t in value["trials"]] == ["pruned", "complete", "complete", "failed", "running"]
    assert {"name", "state", "objective", "mlflow", "model", "evaluation_hash"} <= value.keys()


def test_json_of_a_sweep_without_trials_has_no_best() -> None:
    value = to_json(sweep())
    assert (value["best"], value["controls"], value["model"], value["trials"]) == (None, {}, None, [])


def test_json_has_only_finite_numbers() -> None:
    odd = trial(0, metrics={"train/loss": math.nan, "eval/probe_accuracy": math.inf, "epoch": 3.0})
    assert json.loads(json.dumps(to_json(sweep(odd)), allow_nan=False))["trials"][0]["metrics"] == {"epoch": 3.0}


def test_finite_leaves_out_what_is_no_number() -> None:
    given = {"a": 1, "b": 0.5, "c": math.nan, "d": -math.inf, "e": "text", "f": True, "g": None}
    assert finite(given) == {"a": 1.0, "b": 0.5}


def test_controls_without_a_trial_are_none() -> None:
    assert controls(None) == {}
    assert controls(trial(0, metrics={})) == {}


def test_states_are_counted() -> None:
    assert count_states(MIXED.trials) == {"pruned": 1, "complete": 2, "failed": 1, "running": 1}
