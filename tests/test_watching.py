from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import ray.job_submission
from job_servers import ADDRESS, Client, status_line
from planned_status import sweep, trial
from ray.job_submission import JobStatus

from tune.errors import InfrastructureLost
from tune.service.log_tail import LogPrinter, read_log
from tune.service.submit import JobServer
from tune.service.watching import follow, wait

RUNNING = sweep(trial(0), trial(1, "running"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> JobServer:
    monkeypatch.setattr(ray.job_submission, "JobSubmissionClient", Client)
    return JobServer(ADDRESS)


ENDS = (  # every state in which Ray leaves a job, and every exit code that a driver may have
    (JobStatus.SUCCEEDED, 0, 0),
    (JobStatus.STOPPED, None, 4),
    *((JobStatus.FAILED, own, own) for own in (1, 2, 3, 4, 5, 6)),
    *((JobStatus.FAILED, lost, 6) for lost in (None, -9, 137)),
)


@pytest.mark.parametrize(("job", "own", "code"), ENDS)
def test_following_prints_the_log_for_people_and_ends_with_the_sweeps_exit_code(
    server: JobServer, capsys: pytest.CaptureFixture[str], job: JobStatus, own: int | None, code: int
) -> None:
    server.client.log = f"first line\n{status_line(RUNNING)}second line\nunfinished"
    server.client.states, server.client.job.driver_exit_code = [JobStatus.RUNNING, job], own
    assert follow(server, "quickstart", retry_seconds=0.0) == code
    assert capsys.readouterr().out == "first line\nsecond line\nunfinished\n"


@pytest.mark.parametrize(("job", "own", "code"), ENDS)
def test_waiting_is_silent_and_ends_with_the_sweeps_exit_code(
    server: JobServer, capsys: pytest.CaptureFixture[str], job: JobStatus, own: int | None, code: int
) -> None:
    server.client.log = "a line\n"
    server.client.states, server.client.job.driver_exit_code = [JobStatus.PENDING, JobStatus.RUNNING, job], own
    assert wait(server, "quickstart", poll_seconds=0.0) == code
    assert capsys.readouterr() == ("", "")


def test_no_state_in_which_a_job_ends_is_left_out() -> None:
    assert {job for job, *_ in ENDS} == {status for status in JobStatus if status.is_terminal()}


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


def cut_after(server: JobServer, monkeypatch: pytest.MonkeyPatch, *characters: int) -> list[Exception]:
    """The link is cut after so many characters of the log, then after so many, and then not any more."""
    whole, cuts = server.client.tail_job_logs, list(characters)
    errors: list[Exception] = [aiohttp.ServerDisconnectedError(), RuntimeError("WebSocket connection closed unexpectedly")]

    async def tail_job_logs(submission_id: str) -> AsyncIterator[str]:
        left = cuts.pop(0) if cuts else None
        async for chunk in whole(submission_id):
            if left is not None and left <= 0:
                raise errors[len(cuts) % 2]
            yield chunk
            left = left - len(chunk) if left is not None else None

    monkeypatch.setattr(server.client, "tail_job_logs", tail_job_logs)
    return errors


@pytest.mark.parametrize("characters", [(0,), (15,), (15, 3), (20, 40), (30, 30)])
def test_a_link_that_is_cut_is_tied_again_and_no_line_is_lost_or_told_twice(
    server: JobServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], characters: tuple[int, ...]
) -> None:
    cut_after(server, monkeypatch, *characters)
    server.client.log = f"first line\nsecond line\n{status_line(RUNNING)}third line\nfourth line\nunfinished"
    server.client.states, server.client.job.driver_exit_code = [JobStatus.SUCCEEDED], 0
    assert follow(server, "quickstart", retry_seconds=0.0) == 0
    assert capsys.readouterr().out == "first line\nsecond line\nthird line\nfourth line\nunfinished\n"


def test_a_link_that_stays_cut_is_told_in_a_paragraph(server: JobServer, monkeypatch: pytest.MonkeyPatch) -> None:
    cut_after(server, monkeypatch, *[0] * 11)
    server.client.log = "a line"
    with pytest.raises(
        InfrastructureLost, match=r"^job server http://127\.0\.0\.1:8265: Server disconnected\. Is the cluster up"
    ):
        follow(server, "quickstart", retry_seconds=0.0, patience_seconds=0.0)


def test_a_silent_log_has_its_job_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    async def silent() -> AsyncIterator[str]:
        yield "a line\n"
        await asyncio.sleep(600)

    answers, printer = [False, False, True], LogPrinter()
    asyncio.run(read_log(silent(), printer.take, lambda: answers.pop(0), ask_seconds=0.01))
    assert answers == [] and capsys.readouterr().out == "a line\n"

    def lost() -> bool:
        raise InfrastructureLost("away")

    with pytest.raises(InfrastructureLost, match="away"):
        asyncio.run(read_log(silent(), printer.take, lost, ask_seconds=0.01))
