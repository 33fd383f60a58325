"""Pages of a sweep that runs: drawn beside it, at most so often, and never waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from curve_sweep import write_curve_sweep

from tune.driver.page_keeper import SHARE, PageKeeper
from tune.ledger.home import SweepFolder


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    return write_curve_sweep(tmp_path, trials=3)


def keeper(folder: SweepFolder) -> tuple[PageKeeper, Clock, list[Path]]:
    clock, told = Clock(), list[Path]()
    return PageKeeper(folder, told.append, clock=clock), clock, told


def drawn(pages: PageKeeper) -> None:
    """Waits for the drawing that is under way, and takes it in."""
    assert pages.process is not None
    pages.process.wait(120)
    pages.poll()


def test_pages_come_a_minute_after_the_start_and_are_told_once(folder: SweepFolder) -> None:
    pages, clock, told = keeper(folder)
    pages.poll()
    clock.seconds = 59.0
    pages.poll()
    assert pages.process is None, "not before a minute"
    clock.seconds = 60.0
    pages.poll()
    drawn(pages)
    names = {path.name for path in told}
    assert {"summary.html", "leaderboard.csv"} <= names and "side_by_side.html" not in names
    assert all(path.is_file() for path in told) and not folder.figures.exists()
    before = len(told)
    clock.seconds = 200.0
    pages.poll()
    assert pages.process is None, "nothing has changed"
    os.utime(folder.status)
    pages.poll()
    drawn(pages)
    assert len(told) == before, "what is the same is not told again"


def test_pages_that_take_long_come_less_often(folder: SweepFolder) -> None:
    pages, clock, _ = keeper(folder)
    pages.poll()
    clock.seconds = 60.0
    pages.poll()
    assert pages.process is not None
    pages.process.wait(120)
    clock.seconds = 90.0  # as if it had taken half a minute
    pages.poll()
    assert pages.due == 90.0 + 30.0 / SHARE


def test_a_drawing_that_fails_is_tried_again_later(folder: SweepFolder) -> None:
    pages, clock, told = keeper(folder)
    folder.spec.write_text("no sweep")
    pages.poll()
    clock.seconds = 60.0
    pages.poll()
    drawn(pages)
    assert told == [] and pages.process is None and pages.due == 120.0


def test_the_end_of_a_sweep_ends_the_drawing(folder: SweepFolder) -> None:
    pages, clock, told = keeper(folder)
    pages.poll()
    clock.seconds = 60.0
    pages.poll()
    process = pages.process
    pages.close()
    assert process is not None and process.poll() is not None and pages.process is None and told == []
    pages.close()
