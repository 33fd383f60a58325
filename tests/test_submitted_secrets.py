"""A real head whose environment holds secrets, and a machine that submits with others: none is to be found anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mlflow_servers import MlflowServer
from object_stores import ObjectStore, object_store
from processes import title
from ray_heads import RayHead
from small_sweep import changed, environment, facts, fxsweep, write_sweep
from webhooks import SECRET, Webhook, webhook

from trainables.stored_files import StoredFile, list_files, within

pytestmark = pytest.mark.slow

TOKEN = "planted-token-" + "0123456789abcdef" * 4
WITH_TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN}
ON_THE_HEAD = {
    "MLFLOW_TRACKING_PASSWORD": "planted-head-password",
    "AWS_ACCESS_KEY_ID": "planted-head-id",
    "AWS_SECRET_ACCESS_KEY": "planted-head-key",
    "AWS_SESSION_TOKEN": "planted-head-session",
}
IN_THE_ADDRESS = "planted-address-password"
HERE = {
    "MLFLOW_TRACKING_PASSWORD": "planted-password-here",
    "MLFLOW_TRACKING_URI": "http://me:planted-address-here@127.0.0.1:9",
    "AWS_SECRET_ACCESS_KEY": "planted-key-here",
    "LAB_HOOK": "http://127.0.0.1:9/planted-hook-here",
}
ASKING = {"RAY_AUTH_TOKEN": TOKEN}
PLANTED = tuple(
    secret.encode() for secret in (*ON_THE_HEAD.values(), *HERE.values(), "planted-address-here", IN_THE_ADDRESS, TOKEN, SECRET)
)
BRIEF = changed(train={"workers": 0, "max_epochs": 2}, budget={"trials": 2}, scheduler={"type": "none"})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    running = MlflowServer(tmp_path_factory.mktemp("mlflow"))
    yield running
    running.close()


@pytest.fixture(scope="module")
def hook() -> Iterator[Webhook]:
    with webhook() as there:
        yield there


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with object_store() as there:
        yield there


@pytest.fixture(scope="module")
def head(server: MlflowServer, hook: Webhook) -> Iterator[RayHead]:
    named = {
        "MLFLOW_TRACKING_URI": f"http://ada:{IN_THE_ADDRESS}@127.0.0.1:{server.port}",
        "LAB_HOOK": hook.url,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    head = RayHead(ON_THE_HEAD | WITH_TOKEN | named, ASKING)
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
    return subprocess.run(command, env=environment() | ASKING, capture_output=True, check=True).stdout


def planted_in(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[bytes]]:
    """Objects of the store that hold a secret; there must be some objects."""
    for name, value in ON_THE_HEAD.items():
        monkeypatch.setenv(name, value)
    names = [listed.name for listed in list_files(store.url())]
    assert any(name.endswith("trial.pt") for name in names) and any(name.endswith("sweep.yaml") for name in names)
    contents = {name: StoredFile(within(store.url(), *name.split("/"))).read_bytes() for name in names}
    found = {name: [secret for secret in PLANTED if secret in content] for name, content in contents.items()}
    return {name: secrets for name, secrets in found.items() if secrets}


def ended(head: RayHead) -> tuple[Any, bytes]:
    """The status of the sweep when it has ended, and the command lines of the cluster's processes until then."""
    given, seen = ("--address", head.address), b""
    while facts("status", "small", *given, **ASKING)["state"] == "running":
        seen += arguments_of(head)
        time.sleep(1)
    status = facts("status", "small", *given, **ASKING)
    assert status["state"] == "complete", fxsweep("logs", "small", *given, **ASKING).stdout
    return status, seen


def test_no_secret_is_in_arguments_jobs_logs_files_or_runs(
    head: RayHead, server: MlflowServer, store: ObjectStore, hook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, homes = ("--address", head.address), [tmp_path / "home", tmp_path / "another"]
    spec = BRIEF | {"storage": store.url(), "notify": {"url": "$LAB_HOOK", "on": ["ended"]}}
    sweep = str(write_sweep(tmp_path, spec))
    sent = fxsweep("submit", sweep, *given, "--home", str(homes[0]), "--json", **HERE, **ASKING)
    assert sent.returncode == 0, sent.stderr
    assert "AWS_SECRET_ACCESS_KEY, LAB_HOOK, MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_URI. Export" in sent.stderr
    status, seen = ended(head)
    assert status["mlflow"]["uri"] == f"http://ada:***@127.0.0.1:{server.port}"  # the head's own address was used
    assert [note["event"] for note in hook.notes] == ["ended"]  # and its webhook
    from_storage = ("--home", str(homes[1]), "--storage", store.url(), "--wait")
    more = fxsweep("extend", "small", "--trials", "1", *given, *from_storage, **HERE, **ASKING)
    assert more.returncode == 0, more.stderr + fxsweep("logs", "small", *given, **ASKING).stdout
    again, _ = ended(head)
    assert [trial["state"] for trial in again["trials"]] == ["complete"] * 3, "it went on from its storage"
    shown = [sent.stdout, sent.stderr, more.stdout, more.stderr, json.dumps([status, again])]
    shown += [fxsweep(verb, "small", *given, **ASKING).stdout for verb in ("logs", "status")]
    jobs = in_jobs(head.address)
    assert b"tune.cli" in seen and b"fxsweep-small.2" in jobs
    assert [secret for secret in PLANTED if secret in seen + jobs + "".join(shown).encode()] == []
    kept = [*homes, Path(head.temporary), Path(str(server.tracking.database)).parent]
    assert [planted_below(folder) for folder in kept] == [{}, {}, {}, {}]
    assert planted_in(store, monkeypatch) == {}


def test_a_secret_that_lies_in_a_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "log").write_text(f"password {IN_THE_ADDRESS}")
    assert planted_below(tmp_path) == {str(tmp_path / "log"): [IN_THE_ADDRESS.encode()]}
    assert os.environ.get("MLFLOW_TRACKING_PASSWORD") is None
