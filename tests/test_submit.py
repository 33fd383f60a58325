from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import ray.job_submission
from job_servers import ADDRESS, Client, status_line
from planned_status import sweep, trial
from ray.exceptions import AuthenticationError
from ray.job_submission import JobStatus

from tune.errors import InfrastructureLost, InvalidInput
from tune.service.submission import Place, plan_submission
from tune.service.submit import AlreadyThere, JobServer
from tune.sweep_file.spec import load_sweep

RUNNING = sweep(trial(0), trial(1, "running"))
REQUEST = plan_submission(load_sweep("quickstart"), "mine", Place("~/fxsweep"))


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
    server.client.job.metadata = {"home": "/data"}
    assert server.next_submission("quickstart") == ("fxsweep-quickstart.3", {"home": "/data"})
    assert server.next_submission("never-sent") == ("fxsweep-never-sent", {})


def test_a_sweep_that_runs_cannot_be_taken_up(server: JobServer) -> None:
    with pytest.raises(InvalidInput, match="is running on"):
        server.next_submission("quickstart")


def test_a_stop_waits_until_the_driver_is_gone(server: JobServer) -> None:
    server.client.states = [JobStatus.RUNNING, JobStatus.RUNNING, JobStatus.STOPPED]
    assert not server.stop("quickstart")
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


def test_a_submission_tells_how_much_was_sent(server: JobServer) -> None:
    assert 500_000 < server.submit(REQUEST) < 2**21
    (sent,) = server.client.submitted
    assert (sent["submission_id"], sent["metadata"]) == ("fxsweep-mine", REQUEST.metadata)
    assert sent["runtime_env"]["env_vars"] == REQUEST.environment
    assert not Path(sent["runtime_env"]["working_dir"]).exists()


def test_a_job_id_that_is_taken_is_told_apart_from_a_lost_server(server: JobServer) -> None:
    server.client.refusals = [
        RuntimeError("Job with submission_id fxsweep-mine already exists."),
        RuntimeError("status code 500"),
    ]
    with pytest.raises(AlreadyThere, match="somebody else has just sent it"):
        server.submit(REQUEST)
    with pytest.raises(InfrastructureLost, match="status code 500"):
        server.submit(REQUEST)


def test_a_server_that_wants_a_token_is_told_as_one_that_is_there(server: JobServer) -> None:
    server.client.refusals = [AuthenticationError("Authentication required: no. RAY_AUTH_MODE is 'disabled'")]
    with pytest.raises(InvalidInput, match=r"asks for a token, and there is none here.*~/\.ray/auth_token"):
        server.submit(REQUEST)


def test_a_sweep_that_waits_for_others_is_queued(server: JobServer) -> None:
    server.client.log = "fxsweep-queue 2\n"
    status = server.status("quickstart")
    assert (status.state, status.queue_place) == ("running", 2)
    assert status.message == "no trial yet; waits for its turn, number 2 in the queue"
    server.client.states = [JobStatus.STOPPED]
    assert (server.status("quickstart").state, server.status("quickstart").queue_place) == ("stopped", 0)


def test_a_stop_tells_whether_the_driver_came_to_its_own_end(server: JobServer) -> None:
    server.client.log = "said\nfxsweep-driver-ended\n"
    server.client.states = [JobStatus.RUNNING, JobStatus.STOPPED]
    assert server.stop("quickstart")


def test_the_address_that_is_given_is_asked_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setenv("RAY_API_SERVER_ADDRESS", "http://another:1")
    monkeypatch.setattr(
        ray.job_submission, "JobSubmissionClient", lambda address: asked.append(os.environ["RAY_API_SERVER_ADDRESS"])
    )
    JobServer(ADDRESS)
    assert (asked, os.environ["RAY_API_SERVER_ADDRESS"]) == ([ADDRESS], "http://another:1")


def test_rays_client_does_not_talk_between_a_sweeps_lines(server: JobServer) -> None:
    from ray.dashboard.modules.job import sdk

    assert not sdk.logger.isEnabledFor(logging.INFO) and sdk.logger.isEnabledFor(logging.WARNING)


def test_the_token_of_this_machine_is_sent(tmp_path: Path) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(str(self.headers))
            body = json.dumps({"version": "4", "ray_version": ray.__version__, "ray_commit": "", "session_name": ""}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *given: object) -> None:
            pass

    seen: list[str] = []
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text("token-" + "0" * 58)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")} | {"HOME": str(tmp_path)}
    with HTTPServer(("127.0.0.1", 0), Handler) as listener:
        Thread(target=listener.serve_forever, daemon=True).start()
        program = f"from tune.service.submit import JobServer; JobServer('http://127.0.0.1:{listener.server_port}')"
        subprocess.run([sys.executable, "-c", program], env=environment, check=True)
        listener.shutdown()
    assert seen and all("token-000" in headers for headers in seen)
