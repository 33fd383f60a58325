"""Where the runs are kept: a SQLite file with a folder of artifacts beside it, or a tracking server. Imports no mlflow."""

from __future__ import annotations

import logging
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

from tune.errors import InfrastructureLost, InvalidInput

PROBE_SECONDS = 4.0
# Our own queue tries again, so that one call must fail soon; the addresses that MLflow prints would spoil --json.
CLIENT_ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}


@dataclass(frozen=True)
class Tracking:
    """An MLflow tracking store.

    Attributes:
        uri: `sqlite:////absolute/path.db`, or `http(s)://host:port`.
        artifact_root: the folder of the artifacts; None when the server looks after them.
    """

    uri: str
    artifact_root: str | None

    @property
    def database(self) -> Path | None:
        """The SQLite file, if it is one."""
        return Path(self.uri.removeprefix("sqlite:///")) if self.uri.startswith("sqlite:") else None


def default_tracking(home: Path) -> Tracking:
    """`home`/mlflow.db and `home`/artifacts."""
    home = home.absolute()
    return Tracking(uri=f"sqlite:///{home}/mlflow.db", artifact_root=str(home / "artifacts"))


def tracking_at(uri: str) -> Tracking:
    """The store that a user names by its address alone: a SQLite file keeps its artifacts beside itself."""
    check_tracking(uri)
    database = Tracking(uri, None).database
    return Tracking(uri, str(database.parent / "artifacts") if database else None)


def check_tracking(uri: str) -> None:
    """Refuses what can't work, within a few seconds.

    Raises:
        InvalidInput: a file store or a relative path.
        InfrastructureLost: a server that doesn't answer.
    """
    scheme = urlsplit(uri).scheme
    if scheme in ("http", "https"):
        _probe(uri)
    elif scheme in ("", "file"):
        remedy = f"Use a database: sqlite:///{Path(urlsplit(uri).path).absolute()}/mlflow.db"
        raise InvalidInput(f"tracking address '{uri}': MLflow no longer keeps runs in a folder of files. {remedy}")
    elif scheme != "sqlite":
        raise InvalidInput(f"tracking address '{uri}': must be http(s)://HOST:PORT of an MLflow server, or sqlite:////PATH.")
    elif not uri.startswith("sqlite:////"):
        absolute = Path(uri.removeprefix("sqlite:///")).absolute()
        raise InvalidInput(f"tracking address '{uri}': the path must be absolute (four slashes). Use sqlite:///{absolute}")


def set_environment() -> None:
    """Short HTTP calls, nothing printed, no telemetry. Call it before mlflow is imported: telemetry starts with the import."""
    for name, value in CLIENT_ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    for logger in ("mlflow.store.db.utils", "alembic.runtime.migration"):  # every step of making a database
        logging.getLogger(logger).setLevel(logging.WARNING)


def prepare(tracking: Tracking) -> None:
    """Sets this process up to talk to the store, and makes the folder of its database."""
    set_environment()
    if tracking.database is not None:
        tracking.database.parent.mkdir(parents=True, exist_ok=True)


def use_write_ahead_log(tracking: Tracking) -> None:
    """Lets readers (the UI) and the writer work side by side; the setting stays in the file."""
    if tracking.database is not None:
        connection = sqlite3.connect(tracking.database, timeout=20.0)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()


def _probe(uri: str) -> None:
    remedy = "Start it (mlflow/README.md), correct the address, or leave it out to keep the runs in a local database."
    try:
        with urlopen(f"{uri.rstrip('/')}/health", timeout=PROBE_SECONDS):
            pass
    except HTTPError as error:
        raise InfrastructureLost(f"tracking server {uri}: it answers {error.code} {error.reason} to /health. {remedy}") from error
    except (OSError, ValueError) as error:
        raise InfrastructureLost(f"tracking server {uri}: it can't be reached ({error}). {remedy}") from error
