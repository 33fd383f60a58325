"""A tracking server that asks for a password: the right one goes in, any other is told of before a sweep begins."""

from __future__ import annotations

import base64
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNAUTHENTICATED
from mlflow.utils.credentials import get_default_host_creds
from small_sweep import SMALL, write_sweep
from test_stores import answering

from tune.cli import main
from tune.errors import InfrastructureLost, InvalidInput
from tune.tracking.admission import OTHER_WAYS, credentials
from tune.tracking.runs import is_hopeless, reaching
from tune.tracking.stores import Tracking, check_tracking

NAME, PASSWORD, TOKEN = "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"
PLAIN = "http://host:5000"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user without any credentials."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (NAME, PASSWORD, TOKEN, *OTHER_WAYS, "MLFLOW_TRACKING_SERVER_CERT_PATH", "MLFLOW_TRACKING_INSECURE_TLS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@contextmanager
def guarded(user: str, password: str, certificate: Path | None = None) -> Iterator[str]:
    """HOST:PORT of a server that is healthy for all and lets in one user; with TLS, if it has a certificate and its key."""
    wanted = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/health" or self.headers["Authorization"] == wanted else 401)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by itself, with its key."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a test")])
    own_address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    built = built.not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2120, 1, 1)).add_extension(own_address, False)
    kept = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(kept + built.sign(key, SHA256()).public_bytes(Encoding.PEM))
    return file


def keep(home: Path, text: str) -> None:
    (home / ".mlflow").mkdir(exist_ok=True)
    (home / ".mlflow" / "credentials").write_text(text)


def header(uri: str, environment: Mapping[str, str], home: Path) -> str | None:
    found = credentials(uri, environment, home)
    return found.header if found else None


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


def test_the_address_comes_before_the_environment_and_that_before_the_file_and_the_token(home: Path) -> None:
    own = {NAME: "ben", PASSWORD: "b", TOKEN: "t"}
    assert header(PLAIN, {}, home) is None
    keep(home, f"[mlflow]\n{NAME.lower()} = cay\n{PASSWORD.lower()} = c%%d\n")
    assert header("http://ada:a%40b@host:5000", own, home) == basic("ada:a@b")
    assert header(PLAIN, own, home) == basic("ben:b")
    assert header(PLAIN, {TOKEN: "t"}, home) == basic("cay:c%d")
    keep(home, "no section")
    assert header(PLAIN, {TOKEN: "t"}, home) == "Bearer t"
    assert header(PLAIN, {NAME: "ben"}, home) is None


@pytest.mark.parametrize("set_there", [{}, {NAME: "ben", PASSWORD: "b"}, {NAME: "ben"}, {TOKEN: "t"}], ids=len)
def test_mlflow_takes_the_same(set_there: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(home, f"[mlflow]\n{PASSWORD.lower()} = c\n")
    for name, value in set_there.items():
        monkeypatch.setenv(name, value)
    theirs = get_default_host_creds(PLAIN)
    said = basic(f"{theirs.username}:{theirs.password}") if theirs.username and theirs.password else None
    assert header(PLAIN, set_there, home) == (said or (f"Bearer {theirs.token}" if theirs.token else None))


def test_the_right_password_goes_in_from_wherever_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with guarded("ada", "s3cret") as host:
        check_tracking(f"http://ada:s3cret@{host}")
        keep(home, f"[mlflow]\n{NAME.lower()} = ada\n{PASSWORD.lower()} = s3cret\n")
        check_tracking(f"http://{host}/")
        keep(home, "")
        monkeypatch.setenv(NAME, "ada")
        monkeypatch.setenv(PASSWORD, "s3cret")
        check_tracking(f"http://{host}")


def test_no_password_and_a_wrong_one_are_told_apart_and_neither_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    with guarded("ada", "s3cret") as host:
        with pytest.raises(InvalidInput, match=f"asks for a name and a password. Export {NAME} and {PASSWORD}"):
            check_tracking(f"http://{host}")
        monkeypatch.setenv(NAME, "ada")
        monkeypatch.setenv(PASSWORD, "wr0ng")
        with pytest.raises(InvalidInput, match=r"refuses the password of 'ada'\. Export") as refused:
            check_tracking(f"http://{host}")
        assert "wr0ng" not in str(refused.value)
        with pytest.raises(InvalidInput, match=r"ben:\*\*\*@.* refuses the password of 'ben'"):
            check_tracking(f"http://ben:wr0ng@{host}")


def test_a_certificate_is_checked_as_mlflow_is_told_to(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with guarded("ada", "s3cret", certificate) as host:
        with pytest.raises(InfrastructureLost, match="CERTIFICATE_VERIFY_FAILED"):
            check_tracking(f"https://ada:s3cret@{host}")
        monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(certificate))
        check_tracking(f"https://ada:s3cret@{host}")
        with pytest.raises(InvalidInput, match="asks for a name"):
            check_tracking(f"https://{host}")
        monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", f"{certificate}.none")
        with pytest.raises(InfrastructureLost, match="No such file"):
            check_tracking(f"https://ada:s3cret@{host}")
        monkeypatch.delenv("MLFLOW_TRACKING_SERVER_CERT_PATH")
        monkeypatch.setenv("MLFLOW_TRACKING_INSECURE_TLS", "true")
        check_tracking(f"https://ada:s3cret@{host}")


def test_a_plugin_of_mlflow_is_left_to_mlflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_AUTH", "kubernetes")
    with guarded("ada", "s3cret") as host:
        check_tracking(f"http://{host}")


def test_a_server_that_does_not_know_its_name_is_told_with_the_remedy() -> None:
    with (
        answering(200, 403, "Invalid Host header - possible DNS rebinding attack detected") as host,
        pytest.raises(InvalidInput, match=r"does not answer to the name '127.0.0.1'. Add it to FXSWEEP_SERVER_NAMES"),
    ):
        check_tracking(f"http://{host}")


def test_a_server_whose_database_is_down_may_recover() -> None:
    with answering(200, 503) as host, pytest.raises(InfrastructureLost, match="answers 503"):
        check_tracking(f"http://{host}")


def test_what_is_not_allowed_is_the_users_and_what_fails_is_the_servers() -> None:
    store = Tracking("http://ada:s3cret@host", None)
    for code, remedy in ((PERMISSION_DENIED, "can allow it to you"), (UNAUTHENTICATED, NAME)):
        with pytest.raises(InvalidInput, match=rf"ada:\*\*\*@host: no\. .*{remedy}") as refused, reaching(store):
            raise MlflowException("no.", error_code=code)
        assert is_hopeless(refused.value)
    with pytest.raises(InfrastructureLost), reaching(store):
        raise MlflowException("too much", error_code=RESOURCE_EXHAUSTED)


def test_a_sweep_without_the_password_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_sweep(tmp_path, SMALL)
    with guarded("ada", "s3cret") as host:
        code = main(["run", str(file), "--home", str(tmp_path / "home"), "--set", f"tracking.uri=http://{host}"])
    said = capsys.readouterr().err
    assert (code, (tmp_path / "home").exists()) == (2, False)
    assert NAME in said and PASSWORD in said and "Traceback" not in said and len(said.strip().split("\n\n")) == 1
    assert said.count("tracking server") == 1
