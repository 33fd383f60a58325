"""Sweeps sent to a real Ray head on this machine through its job server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from ray_heads import running_head
from small_sweep import changed, facts, fxsweep, write_sweep

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_head() as head:
        yield head.address


def runs(home: Path, status: dict[str, Any]) -> dict[str, str]:
    """Run id -> status in MLflow, of the parent and the children."""
    client = MlflowClient(tracking_uri=f"sqlite:///{home}/mlflow.db")
    found = client.search_runs([status["mlflow"]["experiment"]], f"tags.`fxsweep.sweep` = '{status['name']}'")
    return {run.info.run_id: run.info.status for run in found}


def test_submitted_sweep_is_followed_to_its_end(address: str, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, changed(budget={"trials": 2}))
    home = tmp_path / "home"
    done = fxsweep("submit", str(sweep), "--address", address, "--home", str(home), "--follow")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "small: complete" in done.stdout and "fxsweep-status" not in done.stdout
    status = facts("status", "small", "--address", address)
    assert status["state"] == "complete" and len(status["trials"]) == 2 and status["model"]["version"] == "1"
    assert set(runs(home, status).values()) == {"FINISHED"}
    assert "trial 0" in fxsweep("logs", "small", "--address", address).stdout
    listed = json.loads(fxsweep("list", "--address", address, "--json").stdout)["sweeps"]
    assert ("small", "complete") in {(sweep["name"], sweep["state"]) for sweep in listed}


def test_stopped_sweep_leaves_no_run_running(address: str, tmp_path: Path) -> None:
    spec = changed(name="long", train={"max_epochs": 500, "patience": 500}, scheduler={"type": "none"},
                   search={"latent_size": [4, 8], "patience": 500})  # fmt: skip
    home = tmp_path / "home"
    sent = facts("submit", str(write_sweep(tmp_path, spec)), "--address", address, "--home", str(home))
    assert sent["name"] == "long"
    end = time.monotonic() + 300
    while not any(t["epochs"] > 1 for t in facts("status", "long", "--address", address)["trials"]):
        assert time.monotonic() < end, fxsweep("logs", "long", "--address", address).stdout
        time.sleep(2)
    stopped = fxsweep("stop", "long", "--address", address)
    assert stopped.returncode == 0, stopped.stderr
    status = facts("status", "long", "--address", address)
    assert status["state"] == "stopped" and {t["state"] for t in status["trials"]} == {"stopped"}
    told = runs(home, status)
    assert set(told.values()) == {"KILLED"} and len(told) == 1 + len(status["trials"])
    assert fxsweep("stop", "long", "--address", address).returncode == 2


def test_sweep_file_refused_on_the_cluster_exits_2_when_followed(address: str, tmp_path: Path) -> None:
    spec = changed(name="nowhere", audio={"path": str(tmp_path / "not there")})
    done = fxsweep("submit", str(write_sweep(tmp_path, spec)), "--address", address, "--home", str(tmp_path / "h"), "--follow")
    assert done.returncode == 2 and "does not exist" in " ".join(done.stdout.split())
    assert facts("status", "nowhere", "--address", address)["state"] == "failed"
