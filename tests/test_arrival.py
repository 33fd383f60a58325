from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from job_servers import job
from ray.job_submission import JobStatus
from rich.console import Console

from tune.cli import main
from tune.driver.console import SweepConsole
from tune.service import arrival
from tune.service.arrival import arrive, wait_for_turn
from tune.sweep_file.spec import parse_sweep

SWEEP = parse_sweep({"name": "x"})
WHOLE = {"cpus": "4"}


class Jobs:
    """Ray's list of jobs, asked again and again: each answer is the next; the last stays."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def list_jobs(self) -> list[Any]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return list(answer)


def jobs_with(first: JobStatus, end_time: int | None = None) -> list[Any]:
    return [
        job("fxsweep-first", first, 1, end_time=end_time, metadata=WHOLE),
        job("fxsweep-x", JobStatus.RUNNING, 2, metadata=WHOLE),
        job("fxerrand-1", JobStatus.RUNNING, 1),
    ]


@pytest.fixture
def console() -> SweepConsole:
    return SweepConsole(Console(width=200), machine_readable=True)


@pytest.fixture(autouse=True)
def cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "cluster_size", lambda: (4, 0))


def waits(monkeypatch: pytest.MonkeyPatch, console: SweepConsole, *answers: Any) -> int:
    """How often it slept until its turn came."""
    slept: list[float] = []
    asked = Jobs(*answers)
    monkeypatch.setattr(arrival, "own_job_client", lambda: asked)
    wait_for_turn("fxsweep-x", console, slept.append)
    return len(slept)


def test_a_sweep_alone_does_not_wait_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, console: SweepConsole, capsys: pytest.CaptureFixture[str]
) -> None:
    assert waits(monkeypatch, console, jobs_with(JobStatus.SUCCEEDED, 1)) == 0
    assert capsys.readouterr().out == ""


def test_a_sweep_waits_until_the_one_before_it_ends_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, console: SweepConsole, capsys: pytest.CaptureFixture[str]
) -> None:
    busy = jobs_with(JobStatus.RUNNING)
    assert waits(monkeypatch, console, busy, busy, jobs_with(JobStatus.FAILED, 9)) == 2
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("fxsweep-")] == ["fxsweep-queue 1", "fxsweep-queue 0"]
    assert sum("number 1: other sweeps take up the cluster" in line for line in lines) == 1


def test_a_job_server_that_stumbles_is_asked_again(monkeypatch: pytest.MonkeyPatch, console: SweepConsole) -> None:
    assert waits(monkeypatch, console, RuntimeError("busy"), ConnectionError(), jobs_with(JobStatus.STOPPED, 2)) == 2


def test_a_job_server_that_is_silent_for_long_keeps_no_sweep_from_running(
    monkeypatch: pytest.MonkeyPatch, console: SweepConsole
) -> None:
    monkeypatch.setattr(arrival, "DEAF_SECONDS", 0.01)
    assert waits(monkeypatch, console, RuntimeError("gone")) >= 1


def test_a_sweep_that_was_not_submitted_asks_nobody(
    monkeypatch: pytest.MonkeyPatch, console: SweepConsole, tmp_path: Path
) -> None:
    monkeypatch.delenv("FXSWEEP_SUBMISSION_ID", raising=False)
    monkeypatch.setattr(arrival, "ray_cluster", lambda: pytest.fail("connected"))
    arrive(SWEEP, tmp_path, console)


def test_a_sweep_that_goes_on_may_do_so_without_its_tracking_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[str] = []
    monkeypatch.setattr(arrival, "check_tracking_server", lambda sweep, home: asked.append("tracking"))
    monkeypatch.setattr(arrival, "check_home", lambda home, alone: asked.append("home"))
    arrival.check_cluster(SWEEP, tmp_path)
    arrival.check_cluster(SWEEP, tmp_path, again=True)
    assert asked == ["tracking", "home", "home"]


@pytest.mark.parametrize("verb", [["resume"], ["extend", "--trials", "1"]])
def test_a_job_that_fetches_a_sweep_writes_nowhere_but_in_the_storage_of_its_cluster(
    verb: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("FXSWEEP_SUBMISSION_ID", "fxsweep-x")
    monkeypatch.delenv("FXSWEEP_STORAGE_ROOT", raising=False)
    given = [verb[0], "x", *verb[1:], "--home", str(tmp_path / "home"), "--storage", str(elsewhere), "--status-lines"]
    assert main(given) == 2
    assert "a submitted sweep writes below its home" in capsys.readouterr().err and list(elsewhere.iterdir()) == []
    monkeypatch.setenv("FXSWEEP_STORAGE_ROOT", str(tmp_path))
    assert main(given) == 2 and "there is none at" in capsys.readouterr().err, "there it may look"
