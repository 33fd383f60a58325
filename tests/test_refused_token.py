"""Whom a job server lets in."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from small_sweep import fxsweep


class Guarded(BaseHTTPRequestHandler):
    """Answers nobody but who has another token, as a cluster does."""

    def do_GET(self) -> None:
        self.send_response(403 if self.headers.get("authorization") else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def guarded() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Guarded) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("token", "told"),
    [("", "asks for a token, and there is none here"), ("a" * 64, "refuses the token that it was sent")],
    ids=["missing", "wrong"],
)
def test_a_missing_and_a_wrong_token_are_told_with_the_remedy(guarded: str, token: str, told: str, tmp_path: Path) -> None:
    """In a process of its own, because Ray remembers a token that it has read."""
    given = {"RAY_AUTH_TOKEN": token} if token else {}
    done = fxsweep("list", "--address", guarded, HOME=str(tmp_path), **given)
    assert done.returncode == 2 and told in " ".join(done.stderr.split()), done.stderr
    assert "~/.ray/auth_token" in done.stderr and "unexpected" not in done.stderr
    assert not token or token not in done.stderr
