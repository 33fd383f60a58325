"""Sweeps that are killed again and again, at random moments, end as one that was left alone: nothing lost, doubled or running.

Every sweep is real: Ray, render actors, Ray Train workers, plugins, an MLflow store. The moments follow from
FXSWEEP_CRASH_SEED, which the table at the end names.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from drivers import AWAITS_PICTURES, PATIENCE_SECONDS, Drivers, epochs_in, wait_until
from injections import HARMS, Harm, at_random_moments, fill, inject, kill_driver
from mlflow_servers import MlflowServer
from outside import Numbers, Work, check_whole, numbers, work
from processes import Process, send, wait_until_gone
from ray_heads import RayHead
from said import say
from small_sweep import changed, facts, fxsweep, write_sweep

from tune.ledger.home import SweepFolder

pytestmark = [
    pytest.mark.slow,
    pytest.mark.crash,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]
SEED = int(os.environ.get("FXSWEEP_CRASH_SEED", "0"))
EPOCHS, TRIALS, AT_ONCE = 6, 4, 2
SWEEPS = 7  # that this file disturbs
GONE_SECONDS = 150.0  # Ray's own helpers notice within a minute that a killed driver is gone
Drive = Callable[..., Drivers]
NO_MORE: Mapping[str, Harm] = MappingProxyType({})
TINY = {
    **changed(
        train={"items_per_epoch": 32, "max_epochs": EPOCHS, "patience": EPOCHS, "workers": 0},
        evaluation={"settings_per_effect": 4, "timbre": False},
        sampler={"type": "grid"},
        scheduler={"type": "none"},
        budget={"trials": TRIALS, "retries": 20},
    ),
    "search": {"latent_size": [4, 8], "beta": [0.001, 0.3]},
}


def tiny(**sections: Any) -> dict[str, Any]:
    """TINY with some keys of its sections set."""
    return {**TINY, **{name: {**TINY.get(name, {}), **values} for name, values in sections.items()}}


@dataclass
class Record:
    """What was done to which sweep, and what it cost."""

    rows: list[tuple[str, list[str], int, Work]] = field(default_factory=list)
    started: set[Process] = field(default_factory=set)

    def add(self, sweep: str, kinds: Sequence[str], drivers: int, folder: SweepFolder) -> None:
        """Notes it, and checks that no more was done twice than one epoch of each running trial an injection."""
        done = work(folder)
        self.rows.append((sweep, list(kinds), drivers, done))
        assert done.again <= AT_ONCE * len(kinds)

    @property
    def kinds(self) -> list[str]:
        """Of every injection."""
        return [kind for _, kinds, _, _ in self.rows for kind in kinds]

    def lines(self) -> Iterator[str]:
        kinds = self.kinds
        yield f"{len(kinds)} injections of {len(set(kinds))} kinds into {len(self.rows)} sweeps, FXSWEEP_CRASH_SEED={SEED}"
        for sweep, kinds, count, done in self.rows:
            share = f"{done.again} of {done.epochs} epochs twice ({done.again / done.epochs:.0%})"
            yield f"{sweep:<16} {count} drivers, {share}: {'; '.join(kinds)}"


@pytest.fixture(scope="module")
def record(request: pytest.FixtureRequest) -> Iterator[Record]:
    kept = Record()
    yield kept
    left = wait_until_gone(kept.started, GONE_SECONDS)
    send(left)
    say(request.config, ["", *kept.lines()] if kept.rows else [])
    assert not left, "left behind by sweeps that have ended"


@pytest.fixture
def random(request: pytest.FixtureRequest) -> np.random.Generator:
    """One stream a test, so that each can be repeated alone."""
    return np.random.default_rng([SEED, *request.node.name.encode()])


@pytest.fixture
def driven(tmp_path: Path, record: Record) -> Iterator[Drive]:
    """A sweep's first driver, started; whatever happens, everything that was started is ended."""
    begun: list[Drivers] = []

    def drive(spec: Mapping[str, Any] = TINY, home: Path | None = None) -> Drivers:
        begun.append(Drivers(tmp_path, home or tmp_path / "home", spec))
        begun[-1].run()
        return begun[-1]

    yield drive
    for drivers in begun:
        drivers.close()
        record.started |= drivers.started


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Numbers]:
    """What the sweep ends with when it is left alone."""
    folder = tmp_path_factory.mktemp("undisturbed")
    drivers = Drivers(folder, folder / "home", TINY)
    try:
        drivers.run()
        drivers.finish(awaits_pictures=True)
        expected = numbers(drivers.sweep)
        assert {number: len(trial["epochs"]) for number, trial in expected.items()} == dict.fromkeys(range(TRIALS), EPOCHS)
        check_whole(drivers.sweep, drivers.status(), expected, pictures=True)
        yield expected
    finally:
        drivers.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, large enough for the sweep and not for much more."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128m", "tmpfs", str(disk)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"THE FULL DISK IS NOT TESTED: nothing can be mounted here ({mounted.stderr.strip()})")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def head() -> Iterator[RayHead]:
    """Whose drivers give it up soon."""
    head = RayHead({"RAY_gcs_rpc_server_reconnect_timeout_s": "5"})
    try:
        head.start()
        yield head
    finally:
        head.stop()


def disturb(drivers: Drivers, kinds: Sequence[str], random: np.random.Generator, more: Mapping[str, Harm] = NO_MORE) -> None:
    """One injection of each kind, in this order."""
    for injection in at_random_moments(kinds, TRIALS * EPOCHS, random):
        inject(drivers, injection, {**HARMS, **more}[injection.kind], random)


def shuffled(random: np.random.Generator, *kinds: str) -> list[str]:
    return [kinds[place] for place in random.permutation(len(kinds))]


def test_lost_processes(driven: Drive, undisturbed: Numbers, record: Record, random: np.random.Generator) -> None:
    kinds = shuffled(random, *(kind for kind in HARMS if kind.startswith("SIGKILL of a ")), "SIGKILL of a Train worker")
    drivers = driven(tiny(train={"workers": 1}))
    disturb(drivers, kinds, random)
    drivers.finish()
    check_whole(drivers.sweep, drivers.status(), undisturbed)
    record.add("lost processes", kinds, drivers.count, drivers.sweep)


def test_stopped_drivers(driven: Drive, undisturbed: Numbers, record: Record, random: np.random.Generator) -> None:
    kinds = shuffled(random, "SIGTERM of the driver", "SIGTERM of the group", "Ctrl-C")
    drivers = driven()
    disturb(drivers, kinds, random)
    drivers.finish()
    check_whole(drivers.sweep, drivers.status(), undisturbed)
    record.add("stopped drivers", kinds, drivers.count, drivers.sweep)


def test_killed_drivers(driven: Drive, undisturbed: Numbers, record: Record, random: np.random.Generator) -> None:
    kinds = shuffled(random, *(kind for kind in HARMS if kind.startswith("SIGKILL of the driver")))
    drivers = driven()
    disturb(drivers, kinds, random)
    drivers.wait_for(lambda: AWAITS_PICTURES in drivers.last_output, "pictures that are awaited")
    kill_driver(drivers, random)
    drivers.resume()
    drivers.finish(awaits_pictures=True)
    check_whole(drivers.sweep, drivers.status(), undisturbed, pictures=True)
    record.add("killed drivers", [*kinds, "SIGKILL of the driver that awaits pictures"], drivers.count, drivers.sweep)


def test_lost_tracking_server(
    driven: Drive, undisturbed: Numbers, record: Record, random: np.random.Generator, tmp_path: Path
) -> None:
    """Its driver dies, too, before what it has to tell could be told."""
    kinds = [
        "SIGKILL of the MLflow server",
        "SIGKILL of the driver",
        "start of the MLflow server",
        "SIGKILL of the MLflow server",
    ]
    with closing(MlflowServer(tmp_path / "mlflow")) as server:
        harms = {kinds[0]: server.harm(server.kill), kinds[2]: server.harm(server.start)}
        drivers = driven(tiny(tracking={"uri": server.address}))
        disturb(drivers, kinds, random, harms)
        server.start()
        drivers.finish()
        if "fxsweep sync small" in drivers.last_output:  # the sweep ended before the server had come back
            told = fxsweep("sync", "small", "--home", str(drivers.home))
            assert told.returncode == 0, told.stderr
        check_whole(drivers.sweep, drivers.status(), undisturbed)
    record.add("lost MLflow", [kind for kind in kinds if "SIGKILL" in kind], drivers.count, drivers.sweep)


def test_full_disk(driven: Drive, undisturbed: Numbers, record: Record, random: np.random.Generator, small_disk: Path) -> None:
    drivers = driven(home=small_disk / "home")
    disturb(drivers, ["full disk", "full disk"], random, {"full disk": fill(small_disk)})
    drivers.finish()
    check_whole(drivers.sweep, drivers.status(), undisturbed)
    record.add("full disk", ["full disk", "full disk"], drivers.count, drivers.sweep)


def test_lost_head(undisturbed: Numbers, record: Record, random: np.random.Generator, head: RayHead, tmp_path: Path) -> None:
    """A submitted sweep's cluster dies; its driver ends by itself; a new cluster goes on with the folder."""
    (injection,) = at_random_moments(["SIGKILL of the Ray head"], TRIALS * EPOCHS, random)
    here, folder = ("--address", head.address, "--home", str(tmp_path / "home")), SweepFolder(tmp_path / "home" / "small")
    sent = fxsweep("submit", str(write_sweep(tmp_path, TINY)), *here)
    assert sent.returncode == 0, sent.stderr
    wait_until(lambda: epochs_in(folder) >= injection.epochs, lambda: fxsweep("logs", "small", *here[:2]).stdout)
    time.sleep(injection.seconds)
    drivers = head.kill(spared="tune.cli run")
    assert drivers and not wait_until_gone(drivers, PATIENCE_SECONDS)
    head.start()
    resumed = fxsweep("resume", "small", *here, "--follow")
    assert resumed.returncode == 0, resumed.stdout + resumed.stderr
    check_whole(folder, facts("status", "small", *here[:2]), undisturbed)
    record.add("lost Ray head", [injection.kind], 2, folder)


def test_a_bit_of_everything(driven: Drive, undisturbed: Numbers, record: Record, random: np.random.Generator) -> None:
    kinds = random.choice(list(HARMS), 5, replace=False).tolist()
    drivers = driven(tiny(train={"workers": 1}))
    disturb(drivers, kinds, random)
    drivers.finish()
    check_whole(drivers.sweep, drivers.status(), undisturbed)
    record.add("everything", kinds, drivers.count, drivers.sweep)


def test_that_was_twenty_injections_of_eight_kinds(record: Record) -> None:
    """Of all that came before in this file: a suite that no longer does what it says is told so."""
    if len(record.rows) < SWEEPS:
        pytest.skip(f"{len(record.rows)} of {SWEEPS} sweeps were seen to their ends here")
    assert len(record.kinds) >= 20 and len(set(record.kinds)) >= 8
