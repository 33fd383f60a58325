"""An MLflow server on loopback that can be killed and started again at the same address."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from injections import Harm

from tune.tracking.server import free_port, serving
from tune.tracking.stores import default_tracking


class MlflowServer:
    """Runs from its making on, until `close`."""

    def __init__(self, folder: Path) -> None:
        self.tracking, self.port = default_tracking(folder), free_port(5730)
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Waits until it answers."""
        self.running = ExitStack()
        self.process: subprocess.Popen[bytes] = self.running.enter_context(serving(self.tracking, self.port))[1]

    def kill(self) -> None:
        """SIGKILL of all its processes."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def harm(self, what: Callable[[], None]) -> Harm:
        """`kill` or `start`, as something that is done to a sweep."""
        return lambda drivers, random: what()

    def close(self) -> None:
        self.running.close()
