from __future__ import annotations

import planned_status
import pytest
import ray.job_submission
from job_servers import ADDRESS, Client, status_line
from ray.job_submission import JobStatus

from tune.errors import InfrastructureLost, InvalidInput
from tune.service.sending import Sent, Wanted, send, told
from tune.service.submission import Place
from tune.service.submit import JobServer
from tune.sweep_file.spec import load_sweep

SWEEP = load_sweep("quickstart")
OTHER = load_sweep("quickstart", {"seed": 7})
HERE = Wanted(Place("~/fxsweep"))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> JobServer:
    """On which nothing was sent yet."""
    monkeypatch.setattr(ray.job_submission, "JobSubmissionClient", Client)
    server = JobServer(ADDRESS)
    server.client.job.submission_id = None
    return server


def ends(server: JobServer, name: str, status: JobStatus) -> None:
    server.client.get_job_info(f"fxsweep-{name}").status = status


@pytest.mark.parametrize(
    ("status", "found"), [(JobStatus.PENDING, "running"), (JobStatus.RUNNING, "running"), (JobStatus.SUCCEEDED, "complete"),
                          (JobStatus.STOPPED, "stopped")],
)  # fmt: skip
def test_the_same_sweep_is_sent_once(server: JobServer, status: JobStatus, found: str) -> None:
    server.client.log = status_line(planned_status.sweep())
    first = send(server, SWEEP, HERE)
    assert (first.name, first.submission_id, first.found) == ("quickstart", "fxsweep-quickstart", None)
    ends(server, "quickstart", status)
    assert send(server, SWEEP, HERE) == Sent("quickstart", "fxsweep-quickstart", found)  # type: ignore[arg-type]
    assert len(server.client.submitted) == 1


def test_the_same_sweep_that_was_taken_up_again_is_told_by_its_last_job(server: JobServer) -> None:
    send(server, SWEEP, HERE)
    ends(server, "quickstart", JobStatus.STOPPED)
    metadata = {"content": server.client.submitted[0]["metadata"]["content"]}
    server.client.submit_job(submission_id="fxsweep-quickstart.2", metadata=metadata)
    assert send(server, SWEEP, HERE) == Sent("quickstart", "fxsweep-quickstart.2", "running")


def test_a_sweep_that_failed_is_sent_again_under_the_next_name(server: JobServer) -> None:
    send(server, SWEEP, HERE)
    ends(server, "quickstart", JobStatus.FAILED)
    assert send(server, SWEEP, HERE).name == "quickstart-2"
    assert send(server, SWEEP, HERE).found == "running"


def test_a_sweep_that_was_stopped_before_it_had_begun_is_sent_anew(server: JobServer) -> None:
    send(server, SWEEP, HERE)
    ends(server, "quickstart", JobStatus.STOPPED)
    assert send(server, SWEEP, HERE).name == "quickstart-2"


def test_a_second_run_is_had_by_asking_for_it(server: JobServer) -> None:
    send(server, SWEEP, HERE)
    again = send(server, SWEEP, Wanted(HERE.place, again=True))
    assert (again.name, again.found) == ("quickstart-2", None)


def test_another_sweep_is_numbered_and_refused_under_a_name_that_is_taken(server: JobServer) -> None:
    send(server, SWEEP, HERE)
    assert send(server, OTHER, HERE).name == "quickstart-2"
    named = Wanted(HERE.place, "mine")
    assert send(server, SWEEP, named).submission_id == "fxsweep-mine"
    assert send(server, SWEEP, named).found == "running"
    with pytest.raises(InvalidInput, match=r"'mine': a sweep of this name is on .* already\. Give --name"):
        send(server, OTHER, named)


def test_two_that_send_at_once_send_one(server: JobServer) -> None:
    class Faster(RuntimeError):
        """The other's job is there by the time this one is refused."""

        def __str__(self) -> str:
            server.client.refusals.clear()
            if not server.client.submitted:
                send(server, SWEEP, HERE)
            return "Job with submission_id fxsweep-quickstart already exists."

    server.client.refusals = [Faster()]
    assert send(server, SWEEP, HERE).found == "running"
    assert len(server.client.submitted) == 1


def test_names_that_are_always_taken_end_the_trying(server: JobServer) -> None:
    server.client.refusals = [RuntimeError("already exists") for _ in range(9)]
    with pytest.raises(InfrastructureLost, match="faster than one could be chosen"):
        send(server, SWEEP, HERE)


def test_people_are_told_what_there_is_and_what_to_do() -> None:
    new = told(Sent("x", "fxsweep-x", sent_bytes=912_345), ADDRESS)
    assert new == f"Submitted sweep x (sends 0.9 MB). Watch it: fxsweep status x --address {ADDRESS}"
    assert "there already (complete). Watch it: fxsweep status x" in told(Sent("x", "fxsweep-x", "complete"), ADDRESS)
    assert "there already (stopped). Go on with it: fxsweep resume x" in told(Sent("x", "fxsweep-x", "stopped"), ADDRESS)
