"""A model that could not be registered when its sweep ended: from the card and the checkpoint in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tiny_model import tiny_config, tiny_state

from trainables.training.checkpoint import write_checkpoint
from tune.ledger.home import SweepFolder, new_folder
from tune.ledger.identity import Identity
from tune.models.aliases import PROMOTED
from tune.models.champion import read_card, register_at_end, write_card
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


def aliases_of(store: Tracking, name: str) -> list[str | None]:
    """The versions of champion and candidate."""
    aliases = connect(store).get_registered_model(name).aliases
    return [str(aliases[alias]) if alias in aliases else None for alias in ("champion", "candidate")]


def test_it_is_registered_once(store: Tracking, tmp_path: Path) -> None:
    identity, run_id = Identity("once", 1_000), new_run(store)
    folder = sweep_folder(tmp_path, identity)
    new = Registered("fx-once", "1", is_new=True, alias="champion")
    assert register_missing(folder, identity, store, "fx-once", {3: run_id}) == new
    assert register_missing(folder, identity, store, "fx-once", {3: run_id}) == Registered("fx-once", "1")
    assert register_missing(folder, identity, store, "fx-once", {}) == Registered("fx-once", "1")
    champion = connect(store).get_model_version_by_alias("fx-once", "champion")
    assert (champion.run_id, champion.tags["sweep_id"], champion.tags["trial"]) == (run_id, "once", "3")


def test_the_champion_of_another_sweep_stays_and_the_newcomer_is_candidate(store: Tracking, tmp_path: Path) -> None:
    for sweep_id, aliases in (("first", ["1", None]), ("second", ["1", "2"]), ("third", ["1", "3"])):
        identity = Identity(sweep_id, 1_000)
        folder, runs = sweep_folder(tmp_path / sweep_id, identity), {3: new_run(store)}
        assert register_missing(folder, identity, store, "fx-order", runs).is_new
        assert aliases_of(store, "fx-order") == aliases


def test_a_better_trial_of_the_same_sweep_takes_over_unless_the_champion_was_promoted(store: Tracking, tmp_path: Path) -> None:
    folder = sweep_folder(tmp_path, Identity("same", 1_000))
    card, checkpoint = read_card(folder), max(folder.trials.rglob("trial.pt"))
    assert card is not None
    for aliases in (["1", None], ["2", None], ["2", "3"]):
        version = register_at_end(store, "fx-same", card, new_run(store), checkpoint).version
        assert aliases_of(store, "fx-same") == aliases
        if version == "2":
            connect(store).set_model_version_tag("fx-same", "2", PROMOTED, "e1a2")


def test_what_is_missing_is_told(store: Tracking, tmp_path: Path) -> None:
    identity, run_id = Identity("none", 1_000), new_run(store)
    folder = sweep_folder(tmp_path, identity)
    for checkpoint in folder.trials.rglob("trial.pt"):
        checkpoint.unlink()
    assert "checkpoint of trial 3 is gone" in register_missing(folder, identity, store, "fx-none", {3: run_id}).why_not
    folder.card.unlink()
    assert "best model" in register_missing(folder, identity, store, "fx-none", {3: run_id}).why_not
    assert connect(store).search_registered_models("name = 'fx-none'") == []
