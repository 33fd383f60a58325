"""Small jobs beside the sweeps: a verb that is run on the cluster's head, waited for, and told."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from tune.errors import InfrastructureLost
from tune.service.job_log import without_status
from tune.service.jobs import exit_code_of
from tune.service.submission import Place, Submission, entrypoint, job_environment
from tune.service.submit import JobServer

ERRAND_PREFIX = "fxerrand-"  # not that of sweeps, so that none is listed as one
ERRAND_SECONDS = 600.0


@dataclass(frozen=True)
class Done:
    """What came of an errand: its exit code, and what it said."""

    code: int
    said: str


def run_errand(server: JobServer, verb: str, place: Place, sweep_text: str = "", more: Mapping[str, str] | None = None) -> Done:
    """Runs `fxsweep VERB` on the head, with this machine's copy of the project.

    Args:
        more: variables of the job beside those that every job gets.

    Raises:
        InfrastructureLost: it has not ended within ten minutes.
    """
    submission_id = f"{ERRAND_PREFIX}{uuid.uuid4().hex[:12]}"
    environment = job_environment(submission_id) | dict(more or {})
    told = {"errand": verb.split(" ", 1)[0]}
    server.submit(Submission("", submission_id, entrypoint(verb, place.python), environment, told, sweep_text))
    end = time.monotonic() + ERRAND_SECONDS
    while not (job := server.any_job(submission_id)).status.is_terminal():
        if time.monotonic() > end:
            raise InfrastructureLost(f"job {submission_id}: has not ended within {ERRAND_SECONDS / 60:.0f} minutes.")
        time.sleep(0.3)
    return Done(exit_code_of(job), _said(server.any_log(submission_id)))


def _said(log: str) -> str:
    """Without what the job server itself wrote into the log."""
    said = (line for line in without_status(log).splitlines() if not line.startswith("Running entrypoint"))
    return "\n".join(line for line in said if " job_manager.py:" not in line)
