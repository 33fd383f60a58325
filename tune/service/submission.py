"""What is sent to a cluster's job server: a request as a value, and the folder that goes with it."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trainables
import tune
from tune.driver.cluster import WORKER_ENVIRONMENT
from tune.errors import InvalidInput
from tune.ledger.code_version import VARIABLE as CODE_VERSION
from tune.ledger.code_version import code_version
from tune.sweep_file.spec import Sweep
from tune.sweep_file.yaml_text import document_text

JOB_PREFIX = "fxsweep-"
SWEEP_FILE = "sweep.yaml"


@dataclass(frozen=True)
class Submission:
    """What is sent: a value, to be looked at before it goes."""

    name: str
    submission_id: str
    entrypoint: str
    environment: dict[str, str]
    metadata: dict[str, str]
    sweep_text: str


def plan_submission(sweep: Sweep, name: str, home: str, python: str | None) -> Submission:
    """The request for one sweep; sends nothing.

    Args:
        home: folder of all sweeps, on the cluster.
        python: the cluster's interpreter; None takes this one's path where the cluster has it too, else `python`.

    Raises:
        InvalidInput: the sweep holds the address of a webhook, written out.
    """
    if sweep.notify.url and sweep.kept() != sweep.canonical():
        rule = "a cluster keeps a copy of what is sent to it, which is no place for a webhook's address"
        raise InvalidInput(f"notify.url: {rule}. Export it there as a variable, and write $NAME here.")
    verb = f"run {SWEEP_FILE} --name {shlex.quote(name)} --home {shlex.quote(home)} --status-lines"
    return _submission(name, JOB_PREFIX + name, verb, python, sweep.name, document_text(sweep.canonical()))


def plan_resumption(name: str, submission_id: str, home: str, python: str | None, verb: str) -> Submission:
    """The request to go on with a sweep whose folder is on the cluster; `verb` is `resume`, or `extend` with its options."""
    command, *options = verb.split(" ", 1)
    line = " ".join([command, shlex.quote(name), *options, "--home", shlex.quote(home), "--status-lines"])
    return _submission(name, submission_id, line, python, name, "")


def _submission(name: str, submission_id: str, verb: str, python: str | None, spec: str, sweep_text: str) -> Submission:
    interpreter = shlex.quote(python) if python else '"$PYTHON"'
    choose = "" if python else f'PYTHON={shlex.quote(sys.executable)}; [ -x "$PYTHON" ] || PYTHON=python; '
    return Submission(
        name=name,
        submission_id=submission_id,
        entrypoint=f"sh -c {shlex.quote(f'{choose}exec {interpreter} -m tune.cli {verb}')}",
        environment=WORKER_ENVIRONMENT | {CODE_VERSION: code_version()},  # the copy on the cluster is no checkout
        metadata={"sweep": name, "spec": spec},
        sweep_text=sweep_text,
    )


@contextmanager
def packed(submission: Submission) -> Iterator[Path]:
    """A folder with this project's two packages and the sweep file: what Ray uploads, well below its limit of 100 MiB."""
    with tempfile.TemporaryDirectory(prefix="fxsweep-") as made:
        folder = Path(made)
        for package in (tune, trainables):
            source = Path(str(package.__file__)).parent
            shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
        if submission.sweep_text:
            (folder / SWEEP_FILE).write_text(submission.sweep_text, encoding="utf-8")
        yield folder
