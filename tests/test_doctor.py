"""What a dead driver leaves wrong is found and mended, once."""

from __future__ import annotations

from pathlib import Path

import pytest
from dead_sweeps import METRIC, dead_sweep, result, sweep_of
from lone_driver import start_driver

from tune.errors import InvalidInput
from tune.ledger.doctor import mend
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import append_result, read_epochs, trial_results
from tune.ledger.status import DRIVER_GONE, SweepStatus, read_status, write_status
from tune.ledger.study import study_trials
from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import parse_sweep
from tune.sweep_file.yaml_text import write_document


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


@pytest.mark.parametrize("journal", [b"", None], ids=["empty", "none"])
def test_a_driver_that_died_before_it_had_a_study_leaves_nothing_running(tmp_path: Path, journal: bytes | None) -> None:
    folder = SweepFolder(tmp_path / "x")
    folder.path.mkdir()
    write_document(folder.spec, sweep_of().canonical())
    write_status(folder.status, SweepStatus("x", "running", {"metric": METRIC, "mode": "max"}, {"uri": "", "run_id": "parent"}))
    if journal is not None:
        folder.journal.write_bytes(journal)
    assert problems(folder) == ["the status says running, and its driver is gone"]
    assert read_status(folder.status).state == "stopped" and problems(folder) == []


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
    assert "the study's journal has half a line" in found
    assert "trial 3: its ledger ends in half a line" in found
    assert len(read_epochs(trial_results(folder, 3))) == 2
    assert study_trials(folder.journal, "x")[3].state == "stopped"
    assert problems(folder) == []


def test_the_ledger_of_every_trial_is_looked_at_whatever_its_number(tmp_path: Path) -> None:
    """Proposals that may not be have numbers, too."""
    searching = {"search": {"latent_size": [4, 8, 16], "beta": [0.1, 0.2, 0.3]}, "require": ["latent_size * beta <= 2"]}
    sweep = parse_sweep({"name": "x", **searching, "sampler": {"type": "random"}, "budget": {"trials": 4}})
    (folder := SweepFolder(tmp_path / "x")).trials.mkdir(parents=True)
    write_document(folder.spec, sweep.canonical())
    write_status(folder.status, SweepStatus("x", "running", {"metric": METRIC, "mode": "max"}, {"uri": "", "run_id": ""}))
    searcher = OptunaSearcher(sweep, folder.journal, "x")
    numbers = [dict(searcher.suggest(str(place)))["trial_number"] for place in range(4)]  # type: ignore[arg-type]
    assert max(numbers) >= 4
    for number in numbers:
        append_result(trial_results(folder, number), result(1, 0.2))
        with trial_results(folder, number).open("a") as file:
            file.write('{"half')
    assert {f"trial {number}: its ledger ends in half a line" for number in numbers} <= set(problems(folder))


def test_a_record_behind_half_a_one_is_kept(folder: SweepFolder) -> None:
    """As an older version left it that wrote on after a full disk."""
    before = folder.journal.read_bytes()
    first, second, *rest = before.splitlines(keepends=True)
    folder.journal.write_bytes(b"".join([first, second[:20], second, *rest]))
    with pytest.raises(InvalidInput, match=r"has a line that cannot be read\. Mend it: fxsweep doctor x"):
        study_trials(folder.journal, "x")
    assert "the study's journal has half a line" in problems(folder)
    assert folder.journal.read_bytes().startswith(before)
    assert [trial.state for trial in study_trials(folder.journal, "x")] == ["complete", "pruned", "complete", "stopped"]


def test_a_sweep_whose_driver_lives_is_left_alone(folder: SweepFolder) -> None:
    driver, before = start_driver(folder), folder.status.read_bytes()
    try:
        with pytest.raises(InvalidInput, match="is running already"):
            mend(folder.path.parent, folder.name)
    finally:
        driver.kill()
        driver.wait()
    assert folder.status.read_bytes() == before
