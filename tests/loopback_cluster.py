"""The same cluster where hosts cannot be made: a head and two nodes on loopback, each by a `ray start` of its own.

They share this machine's files and processes, and a node that nobody hears from is one that is stopped for a while. The job
server listens on loopback. The rest of Ray does so only where there is one node; here it asks for the token.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

from launched_cluster import RAY
from namespace_hosts import Host
from processes import Process, below, called, send, wait_until_gone
from ray_heads import free_port
from watched_cluster import ROLES, Watched, new_token, resources, wait_for


@dataclass
class LoopbackCluster:
    """`Harmed`, as far as it goes."""

    watched: Watched
    shared: Path
    port: int
    kind: str = "THREE NODES ON LOOPBACK, NOT LAUNCHED BY ray up"
    hosts: tuple[Host, ...] = ()
    nodes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    started: set[Process] = field(default_factory=set)
    folders: list[str] = field(default_factory=list)

    def up(self) -> None:
        dashboard = ["--dashboard-host=127.0.0.1", f"--dashboard-port={self.watched.address.rpartition(':')[2]}"]
        self._start("head", "--head", f"--port={self.port}", f"--ray-client-server-port={free_port()}", *dashboard)
        wait_for(lambda: "head" in self.watched.living(), self.last_words)
        for role in sorted(ROLES - {"head"}):
            self.bring_back(role)

    def wait_for_nodes(self) -> None:
        wait_for(lambda: set(self.watched.living()) == ROLES, self.last_words)

    def tunnel(self) -> AbstractContextManager[None]:
        """None is needed."""
        return nullcontext()

    def down(self) -> None:
        """Left to `stop`."""

    def kill_raylet(self, role: str) -> None:
        assert send(called(self._processes(role), "raylet/raylet")) == 1

    def bring_back(self, role: str) -> None:
        self._start(role, f"--address=127.0.0.1:{self.port}")

    def cut(self, role: str, seconds: float) -> None:
        stopped = self._processes(role)
        send(stopped, signal.SIGSTOP)
        time.sleep(seconds)
        send(stopped, signal.SIGCONT)

    def last_words(self) -> str:
        logs = [log for folder in self.folders for log in Path(folder).glob("log")]
        return "\n".join([str(self.watched.living()), *(log.read_text(errors="replace")[-2000:] for log in logs)])

    def stop(self) -> None:
        for role, process in self.nodes.items():
            self._processes(role)
            os.killpg(process.pid, signal.SIGTERM)
        send(wait_until_gone(self.started, 20))
        for process in self.nodes.values():
            process.wait(30)
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)

    def _processes(self, role: str) -> list[Process]:
        found = below(self.nodes[role].pid)
        self.started |= set(found)
        return found

    def _start(self, role: str, *options: str) -> None:
        folder = mkdtemp(prefix="ray-")  # sockets lie in it, so its path must be short
        self.folders.append(folder)
        more = {"RAY_AUTH_MODE": "token", "RAY_OVERRIDE_RESOURCES": json.dumps(resources(role))}
        agent = f"--dashboard-agent-listen-port={free_port()}"
        with (Path(folder) / "log").open("wb") as log:
            self.nodes[role] = subprocess.Popen(
                [RAY, "start", "--block", "--disable-usage-stats", f"--temp-dir={folder}", agent, *options],
                env=self.watched.environment() | more,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip


@contextmanager
def on_loopback(folder: Path) -> Iterator[LoopbackCluster]:
    """It is up to the caller to say `up` and `wait_for_nodes`; all of it goes in the end."""
    shared, home = folder / "shared", folder / "home"
    shared.mkdir()
    new_token(home, RAY)
    cluster = LoopbackCluster(Watched(f"http://127.0.0.1:{free_port()}", home), shared, free_port())
    try:
        yield cluster
    finally:
        cluster.stop()
