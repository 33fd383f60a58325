"""Several processes that train one model: what each takes, and how they agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as distributed
from torch import Tensor

Value = TypeVar("Value")


@dataclass(frozen=True)
class Team:
    """This process's place among those that train together. For a team of one everything is a no-op."""

    rank: int = 0
    world: int = 1

    def share(self, items: int) -> slice:
        """This rank's items of a batch of `items`, a multiple of `world`."""
        each = items // self.world
        return slice(self.rank * each, (self.rank + 1) * each)

    def gather(self, values: Tensor) -> Tensor:
        """The values of all ranks (equally long), in rank order, without gradients."""
        return torch.cat(self._all(values.detach()))

    def gather_with_own_gradient(self, values: Tensor) -> Tensor:
        """As `gather`, but gradients flow to this rank's own values."""
        every = self._all(values.detach())
        every[self.rank] = values
        return torch.cat(every)

    def total(self, values: Tensor) -> Tensor:
        """The sum over ranks, added in rank order on each."""
        return torch.stack(self._all(values)).sum(0)

    def from_first(self, value: Value) -> Value:
        """What rank 0 has, on every rank."""
        box = [value]
        if self.world > 1:
            distributed.broadcast_object_list(box)
        return box[0]

    def _all(self, values: Tensor) -> list[Tensor]:
        if self.world == 1:
            return [values]
        every = [torch.empty_like(values) for _ in range(self.world)]
        distributed.all_gather(every, values.contiguous())
        return every


ALONE = Team()


def current_team() -> Team:
    """The team that torch.distributed was started with, or a team of one."""
    if not (distributed.is_available() and distributed.is_initialized()):
        return ALONE
    return Team(distributed.get_rank(), distributed.get_world_size())
