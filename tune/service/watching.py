"""A submitted sweep, watched from afar until it ends. Ctrl-C ends the watching and leaves the sweep running."""

from __future__ import annotations

import sys
import time

from tune.errors import InfrastructureLost
from tune.service.submit import JobServer

PATIENCE_SECONDS = 60.0  # of a job server that doesn't answer: a laptop changes networks, a tunnel starts again


def follow(server: JobServer, name: str) -> int:
    """Streams a sweep's progress; returns its exit code."""
    try:
        server.tail(name)
    except KeyboardInterrupt:
        return _left(server, name)
    return wait(server, name, poll_seconds=0.2)


def wait(server: JobServer, name: str, poll_seconds: float = 2.0, patience_seconds: float = PATIENCE_SECONDS) -> int:
    """Waits, prints nothing, and returns the sweep's exit code.

    Raises:
        InfrastructureLost: the job server hasn't answered for so long.
    """
    answered = time.monotonic()
    try:
        while True:
            try:
                if server.has_ended(name):
                    return server.exit_code(name)
                answered = time.monotonic()
            except InfrastructureLost:
                if time.monotonic() - answered >= patience_seconds:
                    raise
            time.sleep(poll_seconds)
    except KeyboardInterrupt:
        return _left(server, name)


def _left(server: JobServer, name: str) -> int:
    print(f"\nSweep {name} runs on. Stop it with: fxsweep stop {name} --address {server.address}", file=sys.stderr)
    return 0
