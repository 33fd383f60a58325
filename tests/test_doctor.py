"""What a dead driver leaves wrong is found and mended, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from dead_sweeps import dead_sweep, sweep_of
from lone_driver import start_driver

from tune.errors import InvalidInput
from tune.ledger.doctor import mend
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import read_epochs, trial_results
from tune.ledger.status import DRIVER_GONE, read_status
from tune.ledger.study import study_trials


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    return dead_sweep(tmp_path, sweep_of())


def problems(folder: SweepFolder) -> list[str]:
    return [finding.problem for finding in mend(folder.path.parent, folder.name)[1]]


def test_nothing_is_left_running(folder: SweepFolder) -> None:
    found = problems(folder)
    assert [problem for problem in found if "the study has it running" in problem] == [
        "trial 2: the study has it running",
        "trial 3: the study has it running",
    ]
    assert [trial.state for trial in study_trials(folder.journal, "x")] == ["complete", "pruned", "complete", "stopped"]
    status = read_status(folder.status)
    assert (status.state, status.message) == ("stopped", DRIVER_GONE)
    assert [trial.state for trial in status.trials] == ["complete", "pruned", "complete", "stopped"]
    assert [trial.epochs for trial in status.trials] == [2, 1, 1, 2]


def test_what_is_mended_is_in_order(folder: SweepFolder) -> None:
    assert problems(folder)
    before = folder.journal.read_bytes()
    assert problems(folder) == []
    assert folder.journal.read_bytes() == before


def test_half_lines_are_told_and_spoil_nothing(folder: SweepFolder) -> None:
    for path in (folder.journal, trial_results(folder, 3)):
        with path.open("a") as file:
            file.write('{"half')
    found = problems(folder)
    assert "the study's journal ends in half a line" in found
    assert "trial 3: its ledger ends in half a line" in found
    assert len(read_epochs(trial_results(folder, 3))) == 2
    assert study_trials(folder.journal, "x")[3].state == "stopped"
    assert problems(folder) == []


def test_a_sweep_whose_driver_lives_is_left_alone(folder: SweepFolder) -> None:
    driver, before = start_driver(folder), folder.status.read_bytes()
    try:
        with pytest.raises(InvalidInput, match="is running already"):
            mend(folder.path.parent, folder.name)
    finally:
        driver.kill()
        driver.wait()
    assert folder.status.read_bytes() == before
