from __future__ import annotations

import pytest
import ray.job_submission
from job_servers import ADDRESS, Client, status_line
from planned_status import sweep, trial
from ray.job_submission import JobStatus

from tune.errors import InfrastructureLost
from tune.service.submit import JobServer
from tune.service.watching import follow, wait

RUNNING = sweep(trial(0), trial(1, "running"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> JobServer:
    monkeypatch.setattr(ray.job_submission, "JobSubmissionClient", Client)
    return JobServer(ADDRESS)


@pytest.mark.parametrize(
    ("job", "own", "code"),
    [
        (JobStatus.SUCCEEDED, 0, 0),
        (JobStatus.FAILED, 3, 3),
        (JobStatus.STOPPED, None, 4),
        (JobStatus.FAILED, None, 6),
        (JobStatus.FAILED, -9, 6),
        (JobStatus.FAILED, 137, 6),
        (JobStatus.FAILED, 2, 2),
    ],
)
def test_following_prints_the_log_for_people_and_ends_with_the_sweeps_exit_code(
    server: JobServer, capsys: pytest.CaptureFixture[str], job: JobStatus, own: int | None, code: int
) -> None:
    server.client.log = f"first line\n{status_line(RUNNING)}second line\nunfinished"
    server.client.states, server.client.job.driver_exit_code = [JobStatus.RUNNING, job], own
    assert follow(server, "quickstart") == code
    assert capsys.readouterr().out == "first line\nsecond line\nunfinished\n"


@pytest.mark.parametrize(
    ("job", "own", "code"), [(JobStatus.SUCCEEDED, 0, 0), (JobStatus.STOPPED, None, 4), (JobStatus.FAILED, 5, 5)]
)
def test_waiting_is_silent_and_ends_with_the_sweeps_exit_code(
    server: JobServer, capsys: pytest.CaptureFixture[str], job: JobStatus, own: int | None, code: int
) -> None:
    server.client.log = "a line\n"
    server.client.states, server.client.job.driver_exit_code = [JobStatus.PENDING, JobStatus.RUNNING, job], own
    assert wait(server, "quickstart", poll_seconds=0.0) == code
    assert capsys.readouterr() == ("", "")


def test_a_job_server_that_is_away_for_a_while_is_waited_for(server: JobServer, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [RuntimeError("away"), ConnectionError("away")]
    listed = server.client.list_jobs

    def list_jobs() -> object:
        if answers:
            raise answers.pop()
        return listed()

    monkeypatch.setattr(server.client, "list_jobs", list_jobs)
    server.client.states = [JobStatus.STOPPED]
    assert wait(server, "quickstart", poll_seconds=0.0, patience_seconds=600.0) == 4
    answers = [RuntimeError("away")]
    with pytest.raises(InfrastructureLost, match="away"):
        wait(server, "quickstart", poll_seconds=0.0, patience_seconds=0.0)


@pytest.mark.parametrize("watch", [follow, wait])
def test_ctrl_c_leaves_the_sweep_running(
    server: JobServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], watch: object
) -> None:
    def interrupted(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "tail", interrupted)
    monkeypatch.setattr(server, "has_ended", interrupted)
    assert callable(watch) and watch(server, "quickstart") == 0
    assert "fxsweep stop quickstart --address" in capsys.readouterr().err and server.client.stopped == []
