from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lone_driver import start_driver

from tune.driver.liveness import driver_lock, driver_pid, stop_driver
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder


@pytest.fixture
def folder(tmp_path: Path) -> SweepFolder:
    return SweepFolder(tmp_path)


@pytest.fixture
def driver(folder: SweepFolder) -> Iterator[subprocess.Popen[str]]:
    process = start_driver(folder)
    yield process
    process.kill()
    process.wait()


def test_a_living_driver_is_known_by_its_process_id(folder: SweepFolder, driver: subprocess.Popen[str]) -> None:
    assert driver_pid(folder) == driver.pid


def test_a_killed_driver_is_gone_at_once(folder: SweepFolder, driver: subprocess.Popen[str]) -> None:
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    assert folder.driver.is_file()
    assert driver_pid(folder) is None


def test_stop_ends_the_driver_by_sigterm(folder: SweepFolder, driver: subprocess.Popen[str]) -> None:
    assert stop_driver(folder)
    assert driver.wait() == -signal.SIGTERM


def test_stop_tells_of_a_driver_that_does_not_end(folder: SweepFolder) -> None:
    process = start_driver(folder, "deaf")
    try:
        assert not stop_driver(folder, timeout_seconds=0.3)
        assert driver_pid(folder) == process.pid
    finally:
        process.kill()
        process.wait()


def test_without_a_driver_there_is_nothing_to_stop(folder: SweepFolder) -> None:
    assert driver_pid(folder) is None
    assert not stop_driver(folder)


def test_the_lock_ends_with_its_block(folder: SweepFolder) -> None:
    with driver_lock(folder):
        assert driver_pid(folder) == os.getpid()
    assert driver_pid(folder) is None


def test_a_process_id_without_a_lock_is_nobody(folder: SweepFolder) -> None:
    folder.driver.write_text(f'{{"pid": {os.getpid()}}}')
    assert driver_pid(folder) is None


def test_a_second_driver_is_refused_and_the_first_stays_known(folder: SweepFolder, driver: subprocess.Popen[str]) -> None:
    with pytest.raises(InvalidInput, match="is running already"), driver_lock(folder):
        pass
    assert driver_pid(folder) == driver.pid


def test_a_dead_drivers_lock_is_taken_over(folder: SweepFolder, driver: subprocess.Popen[str]) -> None:
    driver.kill()
    driver.wait()
    with driver_lock(folder):
        assert driver_pid(folder) == os.getpid()


def test_another_users_driver_is_not_ours_to_stop(folder: SweepFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(pid: int, number: int) -> None:
        raise PermissionError

    with driver_lock(folder):
        monkeypatch.setattr(os, "kill", forbidden)
        with pytest.raises(InvalidInput, match="another user's"):
            stop_driver(folder)
