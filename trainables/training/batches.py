"""From rendered blocks to batches of whole setting pairs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainables.digests import digest
from trainables.rendering.schedule import Portion
from trainables.rendering.takes import Block, Spectrograms
from trainables.training.accelerator import moved
from trainables.training.perceptual import standardized
from trainables.training.ranks import Team


@dataclass(frozen=True)
class Examples:
    """Items as views of their blocks, (channels, bands, frames) each; items 2i and 2i + 1 are partners.

    `timbre`, if it was asked for: (items, 2) float32, see perceptual.py; NaN where there is none.
    """

    dry: tuple[Spectrograms, ...]
    wet: tuple[Spectrograms, ...]
    timbre: npt.NDArray[np.float32] | None = None

    def stack(self, items: Sequence[int]) -> tuple[Spectrograms, Spectrograms]:
        """Dry and wet of these items, (items, channels, bands, frames), copied."""
        return np.stack([self.dry[i] for i in items]), np.stack([self.wet[i] for i in items])


@dataclass(frozen=True)
class Batch:
    """One rank's share of a batch.

    Attributes:
        dry, wet: (own items, channels, bands, frames).
        noise: (own items, latent_size), standard normal.
        groups: (own items,) equal for partners, -1 for an item that only fills up the share.
        items: how many items the whole batch has, over all ranks, without the fill.
        timbre: (own items, 2), or None if it was not asked for.
    """

    dry: Tensor
    wet: Tensor
    noise: Tensor
    groups: Tensor
    items: int
    timbre: Tensor | None = None

    def to(self, device: torch.device) -> Batch:
        """The same batch on the device."""
        dry, wet, noise, groups = (moved(values, device) for values in (self.dry, self.wet, self.noise, self.groups))
        timbre = None if self.timbre is None else moved(self.timbre, device)
        return Batch(dry, wet, noise, groups, self.items, timbre)


def examples(blocks: Sequence[Block], portions: Sequence[Portion]) -> Examples:
    """The items of `portions` in the blocks that answer their requests."""
    rows = [(block, row) for block, part in zip(blocks, portions, strict=True) for row in range(part.start, part.stop)]
    return Examples(tuple(block.dry[row] for block, row in rows), tuple(block.wet[row] for block, row in rows))


def with_timbre(known: Examples, blocks: Sequence[Block], timbres: Sequence[Block], portions: Sequence[Portion]) -> Examples:
    """The same examples of `blocks` with what was measured of the same takes; a take that was replaced in one has none."""
    rows = zip(blocks, timbres, portions, strict=True)
    measured = [_of_same_takes(block, heard)[part.start : part.stop] for block, heard, part in rows]
    return replace(known, timbre=standardized(np.concatenate(measured)))


def _of_same_takes(block: Block, heard: Block) -> npt.NDArray[np.float32]:
    same = [one == other for one, other in zip(block.takes, heard.takes, strict=True)]
    return np.where(np.array(same)[:, None], heard.wet, np.float32(np.nan))


def batch_count(items: int, batch_size: int) -> int:
    """How many batches of at most `batch_size` items (rounded down to pairs) hold `items` items."""
    return -(-(items // 2) // (batch_size // 2))


def batches(source: Examples, batch_size: int, latent_size: int, random: torch.Generator, team: Team) -> Iterator[Batch]:
    """Every pair once, shuffled, in batches of nearly equal size; each rank gets its share of each.

    Order and noise are drawn for the whole batch, so they do not depend on how many ranks there are.
    """
    pairs = torch.randperm(len(source.dry) // 2, generator=random)
    for chosen in pairs.tensor_split(batch_count(len(source.dry), batch_size)):
        noise = torch.randn(2 * len(chosen), latent_size, generator=random)
        yield _share(source, chosen, noise, team)


def _share(source: Examples, pairs: Tensor, noise: Tensor, team: Team) -> Batch:
    missing = -len(pairs) % team.world
    own = team.share(2 * (len(pairs) + missing))
    groups = torch.cat([pairs, pairs.new_full((missing,), -1)]).repeat_interleave(2)[own]
    items = 2 * groups.clamp_min(0) + torch.arange(2).repeat(len(groups) // 2)
    dry, wet = source.stack(items.tolist())
    filled = torch.cat([noise, noise.new_zeros(2 * missing, noise.shape[1])])[own]
    timbre = None if source.timbre is None else torch.from_numpy(source.timbre)[items]
    return Batch(torch.from_numpy(dry), torch.from_numpy(wet), filled, groups, 2 * len(pairs), timbre)


def generator(*seed: int | str) -> torch.Generator:
    """Random numbers that depend on nothing but the seed's parts."""
    return torch.Generator().manual_seed(int(digest(seed), 16))
