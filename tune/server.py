"""`fxsweep ui`: MLflow's own server for a local store, on this machine only, for as long as somebody looks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NoReturn
from urllib.request import urlopen

from tune.errors import InfrastructureLost, InvalidInput
from tune.links import runs_url
from tune.stores import CLIENT_ENVIRONMENT, Tracking

HOST = "127.0.0.1"
START_SECONDS = 120.0
STOP_SECONDS = 5.0
PORTS_TRIED = 20
ENVIRONMENT = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # saves eight processes and more than a gigabyte


def serve_ui(tracking: Tracking, port: int, experiment_id: str | None, open_browser: bool = False) -> None:
    """Serves the store until Ctrl-C or SIGTERM; prints the address of the runs table.

    Args:
        tracking: a local SQLite store.
        port: the first to try; the next free one is taken when it is in use.
        experiment_id: whose runs to show; None shows the start page.

    Raises:
        InvalidInput: the store is a server already, or no port is free.
        InfrastructureLost: the server doesn't start.
    """
    signal.signal(signal.SIGTERM, _leave)
    with suppress(KeyboardInterrupt), serving(tracking, free_port(port)) as (address, process):
        page = runs_url(address, experiment_id) if experiment_id else address
        print(f"{page}\nCtrl-C ends it.", flush=True)
        if open_browser:
            webbrowser.open(page)
        process.wait()
        raise InfrastructureLost(f"{address}: the server ended by itself (exit code {process.returncode}). Start it again.")


@contextmanager
def serving(tracking: Tracking, port: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server that answers, and is gone afterwards with every process that it started."""
    if tracking.database is None:
        raise InvalidInput(
            f"{tracking.uri}: this is not a local store. A tracking server shows its own pages: open {tracking.uri}"
        )
    tracking.database.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            _command(tracking, port),
            env=os.environ | CLIENT_ENVIRONMENT | ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            address = f"http://{HOST}:{port}"
            if not _answers(address, process):
                raise InfrastructureLost(f"{address}: MLflow's server did not start. Its last words: {_tail(log)}")
            yield address, process
        finally:
            _stop(process)


def free_port(first: int) -> int:
    """`first`, or the next port that nobody uses."""
    for port in range(first, first + PORTS_TRIED):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return port
    raise InvalidInput(f"ports {first} to {first + PORTS_TRIED - 1}: all are in use. Give another one with --port.")


def _command(tracking: Tracking, port: int) -> list[str]:
    artifacts = tracking.artifact_root or str(Path(str(tracking.database)).parent / "artifacts")
    store = ["--backend-store-uri", tracking.uri, "--artifacts-destination", artifacts]
    return [sys.executable, "-m", "mlflow", "server", *store, "--host", HOST, "--port", str(port), "--workers", "1"]


def _answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), urlopen(f"{address}/health", timeout=2.0):
            return True
        time.sleep(0.2)
    return False


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return " / ".join(log.read().decode(errors="replace").strip().splitlines()[-3:]) or "none"


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the server's own process group and nothing else."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)


def _leave(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
