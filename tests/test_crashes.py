"""Sweeps that are killed again and again, at random moments, end as one that was left alone: nothing lost, doubled or running.

Every sweep is real: Ray, render actors, Ray Train workers, plugins, an MLflow store. The moments follow from
FXSWEEP_CRASH_SEED, which the table at the end names.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from drivers import Drivers
from injections import at_random_moments, inject
from outside import Numbers, Work, check_nothing_runs, check_whole, numbers, work
from small_sweep import changed

pytestmark = [
    pytest.mark.slow,
    pytest.mark.crash,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]
SEED = int(os.environ.get("FXSWEEP_CRASH_SEED", "0"))
EPOCHS, TRIALS, AT_ONCE = 6, 4, 2
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

    def add(self, sweep: str, kinds: Sequence[str], drivers: Drivers) -> None:
        """Notes it, and checks that no more was done twice than one epoch of each running trial an injection."""
        done = work(drivers.sweep)
        self.rows.append((sweep, list(kinds), drivers.count, done))
        assert done.again <= AT_ONCE * len(kinds)

    def lines(self) -> Iterator[str]:
        kinds = [kind for _, kinds, _, _ in self.rows for kind in kinds]
        yield f"{len(kinds)} injections of {len(set(kinds))} kinds into {len(self.rows)} sweeps, FXSWEEP_CRASH_SEED={SEED}"
        for sweep, kinds, count, done in self.rows:
            share = f"{done.again} of {done.epochs} epochs twice ({done.again / done.epochs:.0%})"
            yield f"{sweep:<16} {count} drivers, {share}: {'; '.join(kinds)}"


@pytest.fixture(scope="module")
def record(request: pytest.FixtureRequest) -> Iterator[Record]:
    kept = Record()
    yield kept
    terminal = request.config.pluginmanager.getplugin("terminalreporter")
    for line in ["", *kept.lines()] if terminal and kept.rows else []:
        terminal.write_line(line)


@pytest.fixture
def random(request: pytest.FixtureRequest) -> np.random.Generator:
    """One stream a test, so that each can be repeated alone."""
    return np.random.default_rng([SEED, *request.node.name.encode()])


@pytest.fixture
def driven(tmp_path: Path) -> Iterator[Callable[..., Drivers]]:
    """A sweep's first driver, started; whatever happens, everything that was started is ended."""
    begun: list[Drivers] = []

    def drive(spec: dict[str, Any] = TINY, home: Path | None = None) -> Drivers:
        begun.append(Drivers(tmp_path, home or tmp_path / "home", spec))
        begun[-1].run()
        return begun[-1]

    yield drive
    for drivers in begun:
        drivers.close()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Numbers]:
    """What the sweep ends with when it is left alone."""
    folder = tmp_path_factory.mktemp("undisturbed")
    drivers = Drivers(folder, folder / "home", TINY)
    try:
        drivers.run()
        drivers.finish()
        expected = numbers(drivers.sweep)
        assert {number: len(trial["epochs"]) for number, trial in expected.items()} == dict.fromkeys(range(TRIALS), EPOCHS)
        check_whole(drivers, expected)
        yield expected
    finally:
        drivers.close()


def disturb(drivers: Drivers, kinds: Sequence[str], random: np.random.Generator) -> None:
    for injection in at_random_moments(kinds, TRIALS * EPOCHS, random):
        inject(drivers, injection, random)


def test_stopped_drivers(
    driven: Callable[..., Drivers], undisturbed: Numbers, record: Record, random: np.random.Generator
) -> None:
    kinds = ["SIGTERM of the driver", "SIGTERM of the group", "Ctrl-C"]
    random.shuffle(kinds)
    drivers = driven()
    disturb(drivers, kinds, random)
    drivers.finish()
    check_nothing_runs(drivers)
    check_whole(drivers, undisturbed)
    record.add("stopped", kinds, drivers)


def test_killed_drivers(
    driven: Callable[..., Drivers], undisturbed: Numbers, record: Record, random: np.random.Generator
) -> None:
    kinds = ["SIGKILL of the driver", "SIGKILL of the driver, and of the next one"]
    random.shuffle(kinds)
    drivers = driven()
    disturb(drivers, kinds, random)
    drivers.finish()
    check_whole(drivers, undisturbed)
    record.add("killed", kinds, drivers)
