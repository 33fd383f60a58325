"""An S3-compatible server on loopback: moto's, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ray_heads import free_port

KEYS = {"AWS_ACCESS_KEY_ID": "laboratory", "AWS_SECRET_ACCESS_KEY": "not-to-be-told", "AWS_EC2_METADATA_DISABLED": "true"}
START_SECONDS = 120.0
SERVER = "from moto.server import main; import sys; main(sys.argv[1:])"


@dataclass(frozen=True)
class ObjectStore:
    """A server that is empty but for one bucket."""

    port: int
    bucket: str = "laboratory"

    def url(self, prefix: str = "sweeps") -> str:
        """Of a place in its bucket, as a sweep file has it."""
        return f"s3://{self.bucket}/{prefix}?endpoint_override=127.0.0.1:{self.port}&scheme=http&region=us-east-1"

    def objects(self) -> str:
        """What the bucket lists, as XML."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{self.bucket}?list-type=2", timeout=30) as answer:
            return str(answer.read().decode())


@contextmanager
def object_store() -> Iterator[ObjectStore]:
    store = ObjectStore(free_port())
    program = [sys.executable, "-c", SERVER, "-H", "127.0.0.1", "-p", str(store.port)]
    found = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}  # where this process finds modules
    process = subprocess.Popen(program, env=found, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _make_bucket(store, process)
        yield store
    finally:
        process.terminate()
        process.wait(30)


def _make_bucket(store: ObjectStore, process: subprocess.Popen[bytes]) -> None:
    request = urllib.request.Request(f"http://127.0.0.1:{store.port}/{store.bucket}", method="PUT")
    end = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(request, timeout=30):
            return
        time.sleep(0.2)
    raise AssertionError("the object store has not started: is moto[s3] installed?")
