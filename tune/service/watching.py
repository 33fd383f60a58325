"""A submitted sweep, watched from afar until it ends. Ctrl-C ends the watching and leaves the sweep running."""

from __future__ import annotations

import sys
import time

from tune.errors import InfrastructureLost
from tune.service.log_tail import LogPrinter
from tune.service.submit import JobServer

PATIENCE_SECONDS = 600.0  # of a job server that doesn't answer: a laptop changes networks, a tunnel starts again
RETRY_SECONDS = 1.0


def follow(server: JobServer, name: str, retry_seconds: float = RETRY_SECONDS, patience_seconds: float = PATIENCE_SECONDS) -> int:
    """Streams a sweep's progress, again after a link that was cut; returns its exit code.

    Raises:
        InfrastructureLost: the job server hasn't answered for so long.
    """
    printer = LogPrinter()
    try:
        _print_all(server, name, printer, retry_seconds, patience_seconds)
    except KeyboardInterrupt:
        return _left(server, name)
    printer.close()
    return wait(server, name, poll_seconds=0.2, patience_seconds=patience_seconds)


def _print_all(server: JobServer, name: str, printer: LogPrinter, retry_seconds: float, patience_seconds: float) -> None:
    answered, ended = time.monotonic(), False
    while not ended:
        printed = printer.printed
        try:
            server.tail(name, printer)
            ended = server.has_ended(name)  # else the job server has ended, or was started again
            answered = time.monotonic()
        except InfrastructureLost:
            answered = time.monotonic() if printer.printed > printed else answered
            if time.monotonic() - answered >= patience_seconds:
                raise
        if not ended:
            time.sleep(retry_seconds)


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
