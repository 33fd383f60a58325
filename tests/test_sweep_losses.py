"""A sweep whose render actors and plugin hosts are killed at work ends with the numbers of one that was left alone."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from processes import below, called, send
from small_sweep import RUN_SECONDS, changed, command, environment, facts, write_sweep

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]
TITLES = ("ray::RenderActor", "isolated_host")  # of the processes that are killed
SPEC = changed(
    effects={
        "backend": "mda",
        "use": ["overdrive", "delay", "combo"],
        "add": {"tube": "lv2:urn:zamaudio:ZamTube", "crunch": "overdrive > delay"},
    },
    train={"max_epochs": 8, "patience": 8, "items_per_epoch": 200},
    search={"latent_size": [4], "patience": 8, "effect_split": "-combo"},
    scheduler={"type": "none"},
    budget={"trials": 1},
)


def kill_all(driver: int, wanted: str) -> int:
    """How many were killed."""
    return send(called(below(driver), wanted))


def ran(folder: Path, disturbed: bool) -> tuple[dict[str, Any], int]:
    """The status of the sweep at its end, and how many processes were killed."""
    folder.mkdir()
    log, killed = folder / "output", 0
    with log.open("w") as output:
        driver = subprocess.Popen(
            command("run", str(write_sweep(folder, SPEC)), "--home", str(folder)), stdout=output, stderr=output, env=environment()
        )
        end = time.monotonic() + RUN_SECONDS
        while driver.poll() is None:
            assert time.monotonic() < end, log.read_text()
            time.sleep(1.0)
            if disturbed and killed < 8 and (folder / "small" / "status.json").exists():
                killed += sum(kill_all(driver.pid, wanted) for wanted in TITLES)
    assert driver.returncode == 0, log.read_text()
    return facts("status", "small", "--home", str(folder)), killed


def numbers(status: dict[str, Any]) -> dict[str, float]:
    """What the trial scored; not how long it took."""
    metrics: dict[str, float] = status["trials"][0]["metrics"]
    return {name: value for name, value in metrics.items() if name.startswith(("train/", "eval/", "control/"))}


def test_killed_actors_and_plugin_hosts_change_no_number(tmp_path: Path) -> None:
    quiet, _ = ran(tmp_path / "quiet", disturbed=False)
    troubled, killed = ran(tmp_path / "troubled", disturbed=True)
    assert killed >= 4
    calm, kept = numbers(quiet), numbers(troubled)
    assert len(calm) > 20 and calm == kept
    assert troubled["rendering"]["different_blocks"] == 0 and quiet["rendering"]["retried_takes"] == 0
    assert troubled["rendering"]["rejected_takes"] == quiet["rendering"]["rejected_takes"] == 0
