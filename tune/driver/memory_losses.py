"""Trials whose process Ray kills for want of memory: an end of the trial, never of the sweep, and nothing to try again.

Ray Tune knows of actors that die and of code that fails, and breaks off at any other error, such as Ray's OutOfMemoryError. So
it is told of a death. It begins the trial anew then, which tells at its first step what happened, and trains nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ray.air.execution._internal.actor_manager import RayActorManager
from ray.exceptions import OutOfMemoryError, RayActorError
from ray.tune import Callback

from trainables.training.causes import memory_loss
from trainables.training.trainable import MEMORY_LOSS


class MemoryLosses(Callback):  # type: ignore[misc]
    """Notes in the configuration of a trial that is begun anew why its process was killed."""

    def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        if told := last_memory_loss(trial):
            trial.config[MEMORY_LOSS] = told


def last_memory_loss(trial: Any) -> str:
    """The line that tells that a trial's process was last killed for want of memory; "" if it was not."""
    return memory_loss(_text(trial.error_file).rpartition("Failure #")[2])


@contextmanager
def told_as_deaths() -> Iterator[None]:
    """Within the block Ray Tune takes an actor that was killed for want of memory for one that died."""
    original = RayActorManager._actor_task_failed

    def failed(manager: Any, tracked_actor_task: Any, exception: Exception) -> None:
        killed = isinstance(exception, OutOfMemoryError)
        original(manager, tracked_actor_task, RayActorError(error_msg=str(exception)) if killed else exception)

    RayActorManager._actor_task_failed = failed
    try:
        yield
    finally:
        RayActorManager._actor_task_failed = original


def _text(path: str | None) -> str:
    """What a file says, if there is one. Ray Tune keeps its errors in a folder of its own before it copies them."""
    return Path(path).read_text(encoding="utf-8", errors="replace") if path and Path(path).is_file() else ""
