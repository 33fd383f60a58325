"""A cluster that is launched for real, a sweep submitted to it from outside, and what a node and a link that are lost cost it.

`ray up` launches it from the project's own cluster.yaml (launched_cluster.py) on three hosts that are made of namespaces
(namespace_hosts.py). They are prepared, as an image would be: they see this checkout's virtual environment, and a folder that all
of them mount stands for NFS. Where hosts cannot be made it says so, and three nodes on loopback must do (loopback_cluster.py).
"""

from __future__ import annotations

import os
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
from outside import Numbers, check_whole, numbers, work
from small_sweep import RUN_SECONDS, command, write_sweep
from test_crashes import AT_ONCE, TRIALS, tiny
from watched_cluster import Watched, wait_for

from tune.ledger.home import SweepFolder

pytestmark = [pytest.mark.slow, pytest.mark.cluster]
EPOCHS = 12  # of a trial: enough for both losses to come while it trains
SWEEP = tiny(train={"workers": 1, "max_epochs": EPOCHS, "patience": EPOCHS})
CUT_SECONDS = 20.0  # less than after which Ray gives a silent node up
Cluster = LaunchedCluster | LoopbackCluster


@dataclass
class Phases:
    """What took how long: for people, not for asserts."""

    rows: list[tuple[str, float]] = field(default_factory=list)
    since: float = field(default_factory=time.monotonic)

    def end(self, name: str) -> None:
        """Of the phase that began when the last one ended."""
        now = time.monotonic()
        self.rows.append((name, now - self.since))
        self.since = now


@pytest.fixture
def phases(request: pytest.FixtureRequest) -> Iterator[Phases]:
    kept = Phases()
    yield kept
    terminal = request.config.pluginmanager.getplugin("terminalreporter")
    for line in ["", *(f"{seconds:7.1f} s  {name}" for name, seconds in kept.rows)] if terminal else []:
        terminal.write_line(line)


@pytest.fixture
def cluster(tmp_path: Path, request: pytest.FixtureRequest, phases: Phases) -> Iterator[Cluster]:
    reason = "asked for by FXSWEEP_CLUSTER" if os.environ.get("FXSWEEP_CLUSTER") == "loopback" else why_not()
    terminal = request.config.pluginmanager.getplugin("terminalreporter")
    if reason and terminal:
        terminal.write_line(
            f"\nNO HOSTS CAN BE MADE HERE ({reason}). `ray up` AND A CUT LINK ARE NOT TESTED: three nodes on loopback."
        )
    with on_loopback(tmp_path) if reason else launched(tmp_path) as cluster:
        phases.rows.append((cluster.kind, 0.0))
        yield cluster


@pytest.fixture
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


@dataclass
class Submitted:
    """A sweep that runs on a cluster, and `fxsweep submit --follow` that follows it."""

    folder: SweepFolder
    process: subprocess.Popen[bytes]
    output: Path

    def epochs(self) -> int:
        return epochs_in(self.folder)

    def reach(self, epochs: int, cluster: Cluster) -> None:
        wait_for(lambda: self.epochs() >= epochs or self.ended(), lambda: self.told(cluster), RUN_SECONDS)
        assert not self.ended(), self.told(cluster)

    def ended(self) -> bool:
        return self.process.poll() is not None

    def told(self, cluster: Cluster) -> str:
        return f"{self.epochs()} epochs\n{self.output.read_text(errors='replace')}\n{cluster.last_words()}"


def submit(cluster: Cluster, sweep: Path, folder: Path) -> Submitted:
    home, output = cluster.shared / "home", folder / "followed"
    words = command("submit", str(sweep), "--address", cluster.watched.address, "--home", str(home), "--follow")
    with output.open("wb") as file:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, env=cluster.watched.environment()
        )
    return Submitted(SweepFolder(home / "small"), process, output)


def refused(cluster: Cluster, sweep: Path, stranger: Path) -> Any:
    """Who has no token."""
    stranger.mkdir()
    return Watched(cluster.watched.address, stranger).fxsweep("submit", str(sweep))


def lose_trainer(cluster: Cluster, phases: Phases) -> None:
    """Its raylet is killed; another node comes up in its place."""
    lost = cluster.watched.living()["trainer"]
    cluster.kill_raylet("trainer")
    wait_for(lambda: lost not in cluster.watched.living().values(), cluster.last_words)
    phases.end("from the death of the trainer's raylet until its node is given up")
    cluster.bring_back("trainer")
    cluster.wait_for_nodes()
    assert cluster.watched.living()["trainer"] != lost
    phases.end("until there is a trainer again")


def test_a_sweep_on_a_launched_cluster_outlives_a_lost_node_and_a_cut_link(
    undisturbed: Numbers, cluster: Cluster, phases: Phases, tmp_path: Path
) -> None:
    phases.end("hosts")
    cluster.up()
    phases.end("the head is up")
    with cluster.tunnel():
        cluster.wait_for_nodes()
        phases.end("both workers are there")
        sweep = write_sweep(tmp_path, SWEEP)
        assert refused(cluster, sweep, tmp_path / "stranger").returncode == 2
        phases.end("submitted without a token, refused")
        followed = submit(cluster, sweep, tmp_path)
        followed.reach(1, cluster)
        phases.end("submitted, first epoch")
        assert cluster.watched.where("RenderActor") == {"renderer"}
        assert cluster.watched.where("Trainable") == cluster.watched.where("RayTrainWorker") == {"trainer"}
        followed.reach(TRIALS, cluster)
        lose_trainer(cluster, phases)
        followed.reach(followed.epochs() + 1, cluster)
        phases.end("until the next epoch")
        cluster.cut("trainer", CUT_SECONDS)
        phases.end(f"the trainer's link cut for {CUT_SECONDS:.0f} s")
        followed.reach(followed.epochs() + 1, cluster)
        phases.end("until the next epoch")
        assert followed.process.wait(RUN_SECONDS) == 0, followed.told(cluster)
        phases.end("until the sweep has ended")
        check_whole(followed.folder, cluster.watched.status("small"), undisturbed)
        done = work(followed.folder)
        phases.rows.append((f"{done.again} of {done.epochs} epochs were trained twice", 0.0))
        assert done.again <= 2 * AT_ONCE
    cluster.down()
    phases.end("down")
