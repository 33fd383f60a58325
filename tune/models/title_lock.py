"""Who is champion is decided by one process at a time, on whatever machine it is.

MLflow has no lock and no "set it if it is still so". But of several who make a registered model of the same name, it tells
all but one that it is there already: that model, which nobody else uses, is the lock. It is there for a few calls.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from tune.errors import InfrastructureLost

SUFFIX = ".being-crowned"
LEFT_SECONDS = 30.0  # whoever takes longer for a few calls has died
PATIENCE = 4  # times LEFT_SECONDS
PAUSE_SECONDS = 0.2
TAKEN, GONE = "RESOURCE_ALREADY_EXISTS", "RESOURCE_DOES_NOT_EXIST"


@contextmanager
def one_at_a_time(
    client: MlflowClient, name: str, left_seconds: float = LEFT_SECONDS, clock: Callable[[], float] = time.monotonic
) -> Iterator[None]:
    """Waits until nobody else decides on the champion of this model, and keeps others waiting meanwhile.

    Args:
        left_seconds: after which one that somebody left behind is taken away.
        clock: seconds; anything that grows.

    Raises:
        InfrastructureLost: others were at it all the time. MlflowException: the registry refuses it.
    """
    lock, token = f"{name}{SUFFIX}", uuid4().hex
    began = since = clock()
    seen = ""
    while not _taken(client, lock, token):
        if (holder := _holder(client, lock)) != seen:
            seen, since = holder, clock()
        if clock() - began >= PATIENCE * left_seconds:
            raise InfrastructureLost(
                f"model '{name}': others decide who is its champion, or left the registered model '{lock}' behind. "
                "Try again, and if it is still there, delete that model."
            )
        if clock() - since >= left_seconds:
            _take_away(client, lock, seen)
        time.sleep(PAUSE_SECONDS)
    try:
        yield
    finally:
        _take_away(client, lock, token)


def _taken(client: MlflowClient, lock: str, token: str) -> bool:
    try:
        client.create_registered_model(lock, description=token)
    except MlflowException as error:
        if error.error_code != TAKEN:
            raise
        return False
    return True


def _holder(client: MlflowClient, lock: str) -> str:
    """Whose it is; "" if it is nobody's any more."""
    found = client.search_registered_models(f"name = '{lock}'")
    return str(found[0].description) if found else ""


def _take_away(client: MlflowClient, lock: str, token: str) -> None:
    """If it is still this one's."""
    if _holder(client, lock) != token:
        return
    try:
        client.delete_registered_model(lock)
    except MlflowException as error:
        if error.error_code != GONE:
            raise
