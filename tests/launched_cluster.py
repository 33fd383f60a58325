"""A cluster that `ray up` launches on three hosts made of namespaces, from the project's own cluster.yaml.

It is changed as the README says for machines of one's own. The hosts are prepared, so that nothing is installed on them: they see
this checkout's virtual environment where it is, read-only, and all mount one folder as `~/fxsweep`.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml
from cluster_files import ROOT, variant
from namespace_hosts import Host, made_hosts
from processes import send
from ray_heads import free_port
from watched_cluster import ROLES, Watched, new_token, resources, wait_for

NAMES = ("head", "trainer", "renderer")
UP_SECONDS = 300.0
VENV = Path(sys.prefix).resolve()
RAY = str(VENV / "bin" / "ray")
NOTHING_TO_SET_UP = ("initialization_commands", "setup_commands", "head_setup_commands", "worker_setup_commands")


@dataclass
class LaunchedCluster:
    """`Harmed`, and real in all but the hardware."""

    folder: Path
    hosts: Sequence[Host]
    watched: Watched
    shared: Path
    kind: str = "ray up, three hosts made of namespaces"

    @property
    def file(self) -> Path:
        return self.folder / "cluster.yaml"

    def host(self, role: str) -> Host:
        return self.hosts[NAMES.index(role)]

    def ray(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Ray's command line, here, with the file."""
        return subprocess.run(
            [RAY, words[0], str(self.file), *words[1:]], env=self._environment(), cwd=ROOT, timeout=UP_SECONDS,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )  # fmt: skip

    def up(self) -> None:
        """Its exit code says nothing of the workers, so the nodes are counted."""
        done = self.ray("up", "-y", "--no-config-cache")
        assert done.returncode == 0, done.stdout

    def wait_for_nodes(self) -> None:
        wait_for(lambda: set(self.watched.living()) == ROLES, self.last_words)

    @contextmanager
    def tunnel(self) -> Iterator[None]:
        """`ray dashboard`, which leads to the job server on the head's loopback."""
        port = self.watched.address.rpartition(":")[2]
        process = subprocess.Popen(
            [RAY, "dashboard", str(self.file), "--no-config-cache", "--port", port], env=self._environment(), cwd=ROOT,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def down(self) -> None:
        """As the README says; nothing of Ray is left on any host."""
        for host in self.hosts[1:]:
            host.run("ray stop")
        done = self.ray("down", "-y")
        assert done.returncode == 0, done.stdout
        assert {host.name: [*host.processes("gcs_server"), *host.processes("raylet/raylet")] for host in self.hosts} == {
            host.name: [] for host in self.hosts
        }

    def kill_raylet(self, role: str) -> None:
        assert send(self.host(role).processes("raylet/raylet")) == 1

    def bring_back(self, role: str) -> None:
        """The autoscaler on the head does that."""

    def cut(self, role: str, seconds: float) -> None:
        self.host(role).unplug()
        time.sleep(seconds)
        self.host(role).plug_in()

    def last_words(self) -> str:
        logs = sorted((self.host("head").folder / "tmp" / "ray").glob("session_2*/logs/monitor.*"))
        return "\n".join([str(self.watched.living()), *(log.read_text(errors="replace")[-3000:] for log in logs)])

    def _environment(self) -> dict[str, str]:
        # Ray's launcher keeps what it knows of a cluster in TMPDIR.
        more = {"RAY_UP_enable_autoscaler_v2": "0", "RAY_AUTH_MODE": "token", "TMPDIR": str(self.folder / "tmp")}
        return self.watched.environment() | more | {"PATH": f"{VENV / 'bin'}:{os.environ['PATH']}"}


@contextmanager
def launched(folder: Path) -> Iterator[LaunchedCluster]:
    """It is up to the caller to say `up` and `wait_for_nodes`; the hosts are there, and go in the end.

    Args:
        folder: for all files; the hosts share `shared` in it.
    """
    shared, tmp, home = folder / "shared", folder / "tmp", folder / "home"
    for made in (shared, tmp):
        made.mkdir()
    new_token(home, RAY)
    seen = [f"ro:{VENV}", f"ro:{Path(sys.base_prefix).resolve()}", f"rw:{shared}", f"rw:{shared}:{Path.home() / 'fxsweep'}"]
    with made_hosts(NAMES, folder, seen, _prepare) as hosts:
        watched = Watched(f"http://127.0.0.1:{free_port()}", home)
        cluster = LaunchedCluster(folder, hosts, watched, shared)
        name = f"fxsweep-{os.getpid()}"  # of this run alone: the launcher would use its connections to earlier hosts
        cluster.file.write_text(yaml.safe_dump(_changed(hosts) | {"cluster_name": name}))
        try:
            yield cluster
        finally:
            _forget_connections(name)


def _forget_connections(cluster_name: str) -> None:
    """Those of Ray's launcher, which it keeps open for a while, by what it calls their folder."""
    called = hashlib.sha256(cluster_name.encode()).hexdigest()[:10]
    for folder in Path("/tmp").glob(f"ray_ssh_*/{called}"):
        shutil.rmtree(folder, ignore_errors=True)


def _changed(hosts: Sequence[Host]) -> dict[str, object]:
    """The README's variant for machines of one's own, with these machines in it and nothing to install."""
    head, *workers = [host.address for host in hosts]
    here = {
        "provider": {"type": "local", "head_ip": head, "worker_ips": workers},
        "auth": {"ssh_user": "root", "ssh_private_key": str(hosts[0].key)},
    }
    return variant("local") | here | {key: [] for key in NOTHING_TO_SET_UP}


def _prepare(host: Host) -> None:
    """As the README says that a prepared machine is."""
    offered = json.dumps(resources(host.name))
    lines = [f"export PATH={VENV / 'bin'}:$PATH RAY_AUTH_MODE=token", f"export RAY_OVERRIDE_RESOURCES='{offered}'"]
    (host.folder / "home" / ".bashrc").write_text("\n".join(lines) + "\n")
    (host.folder / "home" / ".profile").write_text(". ~/.bashrc\n")
