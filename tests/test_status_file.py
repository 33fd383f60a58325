"""The status file is written as often as its writing is cheap, and the last word at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from planned_status import sweep, trial

import tune.ledger.status_file
from tune.ledger.status import SweepStatus, read_status, write_status
from tune.ledger.status_file import StatusFile


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock on which every writing takes a second."""
    clock = Clock()

    def slow(path: Path, status: SweepStatus) -> None:
        clock.now += 1.0
        write_status(path, status)

    monkeypatch.setattr(tune.ledger.status_file, "write_status", slow)
    return clock


def numbered(*numbers: int) -> SweepStatus:
    return sweep(*(trial(number) for number in numbers))


def test_what_comes_too_soon_is_written_when_it_is_due(clock: Clock, tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "status.json", share=0.1, clock=clock)
    file.put(numbered(0))
    for second in (5.0, 9.9):
        clock.now = second
        file.put(numbered(0, 1))
        file.write_due()
        assert read_status(file.path) == numbered(0)
    clock.now = 10.0
    file.write_due()
    assert read_status(file.path) == numbered(0, 1)
    clock.now = 99.0
    written = file.path.stat().st_mtime_ns
    file.write_due()
    assert file.path.stat().st_mtime_ns == written, "there is nothing new"


def test_the_last_word_does_not_wait_and_nothing_older_comes_after_it(clock: Clock, tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "status.json", share=0.1, clock=clock)
    file.put(numbered(0))
    file.put(numbered(1))
    file.write(numbered(2))
    clock.now = 99.0
    file.write_due()
    assert read_status(file.path) == numbered(2)


def test_with_the_whole_time_everything_is_written_at_once(clock: Clock, tmp_path: Path) -> None:
    file = StatusFile(tmp_path / "status.json", share=1.0, clock=clock)
    for number in range(3):
        file.put(numbered(number))
        assert read_status(file.path) == numbered(number)
