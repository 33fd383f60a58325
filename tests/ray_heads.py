"""A Ray head with two CPUs and a job server, on loopback and on ports of its own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from tempfile import mkdtemp

from processes import Process, below, called, send, wait_until_gone
from small_sweep import environment, fxsweep

LOOPBACK_ONLY = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
START_SECONDS = 240.0
STARTS = 3


def free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_ports() -> tuple[int, ...]:
    """Nobody's now; somebody else may be faster."""
    return tuple(free_port() for _ in range(4))


@dataclass
class RayHead:
    """Not running until `start`.

    Args:
        more: environment variables beside a user's own.
        asking: those of whoever asks whether it is up, as a token.
    """

    more: Mapping[str, str] = field(default_factory=dict)
    asking: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = field(default_factory=free_ports)
    process: subprocess.Popen[bytes] | None = None
    started: set[Process] = field(default_factory=set)
    temporary: str = field(default_factory=lambda: mkdtemp(prefix="ray-"))  # sockets lie in it, so its path must be short
    has_run: bool = False
    said: str = ""  # by a head that has not come up

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.ports[1]}"

    def start(self) -> None:
        """Waits until the job server answers. It keeps its ports; for its first start it may need others."""
        for _ in range(STARTS):
            if self._comes_up():
                self.has_run = True
                return
            self.stop()
            self.temporary = mkdtemp(prefix="ray-")
            self.ports = self.ports if self.has_run else free_ports()
        raise AssertionError(f"the head has not come up in {STARTS} starts; it said:\n{self.said}")

    def _comes_up(self) -> bool:
        port, dashboard, client, agent = self.ports
        command = [
            str(Path(sys.executable).parent / "ray"), "start", "--head", "--block", "--num-cpus=2", "--dashboard-host=127.0.0.1",
            f"--port={port}", f"--dashboard-port={dashboard}", f"--ray-client-server-port={client}",
            f"--dashboard-agent-listen-port={agent}", f"--temp-dir={self.temporary}",
        ]  # fmt: skip
        output = Path(self.temporary, "said")
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                command, env=environment() | LOOPBACK_ONLY | dict(self.more), start_new_session=True, stdout=file, stderr=file
            )
        end = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < end:
            if (asked := fxsweep("list", "--address", self.address, **self.asking)).returncode == 0:
                return True
            self.said = f"{output.read_text(errors='replace')}\n{asked.stderr}"
            time.sleep(1)
        return False

    def processes(self) -> list[Process]:
        """Everything below it."""
        found = below(self.process.pid) if self.process is not None else []
        self.started |= set(found)
        return found

    def kill(self, spared: str) -> list[Process]:
        """SIGKILL of the head with all its processes but those that are called so; returns these."""
        assert self.process is not None
        found = self.processes()
        left = called(found, spared)
        self.process.kill()
        send(process for process in found if process not in left)
        self.process.wait()
        return left

    def stop(self) -> None:
        """Ends it in order, and then whatever is left of it."""
        if self.process is not None:
            self.processes()
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGTERM)
                self.process.wait(60)
        send(wait_until_gone(self.started, 10))
        shutil.rmtree(self.temporary, ignore_errors=True)


@contextmanager
def running_head() -> Iterator[RayHead]:
    """One that is up, and gone afterwards."""
    head = RayHead()
    try:
        head.start()
        yield head
    finally:
        head.stop()
