"""Ledgers copied into a storage while a sweep runs, and brought back where nothing of it is."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from dead_sweeps import dead_sweep, result, sweep_of

from trainables.stored_files import StoredFile, list_files, within, write_file
from tune.driver.ledger_copies import LedgerCopies, fetch_sweep, is_copied, ledgers_copied
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import append_result, trial_results
from tune.ledger.pulse import PULSE, check_own, check_undriven, read_pulse, write_pulse
from tune.ledger.storage import begin_storage, storage_of


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    folder = dead_sweep(tmp_path / "first", sweep_of())
    (tmp_path / "kept").mkdir()
    begin_storage(folder, str(tmp_path / "kept"))
    return folder


def copies(folder: SweepFolder) -> LedgerCopies:
    url = storage_of(folder)
    assert url is not None
    return LedgerCopies(folder, url)


def names(folder: SweepFolder) -> set[str]:
    return {listed.name for listed in list_files(copies(folder).url)}


def test_the_ledgers_are_copied_and_nothing_else(folder: SweepFolder) -> None:
    (folder.path / "summary.html").write_text("page")
    copies(folder).send()
    trials = {f"trials/trial-{number}/result.json" for number in range(4)}
    assert names(folder) == {"sweep.yaml", "study.journal", "status.json", PULSE, *trials}


def test_only_what_has_changed_is_sent_again(folder: SweepFolder) -> None:
    sent = copies(folder)
    sent.send()
    before = {listed.name: listed.changed_ns for listed in list_files(sent.url)}
    append_result(trial_results(folder, 3), result(3, 0.7))
    sent.send()
    after = {listed.name: listed.changed_ns for listed in list_files(sent.url)}
    assert {name for name in after if after[name] != before[name]} == {"trials/trial-3/result.json"}
    stored = StoredFile(within(sent.url, "trials", "trial-3", "result.json"))
    assert stored.read_bytes() == trial_results(folder, 3).read_bytes()


def test_a_storage_that_is_away_is_waited_for(folder: SweepFolder, tmp_path: Path) -> None:
    sent = copies(folder)
    (tmp_path / "kept").rmdir()
    (tmp_path / "kept").write_text("in the way")
    sent.send()
    assert sent.failure
    (tmp_path / "kept").unlink()
    sent.send()
    assert not sent.failure and "status.json" in names(folder)


def test_a_sweep_is_brought_to_a_home_that_has_nothing_of_it(folder: SweepFolder, tmp_path: Path) -> None:
    with ledgers_copied(folder):
        pass
    fetch_sweep(tmp_path / "bare", "x", str(tmp_path / "kept"))
    there = SweepFolder(tmp_path / "bare" / "x")
    assert storage_of(there) == storage_of(folder)
    for path in (folder.spec, folder.status, folder.journal, trial_results(folder, 3)):
        assert (there.path / path.relative_to(folder.path)).read_bytes() == path.read_bytes()
    with pytest.raises(InvalidInput, match=r"is in .*bare already, and knows its storage\. Leave --storage out\."):
        fetch_sweep(tmp_path / "bare", "x", str(tmp_path / "kept"))
    with pytest.raises(InvalidInput, match=r"sweep 'y': there is none at .*kept/y\. Give --storage"):
        fetch_sweep(tmp_path / "bare", "y", str(tmp_path / "kept"))


def test_whoever_has_fetched_it_goes_on_and_the_folder_it_came_from_does_not(folder: SweepFolder, tmp_path: Path) -> None:
    with ledgers_copied(folder):
        pass
    check_own(folder)
    fetch_sweep(tmp_path / "bare", "x", str(tmp_path / "kept"))
    check_own(SweepFolder(tmp_path / "bare" / "x"))
    with pytest.raises(InvalidInput, match=r"sweep 'x': has gone on in .*:.*/bare since it was here\."):
        check_own(folder)


def test_a_sweep_whose_driver_lives_elsewhere_is_not_fetched(folder: SweepFolder, tmp_path: Path) -> None:
    copies(folder).send()
    with pytest.raises(InvalidInput, match=r"its driver in .*:.*/first was alive \d+ s ago\. Stop it there; if it is lost, wait"):
        fetch_sweep(tmp_path / "bare", "x", str(tmp_path / "kept"))
    assert list((tmp_path / "bare").glob("*")) == []
    old = time.time() - 61
    os.utime(tmp_path / "kept" / "x" / PULSE, (old, old))
    fetch_sweep(tmp_path / "bare", "x", str(tmp_path / "kept"))


def test_a_driver_that_has_ended_says_so(folder: SweepFolder) -> None:
    sent = copies(folder)
    write_pulse(folder, sent.url)
    assert not read_pulse(sent.url).ended
    sent.close()
    assert read_pulse(sent.url).ended
    check_undriven(folder, sent.url)


@pytest.mark.parametrize("name", ["status.json", "trials/trial-3/result.json", "maps/trial-0/latent_map.png"])
def test_names_of_ledgers_are_known(name: str) -> None:
    assert is_copied(name)


@pytest.mark.parametrize(
    "name",
    ["../status.json", "trials/../result.json", "x/status.json", "maps/../../sweep.yaml", "trials/trial-0/taken_up/trial.pt"],
)
def test_whatever_else_a_storage_holds_is_not_brought_here(folder: SweepFolder, tmp_path: Path, name: str) -> None:
    assert not is_copied(name)


def test_a_sweep_without_a_storage_copies_nothing(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path / "x")
    with ledgers_copied(folder):
        check_own(folder)
    write_file(str(tmp_path / "y" / "z"), b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["y"]
