"""Several sweeps on one real head of two CPUs: side by side where they fit, else one after the other by priority."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ray_heads import running_head
from small_sweep import changed, facts, fxsweep, write_sweep

pytestmark = pytest.mark.slow

PATIENCE_SECONDS = 600.0


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_head() as head:
        yield head.address


def spec(name: str, latent_size: int, trials: int, **more: Any) -> dict[str, Any]:
    search = {"latent_size": [latent_size], "beta": {"log": [0.1, 1]}, "effect_split": {"hold_out": 3}}
    train = {"workers": 0, "max_epochs": 25, "patience": 25}  # long enough for others to come meanwhile
    own = {"name": name, "search": search, "budget": {"trials": trials}, "registry": {"model": f"fx-{name}"}}
    return changed(train=train, scheduler={"type": "none"}) | own | more


def submit(address: str, folder: Path, sweep: dict[str, Any]) -> None:
    (folder / sweep["name"]).mkdir()
    facts("submit", str(write_sweep(folder / sweep["name"], sweep)), "--address", address, "--home", str(folder / "home"))


def listed(address: str) -> dict[str, dict[str, Any]]:
    sweeps = json.loads(fxsweep("list", "--address", address, "--json").stdout)["sweeps"]
    return {sweep["name"]: sweep for sweep in sweeps}


def wait_for(true: Callable[[], bool], address: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, listed(address)
        time.sleep(1)


def test_sweeps_share_a_cluster_as_they_declared(address: str, tmp_path: Path) -> None:
    submit(address, tmp_path, spec("one", 4, trials=3, concurrency=1))
    submit(address, tmp_path, spec("two", 8, trials=3, concurrency=1))
    submit(address, tmp_path, spec("whole", 4, trials=2))
    wait_for(lambda: listed(address)["whole"]["state"] == "queued", address)
    submit(address, tmp_path, spec("urgent", 8, trials=2, priority=5))
    wait_for(lambda: [listed(address)[name].get("place") for name in ("urgent", "whole")] == [1, 2], address)
    wait_for(lambda: all(sweep["state"] == "complete" for sweep in listed(address).values()), address)
    ended = {name: facts("status", name, "--address", address) for name in ("one", "two", "whole", "urgent")}
    for name, latent_size in {"one": 4, "two": 8, "whole": 4, "urgent": 8}.items():
        trials = ended[name]["trials"]
        assert {trial["params"]["latent_size"] for trial in trials} == {latent_size}, name
        assert {trial["state"] for trial in trials} == {"complete"} and len(trials) == ended[name]["budget_trials"], name
        assert ended[name]["model"]["name"] == f"fx-{name}"
    one, two = ended["one"], ended["two"]
    assert one["started"] < two["ended"] and two["started"] < one["ended"]
    assert max(one["ended"], two["ended"]) <= ended["urgent"]["started"] and ended["urgent"]["ended"] <= ended["whole"]["started"]


def test_the_same_sweep_again_is_told_and_a_sweep_that_waits_can_be_stopped(address: str, tmp_path: Path) -> None:
    long = spec("long", 4, trials=2) | {"train": {**spec("long", 4, 2)["train"], "max_epochs": 500, "patience": 500}}
    submit(address, tmp_path, long)
    same = ("submit", str(tmp_path / "long" / "sweep.yaml"), "--address", address, "--home", str(tmp_path / "home"))
    again = fxsweep(*same)
    assert again.returncode == 0 and again.stdout.startswith("Sweep long is there already (running). Watch it: ")
    submit(address, tmp_path, spec("late", 4, trials=2))
    wait_for(lambda: listed(address)["late"]["state"] == "queued", address)
    assert fxsweep("stop", "late", "--address", address).stdout == "Stopped sweep late before it had begun.\n"
    assert not (tmp_path / "home" / "late").exists()
    wait_for(lambda: listed(address)["long"]["trials"] > 0, address)
    assert fxsweep("stop", "long", "--address", address).returncode == 0
    waited = fxsweep(*same, "--wait")
    assert waited.returncode == 4 and waited.stdout.startswith("Sweep long is there already (stopped). Go on with it: ")


def test_a_check_runs_nothing_and_tells_what_is_missing(address: str, tmp_path: Path) -> None:
    before, home = set(listed(address)), ("--home", str(tmp_path / "home"))
    sweep = str(write_sweep(tmp_path, spec("checked", 4, trials=2)))
    passed = fxsweep("submit", sweep, "--address", address, "--check", *home)
    assert (passed.returncode, passed.stderr) == (0, "")
    assert passed.stdout == "Everything that checked needs can be reached, on a cluster of 2 CPUs and 0 GPUs.\n"
    nowhere = fxsweep("submit", sweep, "--address", address, "--check", *home, "--audio", str(tmp_path / "none"))
    assert nowhere.returncode == 2 and "this folder does not exist on the cluster's head" in " ".join(nowhere.stderr.split())
    away = ("--set", "tracking.uri=http://127.0.0.1:9")
    unreached = fxsweep("submit", sweep, "--address", address, "--check", *home, *away)
    assert unreached.returncode == 6 and "from the cluster's head: tracking server" in " ".join(unreached.stderr.split())
    (tmp_path / "file").write_text("")
    unwritten = fxsweep("submit", sweep, "--address", address, "--check", "--home", str(tmp_path / "file" / "home"))
    assert unwritten.returncode == 2 and "cannot be written on the cluster's head" in " ".join(unwritten.stderr.split())
    assert set(listed(address)) == before and list((tmp_path / "home").iterdir()) == []
