"""A journal is fit to be read and written, whatever became of who wrote it before."""

from __future__ import annotations

from pathlib import Path

from tune.ledger.study import study_trials
from tune.ledger.study_journal import drop_torn_line, mend_lines
from tune.search.searcher import OptunaSearcher
from tune.sweep_file.spec import parse_sweep

SWEEP = parse_sweep({"name": "x", "search": {"beta": {"float": [0, 1]}}, "budget": {"trials": 4}})
HALF = b'{"op_code":4,"worker_'


def test_a_lock_whose_owner_was_killed_and_whose_folder_was_moved_does_not_stop_the_next_driver(tmp_path: Path) -> None:
    journal = tmp_path / "x.journal"
    OptunaSearcher(SWEEP, journal).suggest("a")
    lock = tmp_path / "x.journal.lock"
    lock.symlink_to("/nowhere/x.journal")
    OptunaSearcher(SWEEP, journal).close("lost")
    assert [trial.state for trial in study_trials(journal, "x")] == ["stopped"]
    assert not lock.is_symlink()


def test_what_is_written_after_a_write_that_a_full_disk_cut_short_can_be_read(tmp_path: Path) -> None:
    journal = tmp_path / "x.journal"
    searcher = OptunaSearcher(SWEEP, journal)
    searcher.suggest("a")
    with journal.open("ab") as file:
        file.write(HALF)
    searcher.close("the disk is full")
    assert HALF not in journal.read_bytes().replace(HALF + b"id", b"")
    assert [(trial.state, trial.reason) for trial in study_trials(journal, "x")] == [("stopped", "the disk is full")]


def test_only_halves_of_records_are_taken_out(tmp_path: Path) -> None:
    journal = tmp_path / "x.journal"
    searcher = OptunaSearcher(SWEEP, journal)
    searcher.suggest("a")
    searcher.close('said {"op_code" and a line\nbreak')
    whole = journal.read_bytes()
    assert mend_lines(journal) == 0 and journal.read_bytes() == whole
    journal.write_bytes(whole + HALF + b"\n" + HALF + whole[: whole.find(b"\n") + 1] + HALF)
    assert mend_lines(journal) == 3
    assert journal.read_bytes() == whole + whole[: whole.find(b"\n") + 1]


def test_a_journal_that_is_whole_or_not_there_stays_so(tmp_path: Path) -> None:
    journal = tmp_path / "x.journal"
    drop_torn_line(journal)
    assert mend_lines(journal) == 0 and not journal.exists()
