"""What was written live and what is made from the ledgers are the same, in every name, value, step and time."""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from made_up_sweep import TAGS, MadeUpSweep
from mlflow import MlflowClient
from mlflow_contents import contents

from tune.cli import main
from tune.driver.liveness import driver_lock
from tune.driver.opening import first_status, open_tracker
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder, new_folder
from tune.ledger.identity import begin, read_identity
from tune.ledger.status import read_status, write_status
from tune.sweep_file.spec import load_sweep
from tune.sweep_file.yaml_text import document_text
from tune.tracking.run_writes import Written
from tune.tracking.runs import connect
from tune.tracking.stores import Tracking, default_tracking
from tune.tracking.sync import sync_sweep
from tune.tracking.sync_lines import sync_lines


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without runs, to be copied: to make one takes seconds."""
    store = default_tracking(tmp_path_factory.mktemp("empty"))
    connect(store)
    with sqlite3.connect(str(store.database)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(str(store.database))


def begun(home: Path, empty: Path) -> MadeUpSweep:
    """A sweep with one trial of each kind, told to its local store."""
    home.mkdir(exist_ok=True)
    shutil.copy(empty, home / "mlflow.db")
    sweep = MadeUpSweep(home, default_tracking(home))
    sweep.trials()
    return sweep


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory, empty: Path) -> MadeUpSweep:
    """The same, ended in order."""
    sweep = begun(tmp_path_factory.mktemp("live"), empty)
    sweep.end()
    return sweep


@pytest.fixture(scope="module")
def told(live: MadeUpSweep) -> dict[str, dict[str, Any]]:
    """What MLflow was told live."""
    return contents(default_tracking(live.folder.path.parent), "small")


@pytest.fixture
def home(live: MadeUpSweep, tmp_path: Path, empty: Path) -> Path:
    """The sweep's folder in a home whose store has lost everything."""
    home, status = tmp_path / "home", tmp_path / "home" / "small" / "status.json"
    shutil.copytree(live.folder.path, home / "small")
    shutil.copy(empty, home / "mlflow.db")
    status.write_text(status.read_text().replace(str(live.folder.path.parent), str(home)))
    return home


def test_the_sweep_has_what_a_sweep_can_have(told: dict[str, dict[str, Any]]) -> None:
    states = {run: (said["status"], said["tags"]["fxsweep.state"]) for run, said in told.items()}
    assert states == {
        "sweep": ("FINISHED", "complete"),
        "trial 0": ("FINISHED", "complete"),
        "trial 1": ("FINISHED", "pruned"),
        "trial 2": ("FAILED", "failed"),
        "trial 3": ("FINISHED", "complete"),
        "trial 4": ("KILLED", "stopped"),
    }
    assert told["trial 2"]["tags"]["fxsweep.reason"].startswith("Traceback\n") and "reason.txt" in told["trial 2"]["files"]
    assert ("control/wet_vae/probe_accuracy", 3, 1_700_000_021_000, 0.25) in told["trial 0"]["points"]
    assert len([point for point in told["trial 3"]["points"] if point[0] == "train/loss"]) == 3
    assert {"fxsweep.worry", "fxsweep.check.weights", "fxsweep.sweep_id"} <= set(told["trial 0"]["tags"])
    assert {"spec.yaml", "leaderboard.csv"} <= set(told["sweep"]["files"]) and len(told["sweep"]["points"]) == 14


def test_an_empty_store_gets_everything_as_it_was_told_live(home: Path, told: dict[str, dict[str, Any]]) -> None:
    synced = sync_sweep(home, "small")
    assert (synced.written.runs, synced.uri) == (6, default_tracking(home).uri)
    made = contents(default_tracking(home), "small")
    pages = [made["sweep"]["files"].pop("leaderboard.csv"), told["sweep"]["files"]["leaderboard.csv"]]
    assert made == {**told, "sweep": {**told["sweep"], "files": {**made["sweep"]["files"]}}}
    assert set(made["sweep"]["files"]) == set(told["sweep"]["files"]) - {"leaderboard.csv"} and all(pages)


def test_a_second_time_changes_nothing(home: Path) -> None:
    first = sync_sweep(home, "small")
    before = contents(default_tracking(home), "small")
    again = sync_sweep(home, "small")
    assert again.written == Written() and again.run_id == first.run_id and again.trial_runs == first.trial_runs
    assert contents(default_tracking(home), "small") == before
    assert "has everything already, of 5 trials" in sync_lines(again)[0]


def test_a_store_that_was_told_everything_live_lacks_nothing(live: MadeUpSweep) -> None:
    assert sync_sweep(live.folder.path.parent, "small").written == Written()


def test_what_is_missing_is_added_and_nothing_else(home: Path, told: dict[str, dict[str, Any]]) -> None:
    sync_sweep(home, "small")
    store = default_tracking(home)
    status, client = read_status(home / "small" / "status.json"), MlflowClient(tracking_uri=store.uri)
    lost, other = str(status.trial(0).run_id), str(status.trial(1).run_id)
    client.delete_run(lost)
    client.delete_tag(other, "fxsweep.worry")
    client.update_run(other, status="RUNNING")
    client.set_tag(other, "note", "mine")
    written = sync_sweep(home, "small").written
    assert (written.runs, written.ended, written.tags) == (1, 1, 1)
    assert written.points == len(told["trial 0"]["points"])
    made = contents(store, "small")
    assert made["trial 1"]["tags"].pop("note") == "mine"
    assert {run: made[run]["points"] for run in made} == {run: told[run]["points"] for run in told}
    assert {run: made[run]["tags"] for run in made} == {run: told[run]["tags"] for run in told}
    assert {run: made[run]["status"] for run in made} == {run: told[run]["status"] for run in told}


def test_another_store_can_be_filled_and_the_sweep_keeps_its_own(
    live: MadeUpSweep, tmp_path: Path, told: Any, empty: Path
) -> None:
    before = live.folder.status.read_bytes()
    other = Tracking(f"sqlite:///{tmp_path}/other.db", str(tmp_path / "artifacts"))
    shutil.copy(empty, tmp_path / "other.db")
    assert sync_sweep(live.folder.path.parent, "small", other.uri).written.runs == 6
    assert contents(other, "small") == told and live.folder.status.read_bytes() == before


def test_the_status_file_learns_where_the_runs_are(home: Path) -> None:
    status = read_status(home / "small" / "status.json")
    synced = sync_sweep(home, "small")
    noted = read_status(home / "small" / "status.json")
    assert noted.mlflow == {"uri": default_tracking(home).uri, "experiment": synced.experiment, "run_id": synced.run_id}
    assert {trial.number: trial.run_id for trial in noted.trials} == synced.trial_runs
    bare = [replace(trial, run_id=None) for trial in status.trials]
    assert [replace(trial, run_id=None) for trial in noted.trials] == bare and noted.state == status.state


def test_a_sweep_of_an_older_version_is_found_by_its_run_and_gets_an_id(tmp_path: Path, empty: Path) -> None:
    old = tmp_path / "old"
    sweep = begun(old, empty)
    sweep.end()
    sweep.folder.identity.unlink()
    synced = sync_sweep(old, "small")
    identity = read_identity(sweep.folder)
    assert synced.written.runs == 0 and synced.run_id == sweep.tracker.parent_run_id
    assert identity is not None and identity.sweep_id
    assert sync_sweep(old, "small").written == Written()
    tags = contents(default_tracking(old), "small")["trial 0"]["tags"]
    assert (tags["fxsweep.sweep_id"], tags["fxsweep.code_version"]) == (identity.sweep_id, TAGS["code_version"])


def test_a_sweep_whose_driver_was_killed_is_ended_once_and_for_all(tmp_path: Path, empty: Path) -> None:
    sweep = begun(tmp_path, empty)
    assert sweep.tracker.flush()
    first = sync_sweep(tmp_path, "small")
    assert (first.written.runs, first.written.ended) == (0, 2)
    assert sync_sweep(tmp_path, "small").written == Written()
    said = contents(default_tracking(tmp_path), "small")
    assert (said["sweep"]["status"], said["trial 4"]["status"]) == ("KILLED", "KILLED")
    assert said["sweep"]["tags"]["fxsweep.reason"] == "its driver is gone" and said["sweep"]["points"] == []


def test_a_sweep_that_runs_is_refused(home: Path) -> None:
    sweep = read_status(home / "small" / "status.json")
    with (
        driver_lock(SweepFolder(home / "small")),
        pytest.raises(InvalidInput, match=r"driver \(process \d+\) lives.*fxsweep stop small"),
    ):
        sync_sweep(home, "small")
    assert read_status(home / "small" / "status.json") == sweep


def test_the_command_tells_what_it_wrote(home: Path, empty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", "small", "--home", str(home), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["name"], facts["written"]["runs"], facts["model"]["version"]) == ("small", 6, "")
    assert set(facts["trial_runs"]) == {"0", "1", "2", "3", "4"}
    shutil.copy(empty, home / "other.db")
    assert main(["sync", "small", "--home", str(home), "--tracking", f"sqlite:///{home}/other.db"]) == 0
    said = capsys.readouterr().out
    assert "6 runs made" in said and "other.db" in said and "model: none is registered; " in said


def test_an_unknown_sweep_is_answered_with_the_nearest(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync", "smal", "--home", str(home)]) == 2
    assert "Did you mean 'small'" in capsys.readouterr().err


def test_a_driver_that_was_killed_as_soon_as_it_had_a_run_leaves_none_running(tmp_path: Path, empty: Path) -> None:
    shutil.copy(empty, tmp_path / "mlflow.db")
    sweep, folder, tracking = load_sweep("quickstart"), new_folder(tmp_path, "quickstart"), default_tracking(tmp_path)
    folder.spec.write_text(document_text(sweep.canonical()))
    identity = begin(folder, TAGS)
    stage: Any = SimpleNamespace(evaluation_hash="e1a2", corpus=SimpleNamespace(identity="c0"))
    write_status(folder.status, first_status(sweep, identity, folder.name, stage, tracking, None))
    run_id = open_tracker(sweep, folder, identity, tracking).parent_run_id
    client = MlflowClient(tracking_uri=tracking.uri)
    assert client.get_run(run_id).info.status == "RUNNING"
    assert main(["doctor", "quickstart", "--home", str(tmp_path)]) == 0
    assert client.get_run(run_id).info.status == "KILLED"
    assert read_status(folder.status).state == "stopped"
