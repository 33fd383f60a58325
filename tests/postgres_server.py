"""A real Postgres, Debian's, on loopback and with passwords, in a folder of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg2

START_SECONDS = 120.0


def binary(name: str) -> str:
    """A program of the newest Postgres that is installed."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return str(folders[-1] / name)


class Postgres:
    """Runs from its making on, until `close`. The user `mlflow`, who is no superuser, owns every database of `create`."""

    def __init__(self, port: int) -> None:
        self.port, self.folder = port, Path(tempfile.mkdtemp(prefix="fxsweep-postgres-"))
        self.password = f"a:b\\{secrets.token_hex(12)}"  # what needs care in libpq's own file of passwords
        self.password_file = self._secret("password", self.password)
        owner = self._secret("owner", secrets.token_hex(12))
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:  # which Postgres refuses to run as
            self._user = {"user": "postgres", "group": "postgres", "extra_groups": []}
            for path in (self.folder, owner):
                shutil.chown(path, "postgres", "postgres")
        admission = ["--username", "owner", "--pwfile", "owner", "--auth", "scram-sha-256"]
        self._run("initdb", "--pgdata", "data", "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8", *admission)
        self._owner_password = owner.read_text()
        self._process = self._start()
        self._as_owner(f"create role mlflow login password '{self.password}'")
        self.create("mlflow")

    def url(self, database: str = "mlflow") -> str:
        """As `FXSWEEP_SERVER_DATABASE` has it: without the password."""
        return f"postgresql://mlflow@127.0.0.1:{self.port}/{database}"

    def owner(self) -> dict[str, str]:
        """By which Postgres's own programs act as its superuser."""
        place = {"PGHOST": "127.0.0.1", "PGPORT": str(self.port)}
        return place | {"PGUSER": "owner", "PGPASSWORD": self._owner_password}

    def create(self, database: str) -> None:
        self._as_owner(f"create database {database} owner mlflow")

    def rows(self, query: str, database: str = "mlflow") -> list[tuple[Any, ...]]:
        connection = psycopg2.connect(self.url(database), password=self.password)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return list(cursor.fetchall())
        finally:
            connection.close()

    def close(self) -> None:
        self._process.send_signal(signal.SIGINT)  # disconnects everybody
        self._process.wait()
        shutil.rmtree(self.folder)

    def _secret(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def _run(self, name: str, *arguments: str) -> None:
        command = [binary(name), *arguments]
        subprocess.run(command, cwd=self.folder, capture_output=True, check=True, timeout=START_SECONDS, **self._user)

    def _start(self) -> subprocess.Popen[bytes]:
        where = ["-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [binary("postgres"), "-D", "data", *where], cwd=self.folder, stdout=log, stderr=log, **self._user
            )
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run(self.ready_command(), capture_output=True, check=False).returncode != 0:
            assert process.poll() is None and time.monotonic() < deadline, (self.folder / "log").read_text()
            time.sleep(0.1)
        return process

    def ready_command(self) -> list[str]:
        return [binary("pg_isready"), "--host", "127.0.0.1", "--port", str(self.port)]

    def _as_owner(self, statement: str) -> None:
        place = {"host": "127.0.0.1", "port": self.port, "dbname": "postgres"}
        connection = psycopg2.connect(user="owner", password=self._owner_password, **place)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
        finally:
            connection.close()
