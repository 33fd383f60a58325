from __future__ import annotations

import pytest
import ray.job_submission
from job_servers import ADDRESS, Client, job, status_line
from planned_status import sweep, trial
from ray.job_submission import JobStatus

from tune.errors import InfrastructureLost
from tune.service.stopping import stop_in_order
from tune.service.submit import JobServer

BEGUN = status_line(sweep(trial(0, "running")))


class Stopping(Client):
    """Whose errands end at once with the exit code `doctor`, having said what there is in `log`."""

    doctor = 0

    def submit_job(self, **given: object) -> str:
        self.submitted.append(given)
        status = JobStatus.SUCCEEDED if self.doctor == 0 else JobStatus.FAILED
        self.others.append(job(str(given["submission_id"]), status, driver_exit_code=self.doctor))
        return str(given["submission_id"])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> JobServer:
    """With a sweep that stops as soon as it is asked to."""
    monkeypatch.setattr(ray.job_submission, "JobSubmissionClient", Stopping)
    server = JobServer(ADDRESS)
    server.client.states = [JobStatus.RUNNING, JobStatus.RUNNING, JobStatus.STOPPED]
    server.client.job.metadata = {"home": "/my data", "python": "/opt/python"}
    return server


def test_a_driver_that_came_to_its_own_end_needs_nobody(server: JobServer) -> None:
    server.client.log = BEGUN + "fxsweep-driver-ended\n"
    assert stop_in_order(server, "quickstart") == "Stopped sweep quickstart."
    assert server.client.submitted == []


def test_what_a_killed_driver_left_is_put_in_order_by_a_job_on_the_cluster(server: JobServer) -> None:
    server.client.log = BEGUN
    told = stop_in_order(server, "quickstart")
    assert (
        told == "Stopped sweep quickstart. Its driver was killed before it had put everything in order; that has been done since."
    )
    (sent,) = server.client.submitted
    assert "/opt/python -m tune.cli doctor quickstart --home '\"'\"'/my data'\"'\"'" in sent["entrypoint"]
    assert server.names() == ["quickstart", "younger"]


def test_a_sweep_that_had_not_begun_left_nothing(server: JobServer) -> None:
    server.client.log = "fxsweep-queue 2\n"
    assert stop_in_order(server, "quickstart") == "Stopped sweep quickstart before it had begun."
    assert server.client.submitted == []


def test_a_sweep_that_was_taken_up_again_may_have_left_something_even_before_it_spoke(server: JobServer) -> None:
    server.client.job.submission_id = "fxsweep-quickstart.2"
    assert "that has been done since" in stop_in_order(server, "quickstart")


def test_a_failing_mender_is_told_with_its_last_words(server: JobServer) -> None:
    server.client.log, server.client.doctor = BEGUN + "fxsweep: home /my data: is not a folder.\n", 2
    with pytest.raises(
        InfrastructureLost, match=r"is stopped\. Its driver was killed .* failed there, too: fxsweep: home /my data"
    ):
        stop_in_order(server, "quickstart")


def test_where_nobody_knows_the_sweeps_folder_the_command_is_told(server: JobServer) -> None:
    server.client.log, server.client.job.metadata = BEGUN, None
    assert stop_in_order(server, "quickstart").endswith("on the cluster: fxsweep doctor quickstart")
