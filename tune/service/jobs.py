"""Ray's jobs as sweeps: which job is whose, and what its state means.

A sweep's job is called `fxsweep-NAME`; Ray refuses a second one. Each time the sweep is taken up again it is a job of its
own, `fxsweep-NAME.2` and so on, and the last one speaks for the sweep.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tune.ledger.status import TrialState
from tune.service.submission import JOB_PREFIX

ENDED: dict[str, TrialState] = {"SUCCEEDED": "complete", "FAILED": "failed", "STOPPED": "stopped"}
OWN_CODES = range(8)  # exit codes that fxsweep gives itself; what kills a process makes others


def sweep_of(submission_id: str) -> str:
    return submission_id.removeprefix(JOB_PREFIX).partition(".")[0]


def attempt(submission_id: str) -> int:
    return int(submission_id.partition(".")[2] or 1)


def sweep_jobs(jobs: Iterable[Any]) -> dict[str, Any]:
    """The jobs that are sweeps, by their submission ids."""
    return {job.submission_id: job for job in jobs if (job.submission_id or "").startswith(JOB_PREFIX)}


def sweep_names(jobs: Mapping[str, Any]) -> list[str]:
    """The sweeps that those jobs are, oldest first."""
    by_age = sorted(jobs.values(), key=lambda job: job.start_time or 0)
    return list(dict.fromkeys(sweep_of(job.submission_id) for job in by_age))


def last_submission(jobs: Mapping[str, Any], name: str) -> str:
    """The id of a sweep's last job; "" without one."""
    return max((found for found in jobs if sweep_of(found) == name), key=attempt, default="")


def told_by(job: Any) -> dict[str, str]:
    """What a job was told of itself when it was sent."""
    return dict(getattr(job, "metadata", None) or {})


def same_sweep(jobs: Mapping[str, Any], content: str) -> str:
    """The sweep that was sent with the same content and has not failed; "" without one, and the last of several."""
    names = [name for name in sweep_names(jobs) if any(_is(job, name, content) for job in jobs.values())]
    alive = [name for name in names if state_of(jobs[last_submission(jobs, name)]) != "failed"]
    return alive[-1] if alive else ""


def state_of(job: Any) -> TrialState:
    """As the job server has it; one that waits to be started is running."""
    return ENDED.get(job.status.value, "running")


def exit_code_of(job: Any) -> int:
    """The driver's exit code; 4 for a stopped job, 6 for one that was lost."""
    own = job.driver_exit_code
    if own is not None and own in OWN_CODES:
        return int(own)
    return 6 if own is not None else {"SUCCEEDED": 0, "STOPPED": 4}.get(job.status.value, 6)


def _is(job: Any, name: str, content: str) -> bool:
    return sweep_of(job.submission_id) == name and told_by(job).get("content") == content
