"""The tracking server with its artifacts in a bucket: only the server has its keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from object_stores import KEYS, ObjectStore, object_store
from tracking_servers import TrackingServer, run_script

from tune.tracking.server import free_port

pytestmark = pytest.mark.slow
CREDENTIALS = """[default]
aws_access_key_id = {AWS_ACCESS_KEY_ID}
aws_secret_access_key = {AWS_SECRET_ACCESS_KEY}
"""


@pytest.fixture
def store() -> Iterator[ObjectStore]:
    with object_store() as started:
        yield started


@pytest.fixture
def server(store: ObjectStore, tmp_path: Path) -> Iterator[TrackingServer]:
    keys = tmp_path / "s3_credentials"
    keys.write_text(CREDENTIALS.format(**KEYS))
    bucket = {
        "FXSWEEP_SERVER_ARTIFACTS": f"s3://{store.bucket}/runs",
        "MLFLOW_S3_ENDPOINT_URL": f"http://127.0.0.1:{store.port}",
        "AWS_SHARED_CREDENTIALS_FILE": keys,
    }
    running = TrackingServer(tmp_path / "server", free_port(5470), bucket)
    yield running
    running.close()


def test_artifacts_go_through_the_server_into_the_bucket_and_back(
    server: TrackingServer, store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (*KEYS, "AWS_SHARED_CREDENTIALS_FILE", "MLFLOW_S3_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "false")  # as fxsweep does: all goes through the server
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "admin")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", server.admin_password)
    client = MlflowClient(tracking_uri=server.address)
    run = client.create_run(client.create_experiment("bucket"))
    client.log_text(run.info.run_id, "a text", "notes/a.txt")
    got = Path(client.download_artifacts(run.info.run_id, "notes/a.txt", str(tmp_path)))
    assert got.read_text() == "a text" and str(run.info.artifact_uri).startswith("mlflow-artifacts:/")
    assert f"{run.info.run_id}/artifacts/notes/a.txt" in store.objects()
    assert not any((server.folder / "artifacts").rglob("*"))
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in server.log.read_text()
    backup = run_script(f"mlflow/backup {tmp_path}/backups", server.settings)
    assert backup.returncode == 0 and f"s3://{store.bucket}/runs is not copied" in backup.stderr
