"""Ray's job client, told exactly whom to ask and by which token."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tune.errors import InvalidInput
from tune.tracking.stores import has_host, without_password

CHATTY = (  # tell of every upload, and of every link that ends
    "ray.dashboard.modules.dashboard_sdk",
    "ray.dashboard.modules.job.sdk",
    "ray._private.runtime_env.packaging",
)
MOST_NODES = 10_000
ADDRESS_VARIABLE = "RAY_API_SERVER_ADDRESS"


def job_client(address: str) -> Any:
    """A client of the job server at this address and no other."""
    from ray.job_submission import JobSubmissionClient

    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    with _nothing_but(address):
        return JobSubmissionClient(address)


def living_nodes(address: str) -> list[Any]:
    """Ray's records of the nodes that live there: `node_name`, `node_ip`, `is_head_node`, `resources_total`.

    Raises:
        ConnectionError: nobody answers, or not as Ray does.
    """
    from ray.util.state import list_nodes
    from ray.util.state.exception import RayStateApiException

    with _nothing_but(address):
        try:
            return list(list_nodes(address, filters=[("state", "=", "ALIVE")], limit=MOST_NODES))
        except RayStateApiException as error:
            raise ConnectionError(str(error)) from error


def own_job_client() -> Any:
    """In a job: a client of the job server that started it."""
    from ray.job_submission import JobSubmissionClient

    return JobSubmissionClient()


def check_address(address: str) -> None:
    """Raises InvalidInput for what no job server can have as its address."""
    if urlsplit(address).scheme not in ("http", "https") or not has_host(address):
        remedy = "Give --address (or RAY_API_SERVER_ADDRESS) that of the cluster's dashboard, like http://127.0.0.1:8265"
        raise InvalidInput(f"job server '{without_password(address)}': the address must be http(s)://HOST:PORT. {remedy}")


@contextmanager
def _nothing_but(address: str) -> Iterator[None]:
    # Ray's client prefers what the environment names, silently, to the address that it is given.
    before = os.environ.get(ADDRESS_VARIABLE)
    os.environ[ADDRESS_VARIABLE] = address
    try:
        yield
    finally:
        os.environ.pop(ADDRESS_VARIABLE)
        if before is not None:
            os.environ[ADDRESS_VARIABLE] = before


def use_token_if_there_is_one() -> None:
    """Has Ray's client send the token of this machine's user. Call it before anything imports ray, which reads the mode then."""
    # The client sends a token only if told to, though the cluster asks for one as soon as one exists.
    token = (
        os.environ.get("RAY_AUTH_TOKEN")
        or os.environ.get("RAY_AUTH_TOKEN_PATH")
        or Path("~/.ray/auth_token").expanduser().exists()
    )
    if token:
        os.environ.setdefault("RAY_AUTH_MODE", "token")
