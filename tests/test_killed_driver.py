"""Jobs that Ray gives no time at all when they are stopped: what their drivers leave is put in order all the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from ray_heads import running_head
from small_sweep import changed, facts, fxsweep, write_sweep

pytestmark = pytest.mark.slow

LONG = changed(name="long", train={"max_epochs": 500, "patience": 500, "workers": 0}, scheduler={"type": "none"},
               search={"latent_size": [4, 8], "patience": 500})  # fmt: skip


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_head() as head:
        yield head.address


def runs(home: Path) -> list[str]:
    client = MlflowClient(tracking_uri=f"sqlite:///{home}/mlflow.db")
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return [run.info.status for run in client.search_runs(experiments)]


def test_a_driver_that_is_killed_at_once_leaves_no_run_running(address: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    sweep, given = str(write_sweep(tmp_path, LONG)), ("--address", address, "--home", str(home))
    facts("submit", sweep, *given, RAY_JOB_STOP_WAIT_TIME_S="0")
    end = time.monotonic() + 300
    while not any(trial["epochs"] > 1 for trial in facts("status", "long", "--address", address)["trials"]):
        assert time.monotonic() < end, fxsweep("logs", "long", "--address", address).stdout
        time.sleep(2)
    assert "RUNNING" in runs(home)
    stopped = fxsweep("stop", "long", "--address", address)
    assert stopped.returncode == 0, stopped.stderr
    assert "Its driver was killed before it had put everything in order; that has been done since." in stopped.stdout
    assert set(runs(home)) == {"KILLED"}
    for status in (facts("status", "long", "--address", address), facts("status", "long", "--home", str(home))):
        assert status["state"] == "stopped" and {trial["state"] for trial in status["trials"]} == {"stopped"}
