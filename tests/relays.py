"""A tracking server that is there and gone again, without being started again and again."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tune.tracking.stores import Tracking


@contextmanager
def relay(server: Tracking, port: int) -> Iterator[Tracking]:
    """The server under another address, which is dead outside of the block, with every connection cut."""
    target, open_sockets = urlsplit(server.uri), list[socket.socket]()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((target.hostname, target.port)) as onward:
                open_sockets.extend([self.request, onward])
                back = threading.Thread(target=pump, args=(onward, self.request), daemon=True)
                back.start()
                pump(self.request, onward)
                back.join()

    class Listener(socketserver.ThreadingTCPServer):
        allow_reuse_address, daemon_threads, block_on_close = True, True, False

    with Listener(("127.0.0.1", port), Handler) as listener:
        threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Tracking(f"http://127.0.0.1:{port}", None)
        listener.shutdown()
    for opened in open_sockets:
        with suppress(OSError):
            opened.shutdown(socket.SHUT_RDWR)


def pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
