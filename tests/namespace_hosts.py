"""Hosts made of namespaces: to each other they are machines with an address, processes, files and an ssh server of their own.

They live on one bridge, which leads nowhere else. A host's cable can be pulled out. All of it ends with the process that made it,
and whatever a killed one has left is removed before the next hosts are made.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from processes import Process, below, called, send, wait_until_gone

PREFIX, BRIDGE, NETWORK = "fxsweep-", "fxsweep-bridge", "10.77.0"
NEEDED = ("ip", "unshare", "setpriv", "ssh", "ssh-keygen", "sshd", "rsync", "chroot")
START_SECONDS = 60.0
SSHD = """Port 22
HostKey ~/sshd/host
PidFile none
AuthorizedKeysFile .ssh/authorized_keys
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
StrictModes no
UseDNS no
PrintMotd no
MaxSessions 50
MaxStartups 50
Subsystem sftp internal-sftp
"""


def ip(*words: str) -> str:
    """`ip` with these words.

    Raises:
        subprocess.CalledProcessError: it refused.
    """
    return subprocess.run(["ip", *words], capture_output=True, text=True, check=True).stdout


def why_not() -> str:
    """Why there can be no such hosts here; empty if there can."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0:
        return "only root on Linux may make them"
    if missing := [program for program in NEEDED if shutil.which(program) is None]:
        return f"{', '.join(missing)}: not installed"
    try:
        remove_hosts()
        ip("link", "add", BRIDGE, "type", "bridge")
        ip("netns", "add", f"{PREFIX}probe")
        probe = ["ip", "netns", "exec", f"{PREFIX}probe", "unshare", "--mount", "--pid", "--fork", "--uts", "--ipc"]
        subprocess.run([*probe, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError as error:
        return (error.stderr or str(error)).strip()
    finally:
        with suppress(subprocess.CalledProcessError):
            remove_hosts()
    return ""


@dataclass(frozen=True)
class Host:
    """One of them.

    Args:
        number: from 1; the last part of its address.
        folder: its own files: `home`, `tmp`.
        key: with which anyone here logs in as root.
    """

    name: str
    number: int
    folder: Path
    key: Path

    @property
    def address(self) -> str:
        return f"{NETWORK}.{self.number}"

    @property
    def namespace(self) -> str:
        return PREFIX + self.name

    @property
    def cable(self) -> str:
        """The end that is here."""
        return f"fxsweep-{self.number}"

    def run(self, command: str) -> str:
        """What a login shell there prints."""
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes", "LogLevel=ERROR")
        words = ["ssh", "-i", str(self.key), *(word for option in options for word in ("-o", option)), f"root@{self.address}"]
        done = subprocess.run([*words, f"bash -lc '{command}'"], capture_output=True, text=True, check=True, timeout=120)
        return done.stdout

    def processes(self, wanted: str) -> list[Process]:
        """Those of its processes whose command line has this in it."""
        return called(_processes_in(self.namespace), wanted)

    def unplug(self) -> None:
        ip("link", "set", self.cable, "down")

    def plug_in(self) -> None:
        ip("link", "set", self.cable, "up")


@contextmanager
def made_hosts(names: Sequence[str], folder: Path, seen: Sequence[str], prepare: Callable[[Host], None]) -> Iterator[list[Host]]:
    """As many hosts, with their ssh servers up; they know each other by name.

    Args:
        folder: for their files.
        seen: what they see of this machine beside its system: `ro:PATH`, `rw:PATH` or `rw:PATH:WHERE`.
        prepare: puts more into a host's home before it starts.
    """
    remove_hosts()
    key = _new_key(folder / "key")
    hosts = [Host(name, number, folder / name, key) for number, name in enumerate(names, start=1)]
    started: list[subprocess.Popen[bytes]] = []
    try:
        _lay_bridge()
        for host in hosts:
            _furnish(host, hosts)
            prepare(host)
            _connect(host)
            started.append(_start(host, seen))
        for host in hosts:
            _wait_for_ssh(host)
        yield hosts
    finally:
        remove_hosts()
        for process in started:
            process.wait(30)


def remove_hosts() -> None:
    """Ends and removes all such hosts that there are on this machine."""
    names = [line.split()[0] for line in ip("netns", "list").splitlines() if line.startswith(PREFIX)]
    ended = [process for name in names for process in _processes_in(name)]
    send(ended)
    wait_until_gone(ended, 30)
    for name in names:
        ip("netns", "del", name)
    for line in ip("-oneline", "link", "show").splitlines():
        link = line.split(": ")[1].partition("@")[0]
        if link.startswith(PREFIX):
            with suppress(subprocess.CalledProcessError):  # it went with the other end
                ip("link", "del", link)


def _processes_in(namespace: str) -> list[Process]:
    ids = {int(word) for word in ip("netns", "pids", namespace).split()}
    return [process for process in below(1) if process.process_id in ids]


def _lay_bridge() -> None:
    ip("link", "add", BRIDGE, "type", "bridge")
    ip("address", "add", f"{NETWORK}.254/24", "dev", BRIDGE)
    ip("link", "set", BRIDGE, "up")


def _connect(host: Host) -> None:
    ip("netns", "add", host.namespace)
    ip("link", "add", host.cable, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
    ip("link", "set", host.cable, "master", BRIDGE, "up")
    there = ("-n", host.namespace)
    ip(*there, "address", "add", f"{host.address}/24", "dev", "eth0")
    ip(*there, "link", "set", "eth0", "up")
    ip(*there, "link", "set", "lo", "up")
    # By its default route a program knows the host's address; nothing is forwarded from there.
    ip(*there, "route", "add", "default", "via", f"{NETWORK}.254")


def _furnish(host: Host, hosts: Sequence[Host]) -> None:
    home = host.folder / "home"
    for folder in (home / ".ssh", home / "sshd"):
        folder.mkdir(parents=True, mode=0o700)
    shutil.copy(host.key.with_suffix(".pub"), home / ".ssh" / "authorized_keys")
    _new_key(home / "sshd" / "host")
    (home / "sshd" / "config").write_text(SSHD.replace("~", str(Path.home())))
    known = [f"{other.address} {other.name}\n" for other in hosts]
    (host.folder / "hosts").write_text("127.0.0.1 localhost\n" + "".join(known))
    (host.folder / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files\n")  # no name server answers


def _new_key(file: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
    return file


def _start(host: Host, seen: Sequence[str]) -> subprocess.Popen[bytes]:
    alone = ["unshare", "--mount", "--pid", "--fork", "--uts", "--ipc", "--kill-child"]
    first = ["bash", str(Path(__file__).parent / "host.sh"), host.name, str(host.folder), *seen]
    with (host.folder / "log").open("wb") as log:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "ip", "netns", "exec", host.namespace, *alone, *first],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def _wait_for_ssh(host: Host) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError), socket.create_connection((host.address, 22), timeout=1):
            return
        assert time.monotonic() < end, f"no ssh server on {host.name}:\n{(host.folder / 'log').read_text()}"
        time.sleep(0.1)
