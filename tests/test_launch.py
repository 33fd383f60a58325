"""A cluster that is launched for real, a sweep submitted to it from outside, and what a node and a link that are lost cost it.

`ray up` launches it from the project's own cluster.yaml (launched_cluster.py) on three hosts that are made of namespaces
(namespace_hosts.py). They are prepared, as an image would be: they see this checkout's virtual environment, and a folder that all
of them mount stands for NFS. Where none can be made it says so, and three nodes of this machine must do (loopback_cluster.py).
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from drivers import Drivers, epochs_in
from launched_cluster import LaunchedCluster, launched
from loopback_cluster import LoopbackCluster, on_loopback
from namespace_hosts import why_not
from outside import Numbers, check_nothing_runs, check_whole, numbers, runs, work
from said import say
from small_sweep import RUN_SECONDS, command, write_sweep
from test_crashes import AT_ONCE, TRIALS, tiny
from watched_cluster import Watched, wait_for

from tune.ledger.home import SweepFolder

pytestmark = [pytest.mark.slow, pytest.mark.cluster]
EPOCHS = 12  # of a trial: enough for both losses to come while it trains
SWEEP = tiny(train={"workers": 1, "max_epochs": EPOCHS, "patience": EPOCHS})
LONG = tiny(train={"workers": 1, "max_epochs": 500, "patience": 500})  # that no trial ends before it is stopped, however slowly
CUT_SECONDS = 20.0  # less than after which Ray gives a silent node up
Cluster = LaunchedCluster | LoopbackCluster


@dataclass
class Phases:
    """What took how long: for people, not for asserts."""

    rows: list[str] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def end(self, name: str) -> None:
        """Of the phase that began when the last one ended."""
        now = time.monotonic()
        self.rows.append(f"{now - self.since:7.1f} s  {name}")
        self.since = now


@pytest.fixture(scope="module")
def phases(request: pytest.FixtureRequest) -> Iterator[Phases]:
    kept = Phases()
    yield kept
    say(request.config, ["", *kept.rows])


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, phases: Phases) -> Iterator[Numbers]:
    """What the sweep ends with when it is left alone, on this machine."""
    folder = tmp_path_factory.mktemp("undisturbed")
    drivers = Drivers(folder, folder / "home", SWEEP)
    try:
        drivers.run()
        drivers.finish()
        expected = numbers(drivers.sweep)
        assert {number: len(trial["epochs"]) for number, trial in expected.items()} == dict.fromkeys(range(TRIALS), EPOCHS)
        phases.end("the sweep on this machine, left alone")
        yield expected
    finally:
        drivers.close()


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, undisturbed: Numbers, phases: Phases
) -> Iterator[Cluster]:
    """Up, with all its nodes, and at its end brought down."""
    folder = tmp_path_factory.mktemp("cluster")
    reason = "as FXSWEEP_CLUSTER asks for" if os.environ.get("FXSWEEP_CLUSTER") == "loopback" else why_not()
    if reason:
        told = f"NO HOSTS ARE MADE HERE ({reason}).", "`ray up` AND A CUT LINK ARE NOT TESTED: three nodes on loopback."
        say(request.config, ["", *told])
    with on_loopback(folder) if reason else launched(folder) as cluster:
        phases.rows.append(f"           {cluster.kind}")
        phases.end("hosts")
        cluster.up()
        phases.end("the head is up")
        with cluster.tunnel():
            cluster.wait_for_nodes()
            phases.end("both workers are there")
            yield cluster
        phases.end("more tests")
        cluster.down()
        phases.end("down")


@dataclass
class Submitted:
    """A sweep that runs on a cluster, and `fxsweep submit --follow` that follows it."""

    cluster: Cluster
    folder: SweepFolder
    process: subprocess.Popen[bytes]
    output: Path

    def reach(self, epochs: int) -> None:
        """Waits for so many epochs in the ledgers; the sweep must not have ended before."""
        wait_for(lambda: self.epochs() >= epochs or self.ended(), self.told, RUN_SECONDS)
        assert not self.ended(), self.told()

    def epochs(self) -> int:
        return epochs_in(self.folder)

    def ended(self) -> bool:
        return self.process.poll() is not None

    def told(self) -> str:
        return f"{self.epochs()} epochs\n{self.output.read_text(errors='replace')}\n{self.cluster.last_words()}"


def submit(cluster: Cluster, name: str, folder: Path, spec: dict[str, Any] = SWEEP) -> Submitted:
    home, output, sweep = cluster.shared / name, folder / "followed", write_sweep(folder, spec)
    words = command("submit", str(sweep), "--address", cluster.watched.address, "--name", name, "--home", str(home), "--follow")
    with output.open("wb") as file:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, env=cluster.watched.environment()
        )
    return Submitted(cluster, SweepFolder(home / name), process, output)


def lose_trainer(cluster: Cluster, phases: Phases) -> None:
    """Its raylet is killed; another node comes up in its place."""
    lost = cluster.watched.living()["trainer"]
    cluster.kill_raylet("trainer")
    wait_for(lambda: lost not in cluster.watched.living().values(), cluster.last_words)
    phases.end("SIGKILL of the trainer's raylet, until its node is given up")
    cluster.bring_back("trainer")
    cluster.wait_for_nodes()
    assert cluster.watched.living()["trainer"] != lost
    phases.end("until there is a trainer again")


def test_nobody_is_let_in_without_the_token(cluster: Cluster, tmp_path: Path) -> None:
    """The job server listens on the head's loopback only, to which SSH leads; and there it asks for the token."""
    for host in cluster.hosts:
        with pytest.raises(OSError):
            socket.create_connection((host.address, 8265), timeout=5)
    done = Watched(cluster.watched.address, tmp_path).fxsweep("submit", str(write_sweep(tmp_path, SWEEP)))
    assert done.returncode == 2 and "asks for a token" in done.stderr, done.stderr
    done = Watched(cluster.watched.address, tmp_path).fxsweep("plan", str(write_sweep(tmp_path, SWEEP)))
    assert done.returncode == 2 and "asks for a token" in done.stderr, done.stderr
    assert cluster.watched.fxsweep("list").returncode == 0


def test_a_plan_is_told_what_fits_there(cluster: Cluster, tmp_path: Path) -> None:
    done = cluster.watched.fxsweep("plan", str(write_sweep(tmp_path, SWEEP)), "--json")
    assert done.returncode == 0, done.stderr
    planned = json.loads(done.stdout)
    assert (planned["cpus"], planned["concurrency"]) == (2, 2)
    assert any("tracking.uri is not set" in told for told in planned["warnings"])


def test_a_sweep_outlives_a_lost_node_and_a_cut_link(
    undisturbed: Numbers, cluster: Cluster, phases: Phases, tmp_path: Path
) -> None:
    phases.end("tests before")
    followed = submit(cluster, "small", tmp_path)
    followed.reach(1)
    phases.end("submitted, until the first epoch")
    assert cluster.watched.where("RenderActor") == {"renderer"}
    assert cluster.watched.where("Trainable") == cluster.watched.where("RayTrainWorker") == {"trainer"}
    followed.reach(TRIALS)
    phases.end(f"until {TRIALS} epochs")
    lose_trainer(cluster, phases)
    followed.reach(followed.epochs() + 1)
    phases.end("until the next epoch")
    cluster.cut("trainer", CUT_SECONDS)
    phases.end("the trainer's link, cut")
    followed.reach(followed.epochs() + 1)
    phases.end("until the next epoch")
    assert followed.process.wait(RUN_SECONDS) == 0, followed.told()
    phases.end("until the sweep has ended")
    check_whole(followed.folder, cluster.watched.status("small"), undisturbed)
    done = work(followed.folder)
    phases.rows.append(f"           {done.again} of {done.epochs} epochs were trained twice")
    assert done.again <= 2 * AT_ONCE


def test_a_stopped_sweep_has_time_to_put_its_runs_in_order(cluster: Cluster, phases: Phases, tmp_path: Path) -> None:
    phases.end("checked")
    followed = submit(cluster, "stopped", tmp_path, LONG)
    followed.reach(1)
    phases.end("another one submitted, until the first epoch")
    done = cluster.watched.fxsweep("stop", "stopped")
    assert done.returncode == 0, done.stderr
    phases.end("stopped")
    status = cluster.watched.status("stopped")
    check_nothing_runs(followed.folder, status)
    assert status["state"] == "stopped" and {run.info.status for run in runs(status)} == {"KILLED"}
    assert followed.process.wait(60) == 4
