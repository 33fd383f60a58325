"""A cluster as its own job server tells of it: which nodes live, what each is for, where actors are."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from small_sweep import RUN_SECONDS, command, environment

PATIENCE_SECONDS = 300.0  # for any change to be seen; a machine may be busy with other things
ROLES = {"head", "trainer", "renderer"}
STORE_BYTES = 300_000_000
OFFERED = {"head": {"CPU": 0}, "trainer": {"CPU": 2}, "renderer": {"CPU": 0, "render": 2}}  # custom names as in cluster.yaml


def resources(role: str) -> dict[str, int]:
    """What a node of this role says that it has."""
    return {**OFFERED[role], "object_store_memory": STORE_BYTES}


@dataclass
class Watched:
    """Seen from outside.

    Args:
        address: of the job server.
        home: of whoever asks; the token is in it.
    """

    address: str
    home: Path
    roles: dict[str, str] = field(default_factory=dict)  # of every node that was ever seen alive, by its id

    def environment(self) -> dict[str, str]:
        """A user's, at home there."""
        return environment() | {"HOME": str(self.home)}

    def fxsweep(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        words = command(*arguments, "--address", self.address)
        return subprocess.run(words, capture_output=True, text=True, timeout=RUN_SECONDS, env=self.environment(), check=False)

    def status(self, name: str) -> Any:
        done = self.fxsweep("status", name, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def living(self) -> dict[str, str]:
        """The id of each node that lives, by its role; empty if nobody answers."""
        found = {}
        for node in self._ask("nodes"):
            if node["state"] == "ALIVE":
                found[self.roles.setdefault(node["node_id"], _role(node))] = node["node_id"]
        return found

    def where(self, actor: str) -> set[str]:
        """The roles of the nodes where the actors of this class are, or were last."""
        found = [found for found in self._ask("actors") if actor in found["class_name"] and found["node_id"]]
        return {self.roles.get(found["node_id"], "unknown") for found in found}

    def _ask(self, what: str) -> list[dict[str, Any]]:
        request = urllib.request.Request(f"{self.address}/api/v0/{what}?detail=1&limit=1000")
        request.add_header("Authorization", f"Bearer {(self.home / '.ray' / 'auth_token').read_text().strip()}")
        with suppress(OSError, KeyError, TypeError), urllib.request.urlopen(request, timeout=30) as answer:
            return list(json.load(answer)["data"]["result"]["result"])
        return []


class Harmed(Protocol):
    """A cluster to which things are done; `kind` says what it is."""

    kind: str
    shared: Path
    watched: Watched

    def kill_raylet(self, role: str) -> None:
        """Of that node, by SIGKILL."""

    def bring_back(self, role: str) -> None:
        """Has that node start again, if nobody else does."""

    def cut(self, role: str, seconds: float) -> None:
        """Nobody hears from that node for so long."""

    def last_words(self) -> str:
        """What Ray had to say, for a test that failed."""


def _role(node: Mapping[str, Any]) -> str:
    if node["is_head_node"]:
        return "head"
    return "renderer" if "render" in node["resources_total"] else "trainer"


def wait_for(what: Callable[[], Any], otherwise: Callable[[], str], seconds: float = PATIENCE_SECONDS) -> Any:
    """Waits until something is so, and returns it; if that takes too long, says what there is otherwise."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end, otherwise()
        time.sleep(0.5)
    return found


def new_token(home: Path, ray: str) -> None:
    """As a user makes it."""
    home.mkdir(parents=True, exist_ok=True)
    env = environment() | {"HOME": str(home), "RAY_AUTH_MODE": "token"}
    subprocess.run(
        [ray, "get-auth-token", "--generate"], env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    assert (home / ".ray" / "auth_token").stat().st_size
