"""Whether a tracking server that asks for a name and a password gets the right ones, as MLflow sends them. Imports no mlflow."""

from __future__ import annotations

import base64
import configparser
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from tune.errors import InfrastructureLost, InvalidInput

QUESTION = "/api/2.0/mlflow/experiments/search?max_results=1"  # what every user may ask
FILE = Path(".mlflow", "credentials")  # in the home folder; MLflow reads it, too
NAME, PASSWORD, TOKEN = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"
OTHER_WAYS = ("MLFLOW_TRACKING_AUTH", "MLFLOW_TRACKING_AWS_SIGV4")  # plugins, which only MLflow can ask

FORBIDDEN = {  # the remedy, by MLflow's code for what a user may not do
    "UNAUTHENTICATED": f"Export {NAME} and {PASSWORD} (mlflow/README.md).",
    "PERMISSION_DENIED": "Who runs the server can allow it to you (mlflow/README.md, Users).",
}


@dataclass(frozen=True)
class Credentials:
    """What a request says of who makes it.

    Attributes:
        user: a name; empty of a token.
        header: the value of HTTP's Authorization; a secret.
    """

    user: str
    header: str


def credentials(uri: str, environment: Mapping[str, str], home: Path) -> Credentials | None:
    """Those that MLflow will send: of the address, else of the environment or ~/.mlflow/credentials, else a token."""
    parts = urlsplit(uri)
    if parts.username and parts.password is not None:
        return _basic(unquote(parts.username), unquote(parts.password))
    kept = _kept(home / FILE)
    user, password = (environment.get(name) or kept.get(name.lower(), "") for name in (NAME, PASSWORD))
    if user and password:
        return _basic(user, password)
    token = environment.get(TOKEN)
    return Credentials("", f"Bearer {token}") if token else None


def tls(environment: Mapping[str, str]) -> ssl.SSLContext:
    """As MLflow is told to check a server's certificate: by a file of authorities of its own, or not at all.

    Raises:
        OSError: there is no such file, or no certificate in it.
    """
    context = ssl.create_default_context(cafile=environment.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or None)
    if environment.get("MLFLOW_TRACKING_INSECURE_TLS", "").lower() in ("true", "1"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def check_admission(bare_uri: str, shown: str, own: Credentials | None, context: ssl.SSLContext, timeout_seconds: float) -> None:
    """Asks a server that is healthy for what everybody with a password may see.

    Args:
        bare_uri: the server's address without a name in it.
        shown: the address as it is told to people.

    Raises:
        InvalidInput: it refuses this name and password, or this name of its own.
        InfrastructureLost: it fails; it may recover.
    """
    headers = {"Authorization": own.header} if own else {}
    try:
        with urlopen(Request(bare_uri.rstrip("/") + QUESTION, headers=headers), timeout=timeout_seconds, context=context):
            pass
    except HTTPError as error:
        if refusal := _refusal(error, bare_uri, own):
            raise InvalidInput(f"tracking server {shown}: {refusal}") from error
        if error.code >= 500:
            raise InfrastructureLost(f"tracking server {shown}: it answers {error.code} {error.reason}.") from error


def _refusal(error: HTTPError, bare_uri: str, own: Credentials | None) -> str:
    """Why nothing can be done there, and what to do about it; empty if the server said something else."""
    if error.code == 401:
        told = f"it refuses the password of '{own.user}'" if own and own.user else "it asks for a name and a password"
        return f"{told}. Export {NAME} and {PASSWORD}; who runs the server has made them (mlflow/README.md)."
    if error.code == 403 and b"Host header" in error.read(1000):
        host = urlsplit(bare_uri).hostname
        return f"it does not answer to the name '{host}'. Add it to FXSWEEP_SERVER_NAMES there (mlflow/README.md)."
    return ""


def _basic(user: str, password: str) -> Credentials:
    return Credentials(user, "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())


def _kept(file: Path) -> Mapping[str, str]:
    parser = configparser.ConfigParser()
    try:
        parser.read(file, encoding="utf-8")
        return dict(parser["mlflow"]) if "mlflow" in parser else {}
    except (OSError, configparser.Error, UnicodeDecodeError):
        return {}  # MLflow says what is wrong with it
