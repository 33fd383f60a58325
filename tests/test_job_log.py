from __future__ import annotations

import json

from planned_status import sweep, trial

from tune.driver.console import STATUS_PREFIX
from tune.ledger.status import SweepStatus, to_json
from tune.service.job_log import driver_has_ended, last_status, place_in_queue, without_status

RUNNING = sweep(trial(0), trial(1, "running"))


def status_line(status: SweepStatus) -> str:
    return STATUS_PREFIX + json.dumps(to_json(status)) + "\n"


def test_the_last_whole_status_counts() -> None:
    later = RUNNING.with_trial(trial(1))
    log = f"said\n{status_line(RUNNING)}said more\n{status_line(later)}"
    assert last_status(log) == later
    assert last_status(log + status_line(sweep())[:60]) == later
    assert last_status("said\n") is None is last_status("")


def test_people_get_the_log_without_status_lines() -> None:
    assert without_status(f"one\n{status_line(RUNNING)}two\nthree") == "one\ntwo\nthree"


def test_nothing_for_programs_is_shown_to_people() -> None:
    assert without_status("fxsweep-queue 2\nwaits\nfxsweep-queue 0\nfxsweep-driver-ended\n") == "waits\n"


def test_the_last_place_in_the_queue_counts() -> None:
    assert place_in_queue("said\n") == 0
    assert place_in_queue("fxsweep-queue 3\nsaid\nfxsweep-queue 2\nfxsweep-queue 1") == 2
    assert place_in_queue("fxsweep-queue 3\nfxsweep-queue 0\n") == 0


def test_a_driver_that_was_killed_has_not_ended() -> None:
    assert not driver_has_ended(status_line(RUNNING.ended_as("stopped", 1050.0)))
    assert not driver_has_ended("fxsweep-driver-")
    assert driver_has_ended("said\nfxsweep-driver-ended\nfxsweep: sweep x: stopped by SIGTERM.\n")
