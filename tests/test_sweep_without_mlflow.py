"""A whole sweep whose tracking server is down from its start to its end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow_contents import contents
from small_sweep import changed, facts, fxsweep, write_sweep

from tune.tracking.server import free_port, serving
from tune.tracking.stores import Tracking, default_tracking

pytestmark = pytest.mark.slow


def test_a_sweep_needs_no_tracking_server_and_is_told_to_it_afterwards(tmp_path: Path) -> None:
    port, home = free_port(5760), tmp_path / "home"
    uri = f"http://ada:secret@127.0.0.1:{port}"
    spec = changed(budget={"trials": 2}, train={"workers": 0, "max_epochs": 2}, tracking={"uri": uri})
    done = fxsweep("run", str(write_sweep(tmp_path, spec)), "--home", str(home))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(f"MLflow at http://ada:***@127.0.0.1:{port} does not answer") == 1
    missing = re.search(r"MLflow: (\d+) of \1 writes are missing from (.*) \(.*\)\. To write them: (.*)", done.stdout)
    assert missing and missing[3] == f"fxsweep sync small --home {home}"
    assert "The model is not registered" in done.stdout and "compare" not in done.stdout
    assert "secret" not in done.stdout + done.stderr
    status = facts("status", "small", "--home", str(home))
    assert (status["state"], status["model"], status["mlflow"]["run_id"]) == ("complete", None, "")
    assert not (home / "mlflow.db").exists()
    with serving(default_tracking(tmp_path / "served"), port):
        first = facts("sync", "small", "--home", str(home))
        assert (first["written"]["runs"], first["model"]["version"], first["model"]["is_new"]) == (3, "1", True)
        again = facts("sync", "small", "--home", str(home))
        assert set(again["written"].values()) == {0} and not again["model"]["is_new"]
        status = facts("status", "small", "--home", str(home))
        assert status["mlflow"]["run_id"] == first["run_id"]
        assert status["model"] == {"name": "fx-small", "version": "1", "alias": "champion"}
        store, other = Tracking(uri, None), Tracking(f"sqlite:///{tmp_path}/other.db", str(tmp_path / "artifacts"))
        facts("sync", "small", "--home", str(home), "--tracking", other.uri)
        said = contents(store, "small")
        assert contents(other, "small") == said
        champion = MlflowClient(tracking_uri=uri).get_model_version_by_alias("fx-small", "champion")
    assert {run["status"] for run in said.values()} == {"FINISHED"}
    assert "secret" not in str(said) and {point[1] for point in said["trial 0"]["points"]} == {1, 2}
    assert champion.run_id == status["trials"][status["best"]]["run_id"]
