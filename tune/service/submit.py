"""Sweeps as Ray Jobs: plan -> request -> submit, and status, logs and stop over the job server alone.

The driver prints its status as lines in the job's log (console.py), so a laptop needs to reach nothing
but the job server's one port. A sweep's job is called `fxsweep-NAME`; Ray refuses a second one. Each time the sweep is
taken up again it is a job of its own, `fxsweep-NAME.2` and so on, and the last one speaks for the sweep.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from trainables.errors import nearest
from tune.driver.console import STATUS_PREFIX
from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.home import check_name, free_names
from tune.ledger.status import SweepStatus, TrialState, from_json
from tune.service.refused_token import refused_token
from tune.service.submission import JOB_PREFIX, Submission, packed
from tune.tracking.stores import has_host, without_password

STOP_SECONDS = 45.0  # cluster.yaml gives a stopped job 30 s before it is killed
ENDED: dict[str, TrialState] = {"SUCCEEDED": "complete", "FAILED": "failed", "STOPPED": "stopped"}


class JobServer:
    """A cluster's job server. Every method may raise InfrastructureLost, and InvalidInput where it refuses the token.

    Raises:
        InvalidInput: no job server can have this address.
    """

    def __init__(self, address: str) -> None:
        _check_address(address)
        self.address = address
        _use_token_if_there_is_one()
        from ray.job_submission import JobSubmissionClient

        with self._reach():
            self.client: Any = JobSubmissionClient(address)

    def submit(self, submission: Submission) -> None:
        with packed(submission) as folder, self._reach():
            self.client.submit_job(
                entrypoint=submission.entrypoint,
                submission_id=submission.submission_id,
                runtime_env={"working_dir": str(folder), "env_vars": submission.environment},
                metadata=submission.metadata,
            )

    def names(self) -> list[str]:
        """Sweeps on this cluster, oldest first."""
        jobs = sorted(self._jobs().values(), key=lambda job: job.start_time or 0)
        return list(dict.fromkeys(_sweep_of(job.submission_id) for job in jobs))

    def next_submission(self, name: str) -> str:
        """The job by which a sweep is taken up again.

        Raises:
            InvalidInput: it is running.
        """
        before = self._submission_of(name)
        if before and not self._job(name).status.is_terminal():
            raise InvalidInput(f"sweep '{name}': is running on {self.address}. Stop it first: fxsweep stop {name}")
        return f"{JOB_PREFIX}{name}.{_attempt(before) + 1}" if before else JOB_PREFIX + name

    def free_name(self, wanted: str, exact: str | None) -> str:
        """The first of NAME, NAME-2, ... that no sweep on the cluster has; `exact` is refused if taken."""
        check_name(exact or wanted)
        taken = set(self.names())
        if exact is not None and exact in taken:
            raise InvalidInput(f"sweep '{exact}': a sweep of this name is on {self.address} already. Give --name another one.")
        return exact or next(name for name in free_names(wanted) if name not in taken)

    def status(self, name: str) -> SweepStatus:
        """The last status its driver printed, corrected by what became of the job."""
        job = self._job(name)
        status = last_status(self._raw_log(name)) or _not_started(name, job)
        state = ENDED.get(job.status.value)
        if status.state == "running" and state is not None:
            ended = max(status.started, (job.end_time or 0) / 1000)
            return status.ended_as("stopped" if state == "stopped" else "failed", ended, job.message or "")
        return status

    def log(self, name: str) -> str:
        """The driver's output without its status lines."""
        self._job(name)
        return without_status(self._raw_log(name))

    def stop(self, name: str) -> str:
        """Stops a sweep and waits until its driver is gone."""
        job = self._job(name)
        if job.status.is_terminal():
            raise InvalidInput(f"sweep '{name}': is not running (its job is {job.status.value}). There is nothing to stop.")
        with self._reach():
            self.client.stop_job(job.submission_id)
        end = time.monotonic() + STOP_SECONDS
        while not self._job(name).status.is_terminal():
            if time.monotonic() > end:
                raise InfrastructureLost(f"sweep '{name}': its job has not ended within {STOP_SECONDS:.0f} s of being stopped.")
            time.sleep(0.2)
        return f"Stopped sweep {name}."

    def exit_code(self, name: str) -> int:
        """The driver's exit code; 4 for a stopped job, 6 for one that was lost."""
        job = self._job(name)
        if job.driver_exit_code is not None:
            return int(job.driver_exit_code)
        return {"SUCCEEDED": 0, "STOPPED": 4}.get(job.status.value, 6)

    def tail(self, name: str) -> None:
        """Prints the log as it comes, without status lines, until the job ends."""
        job = self._job(name)

        async def print_lines() -> None:
            rest = ""
            async for chunk in self.client.tail_job_logs(job.submission_id):
                *lines, rest = (rest + chunk).split("\n")
                _print_lines(lines)
            _print_lines([rest] if rest else [])

        with self._reach():
            asyncio.run(print_lines())

    def _job(self, name: str) -> Any:
        """The last job of a sweep."""
        if submission_id := self._submission_of(name):
            with self._reach():
                return self.client.get_job_info(submission_id)
        names = self.names()
        remedy = nearest(name, names) if names else "There are none yet: send one with `fxsweep submit`."
        raise InvalidInput(f"sweep '{name}': there is no such sweep on {self.address}. {remedy}")

    def _raw_log(self, name: str) -> str:
        with self._reach():
            return str(self.client.get_job_logs(self._job(name).submission_id))

    def _submission_of(self, name: str) -> str:
        """The id of a sweep's last job; "" without one."""
        return max((found for found in self._jobs() if _sweep_of(found) == name), key=_attempt, default="")

    def _jobs(self) -> dict[str, Any]:
        """All jobs that are sweeps, by their submission ids."""
        with self._reach():
            jobs = self.client.list_jobs()
        return {job.submission_id: job for job in jobs if (job.submission_id or "").startswith(JOB_PREFIX)}

    @contextmanager
    def _reach(self) -> Iterator[None]:
        from ray.exceptions import AuthenticationError

        try:
            yield
        except AuthenticationError as error:
            raise InvalidInput(refused_token(self.address, error.message)) from error
        except (ConnectionError, RuntimeError, OSError, ValueError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise InfrastructureLost(
                f"job server {self.address}: {reason[:300].rstrip('.')}. "
                "Is the cluster up (`ray start --head`), and the address its dashboard's?"
            ) from error


def _check_address(address: str) -> None:
    if urlsplit(address).scheme not in ("http", "https") or not has_host(address):
        remedy = "Give --address (or RAY_API_SERVER_ADDRESS) that of the cluster's dashboard, like http://127.0.0.1:8265"
        raise InvalidInput(f"job server '{without_password(address)}': the address must be http(s)://HOST:PORT. {remedy}")


def _sweep_of(submission_id: str) -> str:
    return submission_id.removeprefix(JOB_PREFIX).partition(".")[0]


def _attempt(submission_id: str) -> int:
    return int(submission_id.partition(".")[2] or 1)


def last_status(log: str) -> SweepStatus | None:
    """The last status in a driver's output; a line that is still being written doesn't count."""
    complete_lines = log[: log.rfind("\n") + 1].split("\n")
    printed = [line for line in complete_lines if line.startswith(STATUS_PREFIX)]
    return from_json(json.loads(printed[-1].removeprefix(STATUS_PREFIX))) if printed else None


def without_status(log: str) -> str:
    """A driver's output as people read it."""
    return "".join(line for line in log.splitlines(keepends=True) if not line.startswith(STATUS_PREFIX))


def _print_lines(lines: list[str]) -> None:
    for line in lines:
        if not line.startswith(STATUS_PREFIX):
            print(line, flush=True)


def follow(server: JobServer, name: str) -> int:
    """Streams a sweep's progress; returns its exit code. Ctrl-C leaves the sweep running."""
    try:
        server.tail(name)
    except KeyboardInterrupt:
        print(f"\nSweep {name} runs on. Stop it with: fxsweep stop {name} --address {server.address}")
        return 0
    while not server._job(name).status.is_terminal():
        time.sleep(0.2)
    return server.exit_code(name)


def _not_started(name: str, job: Any) -> SweepStatus:
    nowhere = {"uri": "", "experiment": "", "run_id": ""}
    started, message = (job.start_time or 0) / 1000, f"no trial yet; its job is {job.status.value.lower()}"
    return SweepStatus(name, "running", {"metric": "", "mode": "max"}, nowhere, started=started, message=message)


def _use_token_if_there_is_one() -> None:
    # Ray's client sends a token only if told to, though the cluster asks for one as soon as one exists.
    token = (
        os.environ.get("RAY_AUTH_TOKEN")
        or os.environ.get("RAY_AUTH_TOKEN_PATH")
        or Path("~/.ray/auth_token").expanduser().exists()
    )
    if token:
        os.environ.setdefault("RAY_AUTH_MODE", "token")
