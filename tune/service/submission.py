"""A sweep as a request to a cluster's job server: a value, made without asking anybody."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from trainables.corpus.synthetic import SYNTHETIC
from trainables.digests import digest
from tune.driver.cluster import WORKER_ENVIRONMENT
from tune.errors import InvalidInput
from tune.ledger.code_version import VARIABLE as CODE_VERSION
from tune.ledger.code_version import code_version
from tune.planning.capacity import at_once, cpus_per_trial, gpus_per_trial
from tune.service.parcel import SWEEP_FILE
from tune.service.versions import SUBMITTED_FROM, versions_here
from tune.sweep_file.spec import Sweep
from tune.sweep_file.yaml_text import document_text
from tune.tracking.stores import without_password

JOB_PREFIX = "fxsweep-"
GRACE, GRACE_SECONDS = "RAY_JOB_STOP_WAIT_TIME_S", "30"  # between SIGTERM and SIGKILL; Ray's own default is 3
SUBMISSION_ID = "FXSWEEP_SUBMISSION_ID"  # by which a driver knows itself among the jobs


@dataclass(frozen=True)
class Submission:
    """What is sent: a value, to be looked at before it goes."""

    name: str
    submission_id: str
    entrypoint: str
    environment: dict[str, str]
    metadata: dict[str, str]
    sweep_text: str


@dataclass(frozen=True)
class Place:
    """Where a sweep runs.

    Attributes:
        home: folder of all sweeps, on the cluster.
        python: the cluster's interpreter; None takes this one's path where the cluster has it too, else `python`.
    """

    home: str
    python: str | None = None


def plan_submission(sweep: Sweep, name: str, place: Place, wanted: str = "") -> Submission:
    """The request for one sweep; sends nothing.

    Args:
        wanted: the name that was asked for, of which `name` may be a numbered one.

    Raises:
        InvalidInput: the sweep holds a secret, or a path of this machine.
    """
    _check_no_secret(sweep)
    _check_audio(sweep.audio.path)
    verb = f"run {SWEEP_FILE} --name {shlex.quote(name)} --home {shlex.quote(place.home)} --status-lines"
    told = {"spec": sweep.name, "content": content_of(sweep, wanted or name, place.home)} | declared(sweep)
    return _submission(name, JOB_PREFIX + name, verb, place, told, document_text(sweep.canonical()))


def plan_resumption(name: str, submission_id: str, place: Place, verb: str, before: Mapping[str, str]) -> Submission:
    """The request to go on with a sweep whose folder is on the cluster.

    Args:
        verb: `resume`, or `extend` with its options.
        before: what the sweep's last job was told by; empty where there is none.
    """
    command, *options = verb.split(" ", 1)
    line = " ".join([command, shlex.quote(name), *options, "--home", shlex.quote(place.home), "--status-lines"])
    return _submission(name, submission_id, line, place, {"spec": name} | dict(before), "")


def content_of(sweep: Sweep, wanted: str, home: str) -> str:
    """What makes two submissions the same: all settings of the sweep, the name that was asked for, and where it runs."""
    return digest({"sweep": sweep.canonical(), "name": wanted, "home": home})


def declared(sweep: Sweep) -> dict[str, str]:
    """What a job is told by, so that others know what its sweep takes: `concurrency` trials at once, else all of them."""
    trials = at_once(sweep, sweep.budget.trials)
    cpus, gpus = trials * cpus_per_trial(sweep.train), trials * gpus_per_trial(sweep.train)
    return {"cpus": str(cpus), "gpus": str(gpus), "priority": str(sweep.priority)}


def _submission(name: str, submission_id: str, verb: str, place: Place, told: Mapping[str, str], sweep_text: str) -> Submission:
    return Submission(
        name=name,
        submission_id=submission_id,
        entrypoint=entrypoint(verb, place.python),
        environment=job_environment(submission_id),
        metadata=dict(told) | {"sweep": name, "home": place.home, "python": place.python or ""},
        sweep_text=sweep_text,
    )


def job_environment(submission_id: str) -> dict[str, str]:
    """What every job is told by variables: never a secret, since whoever has the token can read them."""
    # Ray's job supervisor runs in the job's own environment, so that the grace period need not be the cluster's.
    grace = {GRACE: os.environ.get(GRACE, GRACE_SECONDS)}
    told = grace | {CODE_VERSION: code_version(), SUBMISSION_ID: submission_id, SUBMITTED_FROM: versions_here()}
    return WORKER_ENVIRONMENT | told  # the copy of the code on the cluster is no checkout


def entrypoint(verb: str, python: str | None) -> str:
    """The command line of a job that runs a verb of fxsweep's."""
    interpreter = shlex.quote(python) if python else '"$PYTHON"'
    choose = "" if python else f'PYTHON={shlex.quote(sys.executable)}; [ -x "$PYTHON" ] || PYTHON=python; '
    return f"sh -c {shlex.quote(f'{choose}exec {interpreter} -m tune.cli {verb}')}"


def _check_no_secret(sweep: Sweep) -> None:
    rule = "a cluster keeps a copy of what is sent to it, which is no place for a"
    if sweep.notify.url and sweep.kept() != sweep.canonical():
        raise InvalidInput(f"notify.url: {rule} webhook's address. Export it there as a variable, and write $NAME here.")
    uri = sweep.tracking.uri or ""
    if (shown := without_password(uri)) != uri:
        remedy = "Leave it out here, and export MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD where `ray start` runs."
        raise InvalidInput(f"tracking.uri {shown}: {rule} password. {remedy}")


def _check_audio(path: str) -> None:
    if path == SYNTHETIC or path.startswith("~") or PurePosixPath(path).is_absolute():
        return
    rule = "recordings are not sent, and a relative path means nothing on a cluster"
    raise InvalidInput(f"audio.path '{path}': {rule}. Give the folder's absolute path there, or one from ~.")
