"""Sweeps that come to other ends than their last trial's: bugs, too little memory, divergence, budgets. All parts are real."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from drivers import Drivers
from outside import check_nothing_runs, runs, study
from small_sweep import changed, fxsweep

from tune.ledger.status import read_status
from tune.ledger.study import CONSTRAINT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.crash,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc"),
]
TESTS = Path(__file__).parent
GRID = {
    **changed(
        train={"items_per_epoch": 32, "max_epochs": 3, "patience": 3, "workers": 0},
        evaluation={"settings_per_effect": 4, "timbre": False},
        sampler={"type": "grid"},
        scheduler={"type": "none"},
        budget={"trials": 4},
    ),
    "search": {"beta": [0.001, 0.3], "latent_size": [4, 8]},
}
Drive = Callable[..., Drivers]


@pytest.fixture
def driven(tmp_path: Path) -> Iterator[Drive]:
    """A sweep's first driver, started, with a fault in its trials or without; it is ended in any case."""
    begun: list[Drivers] = []

    def drive(spec: dict[str, Any], fault: str = "") -> Drivers:
        planted = (sys.executable, str(TESTS / "planted_driver.py"), fault) if fault else ()
        path = {"PYTHONPATH": f"{TESTS}:{TESTS.parent}"}
        begun.append(Drivers(tmp_path, tmp_path / "home", spec, more=path, **({"program": planted} if planted else {})))
        begun[-1].run()
        return begun[-1]

    yield drive
    for drivers in begun:
        drivers.close()


def test_a_bug_three_times_in_a_row_ends_the_sweep_with_its_traceback(driven: Drive) -> None:
    drivers = driven(GRID, "bug")
    assert drivers.exit_code() == 3, drivers.output
    assert "3 trials in a row failed at their first epoch" in drivers.output
    assert "AttributeError: planted" in drivers.output and "planted_driver.py" in drivers.output
    status = drivers.status()
    check_nothing_runs(drivers.sweep, status)
    assert status["state"] == "failed"
    failed = [trial for trial in status["trials"] if trial["state"] == "failed"]
    assert len(failed) == 3 and all("planted" in trial["reason"] for trial in failed)
    texts = [
        run.data.tags["fxsweep.reason"]
        for run in runs(status)
        if "fxsweep.trial" in run.data.tags and run.info.status == "FAILED"
    ]
    assert len(texts) == 3 and all(text.startswith("Traceback") for text in texts)


def test_settings_that_are_too_much_are_not_tried_again_and_the_others_go_on(driven: Drive) -> None:
    drivers = driven(GRID, "hard")
    assert drivers.exit_code() == 0, drivers.output
    status = drivers.status()
    check_nothing_runs(drivers.sweep, status)
    ends = {(t["params"]["latent_size"], t["params"]["beta"]): (t["state"], t["epochs"]) for t in status["trials"]}
    assert ends == {(4, 0.001): ("complete", 3), (4, 0.3): ("complete", 3), (8, 0.001): ("pruned", 1), (8, 0.3): ("failed", 0)}
    told = {(t.params["latent_size"], t.params["beta"]): t for t in study(drivers.sweep)}
    assert {point: trial.state.name for point, trial in told.items() if trial.state.name != "COMPLETE"} == {
        (8, 0.001): "PRUNED", (8, 0.3): "PRUNED",
    }  # fmt: skip
    assert {point for point, trial in told.items() if trial.user_attrs.get(CONSTRAINT)} == {(8, 0.001), (8, 0.3)}
    lines = {n: (drivers.sweep.trials / f"trial-{n}" / "result.json").read_text().count('"failed": true') for n in range(4)}
    assert sorted(lines.values()) == [0, 0, 1, 1]


@pytest.mark.parametrize("budget", ["hours", "compute_hours"])
def test_a_budget_is_held_across_a_resume(driven: Drive, budget: str, request: pytest.FixtureRequest) -> None:
    seconds = 45.0
    endless = {"max_epochs": 10_000, "patience": 1000}
    drivers = driven({**GRID, "train": {**GRID["train"], **endless}, "budget": {"trials": 4, budget: seconds / 3600}})
    spent_key = "spent_seconds" if budget == "hours" else "compute_seconds"
    drivers.wait_for(lambda: drivers.sweep.status.is_file() and read_status(drivers.sweep.status).spent_seconds > 0, "spending")
    drivers.signal(signal.SIGKILL)
    drivers.exit_code()
    drivers.resume()
    assert drivers.exit_code() == 5, drivers.output
    ended, status = time.time(), drivers.status()
    check_nothing_runs(drivers.sweep, status)
    remedy = f"fxsweep extend small --{budget.replace('_', '-')} 1"
    assert f"budget.{budget}" in drivers.last_output and remedy in " ".join(drivers.last_output.split())
    assert {trial["state"] for trial in status["trials"]} == {"stopped"}
    spent = status[spent_key]
    assert spent >= seconds
    refused = fxsweep("resume", "small", "--home", str(drivers.home))
    assert refused.returncode == 2 and "is spent" in refused.stderr
    terminal = request.config.pluginmanager.getplugin("terminalreporter")
    over = f"{spent - seconds:.1f} s spent beyond it, {ended - status['ended']:.1f} s more until everything had ended"
    terminal.write_line(f"\nbudget.{budget} of {seconds:.0f} s: {over}")
