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
from tune.tracking.links import runs_url
from tune.tracking.runs import newest_sweep
from tune.tracking.stores import CLIENT_ENVIRONMENT, Tracking, default_tracking

HOST = "127.0.0.1"
START_SECONDS = 120.0
STOP_SECONDS = 5.0
PORTS_TRIED = 20
ENVIRONMENT = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # saves eight processes and more than a gigabyte


def serve_ui(home: Path, port: int, open_browser: bool = False) -> int:
    """Serves the local store until Ctrl-C or SIGTERM; prints the address of the newest sweep's runs.

    Args:
        home: the folder of all sweeps.
        port: the first to try; the next free one is taken when it is in use.

    Returns:
        Exit code 0: somebody ended it.

    Raises:
        InvalidInput: there is no store yet, or no port is free.
        InfrastructureLost: the server doesn't start, or ends by itself.
    """
    tracking = default_tracking(home)
    if not Path(str(tracking.database)).is_file():
        raise InvalidInput(
            f"home {home}: there are no runs in it yet. Start a sweep with `fxsweep run quickstart`, or name its --home."
        )
    newest = newest_sweep(tracking)
    signal.signal(signal.SIGTERM, _leave)
    with suppress(KeyboardInterrupt), serving(tracking, free_port(port)) as (address, process):
        page = runs_url(address, newest[0]) if newest else address
        print(f"{page}\nCtrl-C ends it.", flush=True)
        if open_browser:
            webbrowser.open(page)
        process.wait()
        raise InfrastructureLost(f"{address}: the server ended by itself (exit code {process.returncode}). Start it again.")
    return 0


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
