"""When a sweep goes on, and when it is refused to. That it does is seen in test_crashes.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dead_sweeps import dead_sweep, sweep_of
from lone_driver import start_driver
from rich.console import Console

from tune.driver.console import SweepConsole
from tune.driver.resume import Extension, ResumeRequest, resume_sweep
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder
from tune.ledger.status import read_status, write_status
from tune.sweep_file.spec import Sweep


def refusal(folder: SweepFolder, extension: Extension | None = None) -> str:
    request = ResumeRequest(folder.name, folder.path.parent, extension or Extension())
    with pytest.raises(InvalidInput) as caught:
        resume_sweep(request, SweepConsole(Console(quiet=True)))
    return str(caught.value)


def changed_status(folder: SweepFolder, **values: object) -> SweepFolder:
    write_status(folder.status, replace(read_status(folder.status), **values))  # type: ignore[arg-type]
    return folder


def test_a_sweep_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    dead_sweep(tmp_path, sweep_of())
    assert "there is no such sweep" in refusal(SweepFolder(tmp_path / "y"))


def test_a_sweep_whose_driver_lives_is_refused(tmp_path: Path) -> None:
    folder = dead_sweep(tmp_path, sweep_of())
    driver = start_driver(folder)
    try:
        assert "is running already" in refusal(folder)
    finally:
        driver.kill()
        driver.wait()


def test_a_sweep_with_nothing_left_to_do_is_refused_with_how_to_extend_it(tmp_path: Path) -> None:
    folder = changed_status(dead_sweep(tmp_path, sweep_of(trials=2)), state="complete")
    assert refusal(folder) == "sweep 'x': all of its 2 trials have ended. Give it more: fxsweep extend x --trials 2"


@pytest.mark.parametrize(
    ("budget", "spent"), [({"hours": 1}, {"spent_seconds": 3600.0}), ({"compute_hours": 1}, {"compute_seconds": 3600.0})]
)
def test_a_spent_budget_is_not_spent_again(tmp_path: Path, budget: dict[str, int], spent: dict[str, float]) -> None:
    folder = changed_status(dead_sweep(tmp_path, sweep_of(**budget)), state="failed", **spent)
    option = next(iter(budget)).replace("_", "-")
    assert f"is spent. Give it more: fxsweep extend x --{option} 1" in refusal(folder)


def test_what_a_driver_had_left_to_do_when_its_budget_was_spent_is_done_by_the_next(tmp_path: Path) -> None:
    """It had not said its last word: it is let in, as far as the recordings."""
    folder = changed_status(dead_sweep(tmp_path, sweep_of(hours=1)), state="running", spent_seconds=3600.0)
    assert "was scored on the evaluation set" in refusal(folder)


@pytest.mark.parametrize(("extension", "option"), [(Extension(hours=2), "--hours"), (Extension(5, 0, 1.5), "--compute-hours")])
def test_more_of_what_has_no_limit_is_refused(tmp_path: Path, extension: Extension, option: str) -> None:
    told = refusal(dead_sweep(tmp_path, sweep_of(trials=2)), extension)
    assert f"{option} " in told and "has no limit of" in told and told.endswith("more trials are --trials 2.")


def test_scores_on_other_recordings_are_not_mixed(tmp_path: Path) -> None:
    folder = changed_status(dead_sweep(tmp_path, sweep_of()), evaluation_hash="0123456789abcdef")
    told = refusal(folder)
    assert "was scored on the evaluation set 0123456789abcdef" in told and "Bring them back" in told


def test_what_is_refused_changes_nothing(tmp_path: Path) -> None:
    folder = changed_status(dead_sweep(tmp_path, sweep_of()), evaluation_hash="0123456789abcdef")
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file() and path != folder.driver}
    refusal(folder, Extension(trials=5))
    assert {path: path.read_bytes() for path in before} == before


def budget_of(sweep: Sweep) -> tuple[int, float | None, float | None]:
    return sweep.budget.trials, sweep.budget.hours, sweep.budget.compute_hours


def test_an_extension_is_added_and_what_has_no_limit_gets_none() -> None:
    assert budget_of(Extension(trials=3, hours=0.5, compute_hours=1.5).of(sweep_of(4, hours=2))) == (7, 2.5, None)
    assert budget_of(Extension(compute_hours=1.5).of(sweep_of(4, compute_hours=2))) == (4, None, 3.5)
    assert Extension().of(sweep_of(4)) == sweep_of(4)
