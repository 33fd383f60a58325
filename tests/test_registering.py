"""A model that could not be registered when its sweep ended: from the card and the checkpoint in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_model import tiny_config, tiny_state

from trainables.training.checkpoint import write_checkpoint
from tune.ledger.home import SweepFolder, new_folder
from tune.ledger.identity import Identity
from tune.models.champion import write_card
from tune.models.registering import Registered, register_missing
from tune.tracking.runs import connect
from tune.tracking.stores import Tracking, default_tracking
from tune.tracking.sweep_tracker import SweepTracker


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Tracking:
    return default_tracking(tmp_path_factory.mktemp("store"))


def new_run(store: Tracking) -> str:
    """Of a trial 3."""
    tracker = SweepTracker.open(store, sweep_name="splits", experiment="study", tags={}, params={}, spec_text="")
    tracker.trial_started(3, "z4 p2", {}, {})
    tracker.close("complete", {}, {})
    return tracker.run_id(3)


def sweep_folder(home: Path, identity: Identity) -> SweepFolder:
    """A sweep with two checkpoints of its best trial and the card of its model."""
    folder, config = new_folder(home, "splits"), tiny_config()
    for number, state in ((2, {}), (12, tiny_state(config))):
        checkpoint = folder.trials / "trial-3" / f"checkpoint_{number:06}" / "trial.pt"
        checkpoint.parent.mkdir(parents=True)
        write_checkpoint(checkpoint, config, state)
    card: dict[str, Any] = {"sweep": "splits", "sweep_id": identity.sweep_id, "started_ms": identity.started_ms, "trial": 3}
    write_card(folder, card | {"epochs": 12, "scores": {"eval/probe_accuracy": 0.7}})
    return folder


def test_it_is_registered_once(store: Tracking, tmp_path: Path) -> None:
    identity, run_id = Identity("once", 1_000), new_run(store)
    folder = sweep_folder(tmp_path, identity)
    assert register_missing(folder, identity, store, "fx-once", {3: run_id}) == Registered("fx-once", "1", is_new=True)
    assert register_missing(folder, identity, store, "fx-once", {3: run_id}) == Registered("fx-once", "1")
    assert register_missing(folder, identity, store, "fx-once", {}) == Registered("fx-once", "1")
    champion = connect(store).get_model_version_by_alias("fx-once", "champion")
    assert (champion.run_id, champion.tags["sweep_id"], champion.tags["trial"]) == (run_id, "once", "3")


def test_the_champion_of_a_sweep_that_began_later_stays(store: Tracking, tmp_path: Path) -> None:
    for sweep_id, started_ms, champion in (("second", 2_000, "1"), ("first", 1_000, "1"), ("third", 3_000, "3")):
        identity = Identity(sweep_id, started_ms)
        folder, runs = sweep_folder(tmp_path / sweep_id, identity), {3: new_run(store)}
        assert register_missing(folder, identity, store, "fx-order", runs).is_new
        assert str(connect(store).get_registered_model("fx-order").aliases["champion"]) == champion


def test_what_is_missing_is_told(store: Tracking, tmp_path: Path) -> None:
    identity, run_id = Identity("none", 1_000), new_run(store)
    folder = sweep_folder(tmp_path, identity)
    for checkpoint in folder.trials.rglob("trial.pt"):
        checkpoint.unlink()
    assert "checkpoint of trial 3 is gone" in register_missing(folder, identity, store, "fx-none", {3: run_id}).why_not
    folder.card.unlink()
    assert "best model" in register_missing(folder, identity, store, "fx-none", {3: run_id}).why_not
    assert connect(store).search_registered_models("name = 'fx-none'") == []
