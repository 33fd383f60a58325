"""Hours of a sweep: from what an epoch costs, or from sweeps that were run before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tune.ledger.home import SweepFolder
from tune.ledger.status import SweepStatus, TrialState, TrialStatus, write_status
from tune.planning.capacity import machine
from tune.planning.earlier_sweeps import earlier_like, predict_from
from tune.planning.plan import plan, rungs
from tune.planning.prediction import Prediction, expected_epochs, predict, prediction_warnings
from tune.planning.probe import EpochCost
from tune.sweep_file.spec import Sweep, parse_sweep
from tune.sweep_file.yaml_text import write_document

COST = EpochCost(
    epoch_seconds=10.0, first_seconds=5.0, take_seconds=0.0, map_seconds=0.0, first_map_seconds=0.0, checkpoint_bytes=1
)


def sweep_of(trials: int = 8, epochs: int = 9, scheduler: str = "none", **more: Any) -> Sweep:
    train = {"max_epochs": epochs, "workers": 0} | more.pop("train", {})
    told = {"scheduler": {"type": scheduler, **({"grace_epochs": 1} if scheduler == "asha" else {})}}
    return parse_sweep({"name": "x", "train": train, "budget": {"trials": trials}, **told, **more})


def predicted(sweep: Sweep, cost: EpochCost = COST, cpus: int = 2) -> Prediction:
    return predict(sweep, plan(sweep, machine(cpus)), cost)


def test_without_a_scheduler_every_trial_has_all_its_epochs() -> None:
    assert expected_epochs(sweep_of(), ()) == 9
    assert predicted(sweep_of()).epochs == 72
    assert predicted(sweep_of()).cpu_hours == pytest.approx(8 * (5 + 90) / 3600)


def test_halving_leaves_a_share_at_each_rung_and_more_of_few_trials() -> None:
    many, few = sweep_of(200, scheduler="asha"), sweep_of(4, scheduler="asha")
    assert rungs(many) == (1, 3)
    by_halving = 1 + 2 / 3 + 6 / 9  # epochs after each rung, for the share that goes on
    assert by_halving < expected_epochs(many, rungs(many)) < 1.4 * by_halving
    assert by_halving < expected_epochs(few, rungs(few)) < 9


def test_twice_the_cores_take_half_the_time_until_trials_are_too_few() -> None:
    hours = [predicted(sweep_of(), cpus=cpus).hours - predicted(sweep_of(), cpus=8).hours for cpus in (1, 2, 4, 8, 16)]
    assert hours[0] > hours[1] > hours[2] > hours[3] == hours[4] == 0


def test_rendering_and_pictures_are_work_too() -> None:
    base = predicted(sweep_of())
    rendering = predicted(sweep_of(), replace(COST, take_seconds=0.1))
    assert rendering.cpu_hours - base.cpu_hours == pytest.approx(0.1 * plan(sweep_of(), machine(2)).takes / 3600)
    drawn = predicted(sweep_of(), replace(COST, map_seconds=3.0, first_map_seconds=20.0))
    assert drawn.cpu_hours - base.cpu_hours == pytest.approx((20 + 8 * 3) / 3600)


def test_disk_and_writes_grow_with_trials_and_slots() -> None:
    found = predicted(sweep_of(), replace(COST, checkpoint_bytes=1000), cpus=4)
    assert found.disk_bytes == 1000 * (8 + 4) and found.writes_per_second == pytest.approx(4 / 10)
    assert "from two epochs and a latent map" in found.line() and "GPU" not in found.line()
    assert "GPU hours" in predicted(sweep_of(train={"gpus": 1})).line()


def test_what_is_more_than_the_budget_or_than_mlflow_takes_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    slow = replace(predicted(sweep_of()), hours=2.0, writes_per_second=100.0)
    assert list(prediction_warnings(sweep_of(), slow)) == []
    (told,) = prediction_warnings(sweep_of(budget={"trials": 8, "hours": 1}), slow)
    assert told.startswith("budget.hours 1: the sweep would take 2,")
    (told,) = prediction_warnings(sweep_of(tracking={"uri": "http://server"}), slow)
    assert "100 writes a second to MLflow, and a server takes about 50" in told


# ---- from earlier sweeps
CHECKPOINT_BYTES = 1_000_000


def ended(home: Path, name: str, sweep: Sweep, epoch_seconds: float, state: TrialState = "complete") -> None:
    """One that trained two trials at a time, and took 100 s beside."""
    folder = SweepFolder(home / name)
    folder.path.mkdir(parents=True)
    write_document(folder.spec, sweep.canonical())
    trials, epochs = [], sweep.train.max_epochs
    for number in range(sweep.budget.trials):
        start = 1000.0 + number // 2 * epochs * epoch_seconds
        took = epochs * epoch_seconds
        trials.append(TrialStatus(number, "complete", {}, 0.5, epochs, seconds=took, started=start, ended=start + took))
    last = max(trial.ended or 0.0 for trial in trials) + 100
    mlflow = {"uri": "", "run_id": ""}
    for number in range(2):
        saved = folder.trials / f"trial-{number}" / "checkpoint_000000"
        saved.mkdir(parents=True)
        (saved / "trial.pt").write_bytes(b"x" * CHECKPOINT_BYTES)
    write_status(
        folder.status, SweepStatus(name, state, {"metric": "m", "mode": "max"}, mlflow, tuple(trials), started=1000, ended=last)
    )


def test_an_earlier_sweep_tells_the_hours_of_a_longer_one(tmp_path: Path) -> None:
    ended(tmp_path, "before", sweep_of(4, 5), epoch_seconds=10.0)
    (found,) = earlier_like(sweep_of(8, 9), tmp_path)
    assert (found.epochs, found.trial_seconds, found.epochs_share) == (20, 200.0, 1.0)
    assert found.overhead_seconds == pytest.approx(100.0)
    told = predict_from(sweep_of(8, 9), plan(sweep_of(8, 9), machine(2)), [found])
    assert told.hours == pytest.approx((8 * 9 * 10 / 2 + 100) / 3600)
    assert "from 1 earlier sweep: before" in told.line()
    assert told.disk_bytes == CHECKPOINT_BYTES * (8 + 2) and "10 MB of checkpoints" in told.line()


@pytest.mark.parametrize(
    "other",
    [
        {"train": {"items_per_epoch": 8}},
        {"audio": {"sample_rate": 16000}},
        {"evaluation": {"settings_per_effect": 6}},
        {"seed": 3},
        {"search": {"latent_size": [4, 8]}},
    ],
)
def test_sweeps_whose_epochs_are_other_work_tell_nothing(tmp_path: Path, other: dict[str, Any]) -> None:
    ended(tmp_path, "before", sweep_of(4, 5, **other), epoch_seconds=10.0)
    ended(tmp_path, "stopped", sweep_of(4, 5), epoch_seconds=10.0, state="stopped")
    assert earlier_like(sweep_of(), tmp_path) == []
    assert len(earlier_like(sweep_of(**other), tmp_path)) == 1
