"""Several processes that train one model: what each takes, and how they agree. Alone, everything is a no-op."""

from __future__ import annotations

from typing import TypeVar

import torch
import torch.distributed as distributed
from torch import Tensor

Value = TypeVar("Value")


def world() -> int:
    """How many processes train together."""
    return distributed.get_world_size() if distributed.is_available() and distributed.is_initialized() else 1


def rank() -> int:
    """Which of them this is, from 0."""
    return distributed.get_rank() if world() > 1 else 0


def share(items: int) -> slice:
    """This rank's items of a batch whose size is a multiple of `world()`."""
    each = items // world()
    return slice(rank() * each, (rank() + 1) * each)


def gather(values: Tensor) -> Tensor:
    """The equally long values of all ranks, in rank order, without gradients."""
    return torch.cat(_all(values))


def gather_with_own_gradient(values: Tensor) -> Tensor:
    """The values of all ranks, in rank order; gradients flow to this rank's own."""
    every = _all(values.detach())
    every[rank()] = values
    return torch.cat(every)


def total(values: Tensor) -> Tensor:
    """The sum over ranks."""
    return torch.stack(_all(values)).sum(0)


def from_first(value: Value) -> Value:
    """What rank 0 has, on every rank."""
    box = [value]
    if world() > 1:
        distributed.broadcast_object_list(box)
    return box[0]


def _all(values: Tensor) -> list[Tensor]:
    if world() == 1:
        return [values]
    every = [torch.empty_like(values) for _ in range(world())]
    distributed.all_gather(every, values.contiguous())
    return every
