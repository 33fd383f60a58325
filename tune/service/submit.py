"""Sweeps on a cluster, over its job server alone: submit, status, logs, stop.

The driver prints its status as lines in the job's log (console.py), so a laptop needs to reach nothing
but the job server's one port. Which job is whose is told by jobs.py.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from trainables.errors import nearest
from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.home import check_name, free_names
from tune.ledger.status import SweepStatus
from tune.planning.capacity import Cluster, Node
from tune.service.client import check_address, job_client, living_nodes, use_token_if_there_is_one
from tune.service.job_log import driver_has_ended, last_status, place_in_queue, without_status
from tune.service.jobs import (
    ENDED,
    attempt,
    exit_code_of,
    last_submission,
    same_sweep,
    state_of,
    sweep_jobs,
    sweep_names,
    told_by,
)
from tune.service.log_tail import LogPrinter, read_log
from tune.service.parcel import packed, size_bytes
from tune.service.refused_token import refused_token
from tune.service.submission import JOB_PREFIX, Submission
from tune.service.turns import Room, place_if_sent

STOP_SECONDS = 150.0  # Ray kills a driver that has not ended within RAY_JOB_STOP_WAIT_TIME_S, 3 by default


class AlreadyThere(InvalidInput):
    """A job of this id is there: somebody else was faster."""


class JobServer:
    """A cluster's job server. Every method may raise InfrastructureLost, and InvalidInput for want of its token.

    Raises:
        InvalidInput: no job server can have this address.
    """

    def __init__(self, address: str) -> None:
        check_address(address)
        self.address = address
        use_token_if_there_is_one()
        with self._reach():
            self.client = job_client(address)

    def submit(self, submission: Submission) -> int:
        """Sends it; returns the bytes of what went with it.

        Raises:
            AlreadyThere: a job of this id is there.
            InvalidInput: it is too much for the job server.
        """
        with packed(submission.sweep_text) as folder, self._reach():
            try:
                self.client.submit_job(
                    entrypoint=submission.entrypoint,
                    submission_id=submission.submission_id,
                    runtime_env={"working_dir": str(folder), "env_vars": submission.environment},
                    metadata=submission.metadata,
                )
            except RuntimeError as error:
                if "already exists" in str(error):
                    told = f"sweep '{submission.name}': somebody else has just sent it to {self.address}. Look: fxsweep list"
                    raise AlreadyThere(told) from error
                raise
            return size_bytes(folder)

    def cluster(self) -> Cluster:
        """What the nodes offer that live now."""
        with self._reach():
            return Cluster(tuple(_offered(node) for node in living_nodes(self.address)))

    def place_if_sent(self, told: Mapping[str, str], cluster: Cluster) -> int:
        """That in the queue, of a sweep that would be told by this (`submission.declared`); 0 if it would not wait."""
        return place_if_sent(self._jobs(), told, Room(cluster.cpus, cluster.gpus))

    def names(self) -> list[str]:
        """Sweeps on this cluster, oldest first."""
        return sweep_names(self._jobs())

    def same(self, content: str) -> str:
        """The sweep that was sent with this content already, and has not failed; "" without one."""
        return same_sweep(self._jobs(), content)

    def next_submission(self, name: str) -> tuple[str, Mapping[str, str]]:
        """The id of the job by which a sweep is taken up again, and what its last job was told by.

        Raises:
            InvalidInput: it is running.
        """
        jobs = self._jobs()
        before = last_submission(jobs, name)
        if not before:
            return JOB_PREFIX + name, {}
        if not self.has_ended(name):
            raise InvalidInput(f"sweep '{name}': is running on {self.address}. Stop it first: fxsweep stop {name}")
        return f"{JOB_PREFIX}{name}.{attempt(before) + 1}", told_by(jobs[before])

    def free_name(self, wanted: str, exact: str | None) -> str:
        """The first of NAME, NAME-2, ... that no sweep on the cluster has; `exact` is refused if taken."""
        check_name(exact or wanted)
        taken = set(self.names())
        if exact is not None and exact in taken:
            raise InvalidInput(f"sweep '{exact}': a sweep of this name is on {self.address} already. Give --name another one.")
        return exact or next(name for name in free_names(wanted) if name not in taken)

    def status(self, name: str) -> SweepStatus:
        """The last status its driver printed, corrected by what became of the job."""
        job, log = self.job(name), self._raw_log(name)
        status = last_status(log) or _not_started(name, job, place_in_queue(log))
        state = ENDED.get(job.status.value)
        if status.state == "running" and state is not None:
            ended = max(status.started, (job.end_time or 0) / 1000)
            status = status.ended_as("stopped" if state == "stopped" else "failed", ended, job.message or "")
        return status

    def log(self, name: str) -> str:
        """The driver's output without its status lines."""
        return without_status(self._raw_log(name))

    def stop(self, name: str) -> bool:
        """Stops a sweep and waits until its driver is gone; whether that had put everything in order by then."""
        job = self.job(name)
        if job.status.is_terminal():
            raise InvalidInput(f"sweep '{name}': is not running (its job is {job.status.value}). There is nothing to stop.")
        with self._reach():
            self.client.stop_job(job.submission_id)
        end = time.monotonic() + STOP_SECONDS
        while not self.has_ended(name):
            if time.monotonic() > end:
                raise InfrastructureLost(f"sweep '{name}': its job has not ended within {STOP_SECONDS:.0f} s of being stopped.")
            time.sleep(0.2)
        return driver_has_ended(self._raw_log(name))

    def has_ended(self, name: str) -> bool:
        return bool(self.job(name).status.is_terminal())

    def has_begun(self, name: str) -> bool:
        """Whether the driver of the last job has opened the sweep."""
        return last_status(self._raw_log(name)) is not None

    def exit_code(self, name: str) -> int:
        """The driver's exit code; 4 for a stopped job, 6 for one that was lost."""
        return exit_code_of(self.job(name))

    def tail(self, name: str, printer: LogPrinter) -> None:
        """Prints the log as it comes, without status lines and without what was printed before, until the job ends."""
        job = self.job(name)
        printer.restart()

        async def print_lines() -> None:
            await read_log(self.client.tail_job_logs(job.submission_id), printer.take, lambda: self.has_ended(name))

        with self._reach():
            asyncio.run(print_lines())

    def job(self, name: str) -> Any:
        """The last job of a sweep."""
        jobs = self._jobs()
        if submission_id := last_submission(jobs, name):
            return self.any_job(submission_id)
        names = sweep_names(jobs)
        remedy = nearest(name, names) if names else "There are none yet: send one with `fxsweep submit`."
        raise InvalidInput(f"sweep '{name}': there is no such sweep on {self.address}. {remedy}")

    def any_job(self, submission_id: str) -> Any:
        with self._reach():
            return self.client.get_job_info(submission_id)

    def any_log(self, submission_id: str) -> str:
        with self._reach():
            return str(self.client.get_job_logs(submission_id))

    def _raw_log(self, name: str) -> str:
        return self.any_log(self.job(name).submission_id)

    def _jobs(self) -> dict[str, Any]:
        with self._reach():
            return sweep_jobs(self.client.list_jobs())

    @contextmanager
    def _reach(self) -> Iterator[None]:
        from aiohttp import ClientError
        from ray.exceptions import AuthenticationError

        try:
            yield
        except AuthenticationError as error:
            raise InvalidInput(refused_token(self.address, error.message)) from error
        except (ClientError, ConnectionError, RuntimeError, OSError, ValueError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise InfrastructureLost(
                f"job server {self.address}: {reason[:300].rstrip('.')}. "
                "Is the cluster up (`ray start --head`), and the address its dashboard's?"
            ) from error


def _offered(node: Any) -> Node:
    has = node.resources_total or {}
    return Node(node.node_name or node.node_ip, *(int(has.get(kind, 0)) for kind in ("CPU", "GPU", "render")))


def _not_started(name: str, job: Any, place: int) -> SweepStatus:
    nowhere = {"uri": "", "experiment": "", "run_id": ""}
    waits = f"waits for its turn, number {place} in the queue" if place else f"its job is {job.status.value.lower()}"
    started, message = (job.start_time or 0) / 1000, f"no trial yet; {waits}"
    status = SweepStatus(name, "running", {"metric": "", "mode": "max"}, nowhere, started=started, message=message)
    return replace(status, queue_place=0 if state_of(job) != "running" else place)
