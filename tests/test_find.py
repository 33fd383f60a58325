from __future__ import annotations

from pathlib import Path

import pytest
from lone_driver import start_driver
from planned_status import sweep, trial

from tune.driver.liveness import driver_lock
from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.find import find_log, find_status, list_statuses, stop_sweep, store_uri
from tune.ledger.home import SweepFolder, new_folder
from tune.ledger.status import SweepStatus, read_status, write_status

RUNNING = sweep(trial(0), trial(1, "running"))


def kept(home: Path, status: SweepStatus, name: str = "quickstart") -> SweepFolder:
    folder = new_folder(home, name)
    folder.spec.write_text("name: quickstart\n")
    write_status(folder.status, status)
    return folder


def test_a_sweep_with_a_living_driver_is_running(tmp_path: Path) -> None:
    with driver_lock(kept(tmp_path, RUNNING)):
        assert find_status("quickstart", str(tmp_path), None) == RUNNING


def test_a_sweep_whose_driver_died_is_told_as_stopped_when_it_last_spoke(tmp_path: Path) -> None:
    folder = kept(tmp_path, RUNNING)
    status = find_status("quickstart", str(tmp_path), None)
    assert (status.state, status.message) == ("stopped", "its driver is gone")
    assert [t.state for t in status.trials] == ["complete", "stopped"]
    assert status.ended == folder.status.stat().st_mtime
    assert read_status(folder.status) == RUNNING


def test_a_sweep_that_ended_stays_as_it_ended(tmp_path: Path) -> None:
    ended = RUNNING.ended_as("complete", 2000.0)
    kept(tmp_path, ended)
    assert find_status("quickstart", str(tmp_path), None) == ended


def test_all_sweeps_are_listed(tmp_path: Path) -> None:
    kept(tmp_path, RUNNING.ended_as("complete", 2000.0))
    kept(tmp_path, RUNNING, "other")
    assert sorted(status.state for status in list_statuses(str(tmp_path), None)) == ["complete", "stopped"]
    assert list_statuses(str(tmp_path / "empty"), None) == []


def test_a_log_is_what_the_driver_said(tmp_path: Path) -> None:
    folder = kept(tmp_path, RUNNING)
    assert find_log("quickstart", str(tmp_path), None) == ""
    folder.log.write_bytes(b"said \xff\n")
    assert find_log("quickstart", str(tmp_path), None) == "said \ufffd\n"


def test_a_running_sweep_is_stopped(tmp_path: Path) -> None:
    folder = kept(tmp_path, RUNNING)
    process = start_driver(folder)
    assert stop_sweep("quickstart", str(tmp_path), None) == "Stopped sweep quickstart."
    assert process.wait() != 0


def test_a_sweep_that_does_not_run_cannot_be_stopped(tmp_path: Path) -> None:
    kept(tmp_path, RUNNING.ended_as("complete", 2000.0))
    with pytest.raises(InvalidInput, match=r"its state is complete\). There is nothing to stop"):
        stop_sweep("quickstart", str(tmp_path), None)


def test_a_driver_that_does_not_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = kept(tmp_path, RUNNING)
    process = start_driver(folder, "deaf")
    try:
        monkeypatch.setattr("tune.ledger.find.stop_driver", lambda folder: False)
        with pytest.raises(InfrastructureLost, match=f"process {process.pid}"):
            stop_sweep("quickstart", str(tmp_path), None)
    finally:
        process.kill()
        process.wait()


def test_the_registry_is_the_server_named_by_the_environment_else_the_local_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert store_uri(str(tmp_path)) == f"sqlite:///{tmp_path}/mlflow.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5001")
    assert store_uri(str(tmp_path)) == "http://127.0.0.1:5001"
