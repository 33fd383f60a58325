"""What must be true of a cluster before a sweep runs on it, asked from its head by the sweep's own job.

Recordings are read on the head alone, which hands them on decoded. The folder of all sweeps is written by every node that
trains. That nodes have the head's versions of Ray and Python is Ray's to see to: it lets no other join.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from socket import gethostname
from typing import Any

from trainables.corpus.synthetic import SYNTHETIC
from tune.driver.opening import sweep_tracking
from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.storage import check_inside, check_storage, expanded, why_not_writable
from tune.service.node_look import look
from tune.sweep_file.spec import Sweep
from tune.tracking.stores import check_tracking

NODE_SECONDS = 120.0  # a node that has just joined fetches the job's files first
SHARED = "Trials write their checkpoints there: give --home a folder that all nodes share, or the sweep a `storage`"


def check_audio(path: str) -> None:
    """Raises InvalidInput where the head has no such folder of recordings."""
    if path != SYNTHETIC and not Path(path).expanduser().is_dir():
        rule = f"this folder does not exist on the cluster's head ({gethostname()})"
        raise InvalidInput(f"audio.path '{path}': {rule}. Recordings are not sent: put them there, or give their path there.")


def check_paths(sweep: Sweep, home: Path) -> None:
    """Raises InvalidInput where the sweep file names a database or a storage that is not below the home of all sweeps."""
    check_inside(sweep.storage, home)
    for key, address in {"tracking.uri": sweep.tracking.uri, "study.storage": sweep.study.storage}.items():
        if not (address or "").startswith("sqlite:"):
            continue
        database = Path(str(address).partition(":///")[2].partition("?")[0])
        if not database.resolve().is_relative_to(home.resolve()):
            rule = f"a submitted sweep writes below its home, {home}, only"
            raise InvalidInput(f"{key} '{address}': {rule}. Leave it out, name a file there, or a server.")


def check_tracking_server(sweep: Sweep, home: Path) -> None:
    """Raises InvalidInput or InfrastructureLost where the head cannot use the sweep's tracking server."""
    try:
        check_tracking(sweep_tracking(sweep, home).uri)
    except (InvalidInput, InfrastructureLost) as error:
        raise type(error)(f"from the cluster's head: {error}") from error


def check_stored(storage: str) -> None:
    """Whether the head and every node that trains can write to the sweep's storage; needs a connection to Ray.

    Raises:
        InvalidInput: with the node that cannot, and why.
        InfrastructureLost: a node doesn't answer.
    """
    check_storage(storage)
    asked = {_ask_node(node, why_not_writable, expanded(storage)): node for node in _other_trainers()}
    for answer, node in asked.items():
        if why := _answer(answer, node):
            remedy = "Trials write their checkpoints there: give every node the keys or the role, where `ray start` runs"
            raise InvalidInput(f"storage {storage}: {_named(node)} cannot write there ({why}). {remedy}.")


def check_home(home: Path, alone: bool = False) -> None:
    """Whether the head can write there, and every node that trains sees it; needs a connection to Ray.

    Args:
        alone: the head is enough, because the sweep's trials write into its storage.

    Raises:
        InvalidInput: with the node that cannot, and why.
        InfrastructureLost: a node doesn't answer.
    """
    with _nonce(home) as (folder, nonce):
        asked = {_ask(node, str(folder), nonce): node for node in ([] if alone else _other_trainers())}
        for answer, node in asked.items():
            if why := _answer(answer, node):
                raise InvalidInput(f"home {home}: {_named(node)} cannot use it ({why}). {SHARED}.")


@contextmanager
def _nonce(home: Path) -> Iterator[tuple[Path, str]]:
    """A folder of this head's with something in it that nobody can guess."""
    nonce = uuid.uuid4().hex
    folder = home / f".check-{nonce}"
    try:
        folder.mkdir(parents=True)
        (folder / "nonce").write_text(nonce, encoding="utf-8")
    except OSError as error:
        rule = f"cannot be written on the cluster's head ({error.strerror})"
        raise InvalidInput(f"home {home}: {rule}. Give --home a folder that can.") from error
    try:
        yield folder, nonce
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _other_trainers() -> list[dict[str, Any]]:
    """Nodes beside this one on which trials may run."""
    import ray

    here = ray.get_runtime_context().get_node_id()
    alive = [node for node in ray.nodes() if node["Alive"] and node["NodeID"] != here]
    return [node for node in alive if node["Resources"].get("CPU", 0) > 0]


def _ask(node: Mapping[str, Any], folder: str, nonce: str) -> Any:
    return _ask_node(node, look, folder, nonce, node["NodeID"])


def _ask_node(node: Mapping[str, Any], question: Callable[..., str], *given: str) -> Any:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
    task = ray.remote(num_cpus=0, max_retries=0)(question)
    return task.options(scheduling_strategy=there).remote(*given)


def _answer(answer: Any, node: Mapping[str, Any]) -> str:
    import ray

    try:
        return str(ray.get(answer, timeout=NODE_SECONDS))
    except ray.exceptions.RayError as error:  # a timeout is one, too
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        remedy = "Look at `ray status` on the head; take the node out, or bring it back."
        raise InfrastructureLost(f"{_named(node)}: has not answered ({reason[:200]}). {remedy}") from error


def _named(node: Mapping[str, Any]) -> str:
    return f"node {node['NodeManagerHostname']} ({node['NodeManagerAddress']})"
