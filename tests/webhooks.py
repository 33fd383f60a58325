"""A webhook on loopback that is there, slow, or answers with errors; and an address at which there is none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "b7f3-do-not-tell"


@dataclass
class Webhook:
    """What arrived; `release` lets those that wait go on."""

    url: str = ""
    notes: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0
    release: threading.Event = field(default_factory=threading.Event)


@contextmanager
def webhook(answers: Sequence[int] = (), waits: bool = False) -> Iterator[Webhook]:
    """Args:
    answers: status codes of the first requests, 200 afterwards.
    waits: whether it answers nobody before it is released.
    """
    hook, codes = Webhook(), list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            hook.asked += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if waits:
                hook.release.wait()
            code = codes.pop(0) if codes else 200
            if code == 200:
                hook.notes.append(json.loads(body))
            self.send_response(code)
            if code in (301, 302, 307):
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *given: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads, block_on_close = True, False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        hook.url = f"http://127.0.0.1:{server.server_port}/hooks/{SECRET}"
        try:
            yield hook
        finally:
            hook.release.set()
            server.shutdown()


def nobody_there() -> str:
    """An address at which nobody listens any more."""
    with webhook() as hook:
        return hook.url
