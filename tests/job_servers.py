"""Stands in for Ray's job client: a server with jobs that are what a test says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

from ray.job_submission import JobStatus

from tune.driver.console import STATUS_PREFIX
from tune.ledger.status import SweepStatus, to_json

ADDRESS = "http://127.0.0.1:8265"


def status_line(status: SweepStatus) -> str:
    return STATUS_PREFIX + json.dumps(to_json(status)) + "\n"


def job(submission_id: str | None, status: JobStatus = JobStatus.RUNNING, start_time: int = 1_000_000, **more: Any) -> Any:
    plain = {"end_time": None, "message": "", "driver_exit_code": None, "metadata": {}}
    return SimpleNamespace(submission_id=submission_id, status=status, start_time=start_time, **(plain | more))


class Client:
    """A sweep, `job`, whose states come one after the other whenever it is asked about; and others' jobs."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.log = ""
        self.states = [JobStatus.RUNNING]
        self.job = job("fxsweep-quickstart")
        self.others = [job("fxsweep-younger", start_time=2_000_000), job(None), job("raysubmit_1")]
        self.stopped: list[str] = []
        self.submitted: list[dict[str, Any]] = []
        self.refusals: list[Exception] = []

    def list_jobs(self) -> list[Any]:
        return [*self.others, self.job]

    def get_job_info(self, submission_id: str) -> Any:
        found = [one for one in self.list_jobs() if one.submission_id == submission_id]
        if not found:
            raise RuntimeError(f"Request failed with status code 404: Job {submission_id} does not exist.")
        if found[0] is self.job:
            self.job.status = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        return found[0]

    def get_job_logs(self, submission_id: str) -> str:
        return self.log

    def submit_job(self, **given: Any) -> str:
        if self.refusals:
            raise self.refusals.pop(0)
        self.submitted.append(given)
        self.others.append(job(given["submission_id"], JobStatus.PENDING, 3_000_000, metadata=given["metadata"]))
        return str(given["submission_id"])

    def stop_job(self, submission_id: str) -> None:
        self.stopped.append(submission_id)

    async def tail_job_logs(self, submission_id: str) -> AsyncIterator[str]:
        for start in range(0, len(self.log), 7):
            yield self.log[start : start + 7]
