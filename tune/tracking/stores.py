"""Where the runs are kept: a SQLite file with a folder of artifacts beside it, or a tracking server. Imports no mlflow."""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

from tune.errors import InfrastructureLost, InvalidInput
from tune.tracking.admission import OTHER_WAYS, check_admission, credentials, tls

PROBE_SECONDS = 4.0
PASSWORD = re.compile(r"(?<=://)([^/@:\s]*):[^/@\s]+@")  # in an address: http://ada:secret@host
# Our own queue tries again, so that one call must fail soon; the addresses that MLflow prints would spoil --json; files go
# through the server, because who may talk to it may not reach the bucket behind it.
CLIENT_ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD": "false",
    "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD": "false",
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
    """The store that a user names by its address alone: a SQLite file keeps its artifacts beside itself.

    Raises:
        InvalidInput: the address can't work; whether anybody answers there isn't asked.
    """
    check_address(uri)
    database = Tracking(uri, None).database
    return Tracking(uri, str(database.parent / "artifacts") if database else None)


def without_password(text: str) -> str:
    """The text (an address, an error) with `***` for every password in an address, fit to be shown and kept."""
    return PASSWORD.sub(r"\1:***@", text)


def check_tracking(uri: str) -> None:
    """Refuses what can't work and what doesn't answer, within a few seconds.

    Raises:
        InvalidInput: as `check_address`; a server that isn't MLflow's, or wants another name and password.
        InfrastructureLost: a server that doesn't answer.
    """
    check_address(uri)
    if uri.startswith("http"):
        _probe(uri)


def check_address(uri: str) -> None:
    """Refuses an address that can't work, without asking anybody.

    Raises:
        InvalidInput: a file store, a relative path, an unknown scheme, no host.
    """
    scheme, shown = urlsplit(uri).scheme, without_password(uri)
    if scheme in ("http", "https"):
        _check_host(uri)
    elif scheme in ("", "file"):
        remedy = f"Use a database: sqlite:///{Path(urlsplit(uri).path).absolute()}/mlflow.db"
        raise InvalidInput(f"tracking address '{uri}': MLflow no longer keeps runs in a folder of files. {remedy}")
    elif scheme != "sqlite":
        raise InvalidInput(f"tracking address '{shown}': must be http(s)://HOST:PORT of an MLflow server, or sqlite:////PATH.")
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


def has_host(uri: str) -> bool:
    """Whether an address names a host, and no port that is none."""
    try:
        return bool(re.fullmatch(r"\S+", urlsplit(uri).hostname or "")) and urlsplit(uri).port != 0
    except ValueError:
        return False


def _check_host(uri: str) -> None:
    if not has_host(uri):
        raise InvalidInput(f"tracking address '{without_password(uri)}': must be http(s)://HOST:PORT of an MLflow server.")


def _probe(uri: str) -> None:
    shown = without_password(uri)
    remedy = "Start it (mlflow/README.md), correct the address, or leave it out to keep the runs in a local database."
    parts = urlsplit(uri)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
    try:
        context = tls(os.environ)
        with urlopen(f"{bare}/health", timeout=PROBE_SECONDS, context=context):
            pass
        if not any(os.environ.get(name) for name in OTHER_WAYS):
            check_admission(bare, shown, credentials(uri, os.environ, Path.home()), context, PROBE_SECONDS)
    except HTTPError as error:
        told = f"tracking server {shown}: it answers {error.code} {error.reason} to /health. {remedy}"
        raise (InfrastructureLost if error.code >= 500 else InvalidInput)(told) from error  # 5xx: it may recover
    except (OSError, ValueError, HTTPException) as error:
        raise InfrastructureLost(f"tracking server {shown}: it can't be reached ({error}). {remedy}") from error
