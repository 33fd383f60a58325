"""Hosts made of namespaces: each has what is its own, sees what it is shown, and can be cut off."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from namespace_hosts import PREFIX, Host, ip, made_hosts, remove_hosts, why_not
from processes import wait_until_gone

pytestmark = [pytest.mark.slow, pytest.mark.cluster]


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[list[Host]]:
    if reason := why_not():
        pytest.skip(f"NO HOSTS CAN BE MADE HERE: {reason}")
    (tmp_path / "shared").mkdir()
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "program").write_text("kept")
    shown = [f"rw:{tmp_path / 'shared'}", f"rw:{tmp_path / 'shared'}:/tmp/common", f"ro:{tmp_path / 'image'}"]
    with made_hosts(("left", "right"), tmp_path, shown, lambda host: None) as made:
        yield made


def answers(host: Host) -> bool:
    try:
        socket.create_connection((host.address, 22), timeout=1).close()
    except OSError:
        return False
    return True


def test_each_has_a_name_a_home_a_tmp_and_processes_of_its_own(hosts: list[Host], tmp_path: Path) -> None:
    left, right = hosts
    assert [host.run("hostname").strip() for host in hosts] == ["left", "right"]
    left.run("touch ~/mine /tmp/mine /dev/shm/mine; sleep 1000 >/dev/null 2>&1 &")
    assert right.run("ls ~ /tmp /dev/shm").count("mine") == 0 and left.run("ls ~ /tmp /dev/shm").count("mine") == 3
    assert (left.folder / "home" / "mine").exists() and not (Path.home() / "mine").exists()
    assert "sleep 1000" in left.run("ps -e -o args") and "sleep 1000" not in right.run("ps -e -o args")


def test_they_know_each_other_and_nobody_else(hosts: list[Host]) -> None:
    left, right = hosts
    assert left.run("getent hosts right").split() == [right.address, "right"]
    with pytest.raises(subprocess.CalledProcessError):
        left.run('timeout 2 bash -c "exec 3<>/dev/tcp/198.51.100.1/80"')


def test_they_see_what_they_are_shown(hosts: list[Host], tmp_path: Path) -> None:
    left, right = hosts
    left.run(f"echo seen >{tmp_path / 'shared'}/file")
    assert right.run("cat /tmp/common/file").strip() == "seen"
    assert right.run(f"cat {tmp_path / 'image'}/program") == "kept"
    with pytest.raises(subprocess.CalledProcessError):
        right.run(f"touch {tmp_path / 'image'}/program")


def test_who_pulls_the_cable_out_hears_nothing_until_it_is_back(hosts: list[Host]) -> None:
    right = hosts[1]
    right.unplug()
    assert [answers(host) for host in hosts] == [True, False]
    right.plug_in()
    assert [answers(host) for host in hosts] == [True, True]


def test_what_dies_in_a_host_is_reaped(hosts: list[Host]) -> None:
    assert "defunct" not in hosts[0].run("(sleep 0.1 & exec true) ; sleep 0.5; ps -e -o args")


def test_nothing_of_them_is_left(hosts: list[Host]) -> None:
    running = [process for host in hosts for process in host.processes("")]
    assert running
    remove_hosts()
    assert wait_until_gone(running, 10) == []
    assert PREFIX not in ip("netns", "list") + ip("link", "show")
