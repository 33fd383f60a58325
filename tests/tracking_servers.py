"""`mlflow/serve` as people start it: a process of its own, on loopback, which can be killed and started again."""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from small_sweep import environment

ROOT = Path(__file__).parent.parent
START_SECONDS = 180.0
QUESTION = "/api/2.0/mlflow/experiments/search?max_results=1"


def server_environment(settings: Mapping[str, object]) -> dict[str, str]:
    """A user's own, with these settings and no others."""
    named = {"FXSWEEP_SERVER_SETTINGS": os.devnull, "FXSWEEP_SERVER_PYTHON": sys.executable}
    plain = {name: value for name, value in environment().items() if not name.startswith(("PG", "PYTEST_"))}
    return plain | named | {name: str(value) for name, value in settings.items()}


def run_script(command: str, settings: Mapping[str, object]) -> subprocess.CompletedProcess[str]:
    """A line, or several, for a shell at the project's root."""
    return subprocess.run(
        ["bash", "-euc", command], cwd=ROOT, env=server_environment(settings), capture_output=True, text=True, check=False,
        timeout=START_SECONDS,
    )  # fmt: skip


class TrackingServer:
    """Runs from its making on, until `close`; what it says is appended to `log`."""

    def __init__(self, folder: Path, port: int, settings: Mapping[str, object], command: str = "mlflow/serve") -> None:
        self.folder, self.port, self.log, self._command = folder, port, folder.parent / f"{folder.name}.log", command
        places = {"FXSWEEP_SERVER_FOLDER": folder, "FXSWEEP_SERVER_HOST": "127.0.0.1", "FXSWEEP_SERVER_PORT": port}
        self.settings = {**settings, **places}
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ini(self) -> Path:
        return self.folder / "secrets" / "basic_auth.ini"

    @property
    def admin_password(self) -> str:
        found = re.search(r"^admin_password = (\S+)$", self.ini.read_text(), re.MULTILINE)
        assert found is not None
        return found[1]

    def start(self) -> None:
        """Waits until it answers."""
        started: dict[str, Any] = {"cwd": ROOT, "env": server_environment(self.settings), "start_new_session": True}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([self._command], stdin=subprocess.DEVNULL, stdout=log, stderr=log, **started)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.2)

    def stop(self, how: signal.Signals) -> None:
        """This signal to all its processes; returns when they are gone."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, how)
        self.process.wait()
        while self.processes():
            time.sleep(0.1)

    def close(self) -> None:
        self.stop(signal.SIGKILL)

    def processes(self) -> list[Path]:
        """Their folders below /proc."""
        return [path for path in Path("/proc").glob("[0-9]*") if _group(path) == self.process.pid]

    def status(self, user: str = "", password: str = "", path: str = QUESTION, body: bytes | None = None, **headers: str) -> int:
        """What it answers to a question that needs a password; with a body, it is sent by POST."""
        if user:
            headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        try:
            with urlopen(Request(self.address + path, body, headers), timeout=60) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    def _answers(self) -> bool:
        with suppress(OSError), urlopen(f"{self.address}/health", timeout=5):
            return True
        return False


def _group(process: Path) -> int | None:
    """The process group of one that lives."""
    try:
        state, _, group = (process / "stat").read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return None
    return None if state == "Z" else int(group)
