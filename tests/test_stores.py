"""Addresses of tracking stores: what can't work is refused at once, what doesn't answer may answer later."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tune.errors import InfrastructureLost, InvalidInput
from tune.tracking.stores import check_address, check_tracking, set_environment, tracking_at, without_password


@contextmanager
def answering(status: int, beyond_health: int | None = None, body: str = "") -> Iterator[str]:
    """The address of a web server that answers so to whatever it is asked, or to all but /health in another way."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" or beyond_health is None else beyond_health)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("uri", "remedy"),
    [
        ("file:///tmp/runs", "sqlite:"),
        ("mlruns", "sqlite:"),
        ("sqlite:///a.db", "four"),
        ("postgresql://a@b/c", "http"),
        ("foo://bar", "http"),
        ("http://", "HOST:PORT"),
        ("http://host:port", "HOST:PORT"),
        ("https://host:99999", "HOST:PORT"),
    ],
)
def test_address_that_cannot_work_is_refused_with_the_remedy(uri: str, remedy: str) -> None:
    for refuse in (check_address, check_tracking, tracking_at):
        with pytest.raises(InvalidInput, match=remedy):
            refuse(uri)


def test_a_server_that_does_not_answer_is_lost_and_its_address_is_none_the_worse() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(InfrastructureLost, match="can't be reached"):
            check_tracking(address)
        assert tracking_at(address).uri == address


@pytest.mark.parametrize(
    ("status", "error"), [(404, InvalidInput), (403, InvalidInput), (500, InfrastructureLost), (503, InfrastructureLost)]
)
def test_a_server_that_refuses_is_wrong_and_one_that_fails_may_recover(status: int, error: type[Exception]) -> None:
    with answering(status) as host, pytest.raises(error, match=f"answers {status}"):
        check_tracking(f"http://{host}")


def test_a_password_in_an_address_is_not_shown_and_does_not_stand_in_the_way() -> None:
    with answering(200) as host:
        check_tracking(f"http://ada:secret@{host}/")
    with answering(404) as host, pytest.raises(InvalidInput) as refused:
        check_tracking(f"http://ada:secret@{host}/")
    assert "secret" not in str(refused.value) and f"http://ada:***@{host}" in str(refused.value)
    with pytest.raises(InvalidInput) as refused:
        check_address("postgresql://ada:secret@host/runs")
    assert "secret" not in str(refused.value)


def test_only_passwords_are_hidden() -> None:
    assert without_password("GET http://ada:s3:cret@host:5000/api failed") == "GET http://ada:***@host:5000/api failed"
    for plain in ("http://host:5000", "http://ada@host:5000", "sqlite:////runs/a@b:c.db", "at 12:30 a@b"):
        assert without_password(plain) == plain


def test_files_go_through_the_server_unless_somebody_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for way in ("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"):
        monkeypatch.delenv(way, raising=False)
        set_environment()
        assert os.environ[way] == "false"
        monkeypatch.setenv(way, "true")
        set_environment()
        assert os.environ[way] == "true"
