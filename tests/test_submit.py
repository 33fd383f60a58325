from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import ray.job_submission
from planned_status import sweep, trial
from ray.job_submission import JobStatus

from tune.driver.cluster import WORKER_ENVIRONMENT
from tune.driver.console import STATUS_PREFIX
from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.status import SweepStatus, to_json
from tune.service.submission import Submission, packed, plan_resumption, plan_submission
from tune.service.submit import JobServer, follow, last_status, without_status
from tune.sweep_file.spec import load_sweep

ADDRESS = "http://127.0.0.1:8265"
RUNNING = sweep(trial(0), trial(1, "running"))


def status_line(status: SweepStatus) -> str:
    return STATUS_PREFIX + json.dumps(to_json(status)) + "\n"


# ---- the request
def request(name: str = "quickstart", home: str = "~/fxsweep", python: str | None = None) -> Submission:
    return plan_submission(load_sweep("quickstart"), name, home, python)


def told_arguments(submission: Submission, **environment: str) -> list[str]:
    """What the interpreter is given when the entrypoint runs: it is a script that prints its arguments."""
    done = subprocess.run(
        submission.entrypoint, shell=True, capture_output=True, text=True, check=True, env=os.environ | environment
    )
    return done.stdout.splitlines()


def interpreter(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("home", ["~/fxsweep", "/data/my sweeps", "it's", '"quoted" $HOME `id`', "a;b&&c", "ä\\n"])
def test_the_entrypoint_hands_on_every_path_as_it_is(tmp_path: Path, home: str) -> None:
    python = interpreter(tmp_path / "my python's" / "bin python")
    assert told_arguments(request("mine", home, str(python))) == [
        str(python), "-m", "tune.cli", "run", "sweep.yaml", "--name", "mine", "--home", home, "--status-lines",
    ]  # fmt: skip


def test_a_cluster_without_this_interpreter_takes_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = interpreter(tmp_path / "here" / "python 3")
    monkeypatch.setattr(sys, "executable", str(there))
    submission = request()
    assert told_arguments(submission)[0] == str(there)
    there.unlink()
    own = interpreter(tmp_path / "own" / "python")
    assert told_arguments(submission, PATH=f"{own.parent}:{os.environ['PATH']}")[0] == str(own)


def test_a_request_is_named_after_its_sweep_and_carries_the_workers_environment() -> None:
    submission = request("quickstart-2")
    assert (submission.name, submission.submission_id) == ("quickstart-2", "fxsweep-quickstart-2")
    assert submission.metadata == {"sweep": "quickstart-2", "spec": "quickstart"}
    assert WORKER_ENVIRONMENT.items() <= submission.environment.items()


def test_the_cluster_is_told_which_code_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tune.service.submission.code_version", lambda: "v9")
    assert request().environment["FXSWEEP_CODE_VERSION"] == "v9"


# ---- what is sent
def test_two_packages_and_the_sweep_are_sent_and_nothing_else() -> None:
    with packed(request()) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["sweep.yaml", "trainables", "tune"]
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert {path.suffix for path in files} <= {".py", ".yaml", ".json", ".html", ".css", ".js"}
        assert sum(path.stat().st_size for path in files) < 2**21
        assert {"tune/cli.py", "tune/sweeps/seed.yaml", "trainables/effects/lv2/calls.py"} <= {
            str(path.relative_to(folder)) for path in files
        }
    assert not folder.exists()


def test_the_sweep_that_is_sent_is_the_sweep() -> None:
    with packed(request()) as folder:
        assert load_sweep(folder / "sweep.yaml") == load_sweep("quickstart")


def test_what_is_sent_can_be_run() -> None:
    with packed(request()) as folder:
        program = [sys.executable, "-c", "import tune, trainables; print(tune.__file__, trainables.__file__)"]
        told = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=True).stdout
        assert told.split() == [str(folder / name / "__init__.py") for name in ("tune", "trainables")]


def test_a_sweep_goes_on_as_a_job_of_its_own_without_a_file(tmp_path: Path) -> None:
    python = interpreter(tmp_path / "python")
    submission = plan_resumption("mine", "fxsweep-mine.2", "/data/my sweeps", str(python), "extend --trials 4")
    told = told_arguments(submission)
    assert told[1:] == ["-m", "tune.cli", "extend", "mine", "--trials", "4", "--home", "/data/my sweeps", "--status-lines"]
    assert submission.submission_id == "fxsweep-mine.2"
    with packed(submission) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["trainables", "tune"]


# ---- what comes back
def test_the_last_whole_status_counts() -> None:
    later = RUNNING.with_trial(trial(1))
    log = f"said\n{status_line(RUNNING)}said more\n{status_line(later)}"
    assert last_status(log) == later
    assert last_status(log + status_line(sweep())[:60]) == later
    assert last_status("said\n") is None is last_status("")


def test_people_get_the_log_without_status_lines() -> None:
    assert without_status(f"one\n{status_line(RUNNING)}two\nthree") == "one\ntwo\nthree"


class Client:
    """Stands in for Ray's job client: a server with one job."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.log = ""
        self.states = [JobStatus.RUNNING]
        self.job = SimpleNamespace(
            submission_id="fxsweep-quickstart", start_time=1_000_000, end_time=None, message="", driver_exit_code=None
        )
        self.stopped: list[str] = []

    def list_jobs(self) -> list[Any]:
        others = [SimpleNamespace(submission_id=None), SimpleNamespace(submission_id="raysubmit_1")]
        younger = SimpleNamespace(submission_id="fxsweep-younger", start_time=2_000_000)
        return [younger, self.job, *others]

    def get_job_info(self, submission_id: str) -> Any:
        if submission_id != self.job.submission_id:
            raise RuntimeError(f"Request failed with status code 404: Job {submission_id} does not exist.")
        self.job.status = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return self.job

    def get_job_logs(self, submission_id: str) -> str:
        return self.log

    def stop_job(self, submission_id: str) -> None:
        self.stopped.append(submission_id)

    async def tail_job_logs(self, submission_id: str) -> AsyncIterator[str]:
        for start in range(0, len(self.log), 7):
            yield self.log[start : start + 7]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> JobServer:
    monkeypatch.setattr(ray.job_submission, "JobSubmissionClient", Client)
    return JobServer(ADDRESS)


def test_sweeps_on_a_cluster_are_its_jobs_of_ours_oldest_first(server: JobServer) -> None:
    assert server.names() == ["quickstart", "younger"]


def test_a_taken_name_is_numbered_and_an_exact_one_refused(server: JobServer) -> None:
    assert server.free_name("quickstart", None) == "quickstart-2"
    assert server.free_name("quickstart", "mine") == "mine"
    with pytest.raises(InvalidInput, match=r"already\. Give --name another"):
        server.free_name("quickstart", "quickstart")
    with pytest.raises(InvalidInput, match="letters, digits"):
        server.free_name("quickstart", "a/b")


def test_the_status_is_what_the_driver_printed(server: JobServer) -> None:
    server.client.log = status_line(RUNNING)
    assert server.status("quickstart") == RUNNING


def test_before_the_driver_speaks_the_status_says_what_it_waits_for(server: JobServer) -> None:
    server.client.states = [JobStatus.PENDING]
    status = server.status("quickstart")
    assert (status.name, status.state, status.trials) == ("quickstart", "running", ())
    assert status.message == "no trial yet; its job is pending"


@pytest.mark.parametrize(
    ("job", "state"), [(JobStatus.STOPPED, "stopped"), (JobStatus.FAILED, "failed"), (JobStatus.SUCCEEDED, "failed")]
)
def test_a_job_that_ended_without_a_last_word_corrects_the_status(server: JobServer, job: JobStatus, state: str) -> None:
    server.client.log, server.client.states = status_line(RUNNING), [job]
    server.client.job.end_time, server.client.job.message = 1_060_000, "the node was lost"
    status = server.status("quickstart")
    assert (status.state, status.ended, status.message) == (state, 1060.0, "the node was lost")
    assert [t.state for t in status.trials] == ["complete", "stopped"]


def test_a_job_without_an_end_time_ends_no_earlier_than_it_began(server: JobServer) -> None:
    server.client.states = [JobStatus.FAILED]
    status = server.status("quickstart")
    assert status.ended == status.started == 1000.0


def test_the_drivers_last_word_stands(server: JobServer) -> None:
    ended = RUNNING.ended_as("stopped", 1050.0, "stopped by SIGTERM")
    server.client.log, server.client.states = status_line(ended), [JobStatus.FAILED]
    assert server.status("quickstart") == ended


def test_the_last_job_of_a_sweep_speaks_for_it(server: JobServer) -> None:
    server.client.job.submission_id = "fxsweep-quickstart.2"
    assert server.names() == ["quickstart", "younger"]
    server.client.states = [JobStatus.FAILED]
    assert server.next_submission("quickstart") == "fxsweep-quickstart.3"
    assert server.next_submission("never-sent") == "fxsweep-never-sent"


def test_a_sweep_that_runs_cannot_be_taken_up(server: JobServer) -> None:
    with pytest.raises(InvalidInput, match="is running on"):
        server.next_submission("quickstart")


def test_a_stop_waits_until_the_driver_is_gone(server: JobServer) -> None:
    server.client.states = [JobStatus.RUNNING, JobStatus.RUNNING, JobStatus.STOPPED]
    assert server.stop("quickstart") == "Stopped sweep quickstart."
    assert server.client.stopped == ["fxsweep-quickstart"] and server.client.states == [JobStatus.STOPPED]


def test_an_ended_job_cannot_be_stopped(server: JobServer) -> None:
    server.client.states = [JobStatus.SUCCEEDED]
    with pytest.raises(InvalidInput, match=r"its job is SUCCEEDED\). There is nothing to stop"):
        server.stop("quickstart")


def test_an_unknown_sweep_is_answered_with_the_nearest(server: JobServer) -> None:
    for ask in (server.status, server.log, server.stop):
        with pytest.raises(InvalidInput, match="Did you mean 'quickstart'"):
            ask("quikstart")


@pytest.mark.parametrize(
    "address", ["head", "127.0.0.1:8265", "ray://head:10001", "http://", "http://a b:1", "http://head:99999"]
)
def test_an_address_that_no_job_server_can_have_is_refused_before_anybody_is_asked(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ray.job_submission, "JobSubmissionClient", lambda asked: pytest.fail(f"asked {asked}"))
    with pytest.raises(InvalidInput, match=r"the address must be http\(s\)://HOST:PORT\. Give --address"):
        JobServer(address)


def test_a_server_out_of_reach_is_told_with_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(address: str) -> None:
        raise ConnectionError("Failed to connect to Ray\nat length")

    monkeypatch.setattr(ray.job_submission, "JobSubmissionClient", refused)
    with pytest.raises(
        InfrastructureLost, match=r"job server http://127.0.0.1:8265: Failed to connect to Ray\. Is the cluster up"
    ):
        JobServer(ADDRESS)


@pytest.mark.parametrize(
    ("job", "own", "code"),
    [
        (JobStatus.SUCCEEDED, 0, 0),
        (JobStatus.FAILED, 3, 3),
        (JobStatus.STOPPED, None, 4),
        (JobStatus.FAILED, None, 6),
    ],
)
def test_following_prints_the_log_for_people_and_ends_with_the_sweeps_exit_code(
    server: JobServer, capsys: pytest.CaptureFixture[str], job: JobStatus, own: int | None, code: int
) -> None:
    server.client.log = f"first line\n{status_line(RUNNING)}second line\nunfinished"
    server.client.states, server.client.job.driver_exit_code = [JobStatus.RUNNING, job], own
    assert follow(server, "quickstart") == code
    assert capsys.readouterr().out == "first line\nsecond line\nunfinished\n"
