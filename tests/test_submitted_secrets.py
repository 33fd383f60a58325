"""A real head whose environment holds secrets, and a machine that submits with others: none is to be found anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow_servers import MlflowServer
from processes import title
from ray_heads import RayHead
from small_sweep import changed, environment, facts, fxsweep, write_sweep

pytestmark = pytest.mark.slow

ON_THE_HEAD = {"MLFLOW_TRACKING_PASSWORD": "planted-head-password", "AWS_SECRET_ACCESS_KEY": "planted-head-key"}
IN_THE_ADDRESS = "planted-address-password"
HERE = {"MLFLOW_TRACKING_PASSWORD": "planted-password-here", "AWS_SECRET_ACCESS_KEY": "planted-key-here"}
PLANTED = tuple(value.encode() for value in (*ON_THE_HEAD.values(), *HERE.values(), IN_THE_ADDRESS))
BRIEF = changed(train={"workers": 0, "max_epochs": 2}, budget={"trials": 2}, scheduler={"type": "none"})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    running = MlflowServer(tmp_path_factory.mktemp("mlflow"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def head(server: MlflowServer) -> Iterator[RayHead]:
    address = f"http://ada:{IN_THE_ADDRESS}@127.0.0.1:{server.port}"
    head = RayHead(ON_THE_HEAD | {"MLFLOW_TRACKING_URI": address})
    try:
        head.start()
        yield head
    finally:
        head.stop()


def planted_below(folder: Path) -> dict[str, list[bytes]]:
    """Files that hold a secret, with what they hold."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            found[str(path)] = [secret for secret in PLANTED if secret in content]
    assert found, folder
    return {path: secrets for path, secrets in found.items() if secrets}


def arguments_of(head: RayHead) -> bytes:
    """The command lines of all processes on the cluster."""
    return "\n".join(title(process) for process in head.processes()).encode()


PROGRAM = """
import sys
from tune.service.client import job_client, use_token_if_there_is_one
use_token_if_there_is_one()
client = job_client(sys.argv[1])
for job in client.list_jobs():
    print(vars(job), client.get_job_logs(job.submission_id) if job.submission_id else "")
"""


def in_jobs(address: str) -> bytes:
    """All that the job server tells of its jobs to whoever has the token."""
    command = [sys.executable, "-c", PROGRAM, address]
    return subprocess.run(command, env=environment(), capture_output=True, check=True).stdout


def test_no_secret_is_in_arguments_jobs_logs_files_or_runs(head: RayHead, server: MlflowServer, tmp_path: Path) -> None:
    home, seen = tmp_path / "home", b""
    given = ("--address", head.address)
    sent = fxsweep("submit", str(write_sweep(tmp_path, BRIEF)), *given, "--home", str(home), "--json", **HERE)
    assert sent.returncode == 0, sent.stderr
    assert "AWS_SECRET_ACCESS_KEY, MLFLOW_TRACKING_PASSWORD. Export" in sent.stderr
    while facts("status", "small", *given)["state"] == "running":
        seen += arguments_of(head)
        time.sleep(1)
    status = facts("status", "small", *given)
    assert status["state"] == "complete", fxsweep("logs", "small", *given).stdout
    assert status["mlflow"]["uri"] == f"http://ada:***@127.0.0.1:{server.port}"  # the head's own address was used
    shown = [sent.stdout, sent.stderr, json.dumps(status), fxsweep("logs", "small", *given).stdout]
    jobs = in_jobs(head.address)
    assert b"tune.cli" in seen and b"fxsweep-small" in jobs
    assert [secret for secret in PLANTED if secret in seen + jobs + "".join(shown).encode()] == []
    kept = [home, Path(head.temporary), Path(str(server.tracking.database)).parent]
    assert [planted_below(folder) for folder in kept] == [{}, {}, {}]


def test_a_secret_that_lies_in_a_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f"password {IN_THE_ADDRESS}")
    assert planted_below(tmp_path) == {str(tmp_path / "log"): [IN_THE_ADDRESS.encode()]}
    assert os.environ.get("MLFLOW_TRACKING_PASSWORD") is None
