from __future__ import annotations

import numpy as np
import pytest
import torch
from synthetic_blocks import CONFIG, SyntheticSource

from trainables.rendering.schedule import training_portions
from trainables.rendering.source import fetch
from trainables.training.batches import Batch, Examples, batch_count, batches, generator
from trainables.training.ranks import ALONE, Team


def numbered(items: int) -> Examples:
    """Examples whose dry pixels are their own number."""
    rows = tuple(np.full((1, 2, 3), item, np.float32) for item in range(items))
    return Examples(rows, tuple(-row for row in rows))


def drawn(items: int, batch_size: int, team: Team = ALONE) -> list[Batch]:
    return list(batches(numbered(items), batch_size, 5, generator(0, 1), team))


@pytest.mark.parametrize(("items", "batch_size"), [(24, 8), (26, 8), (34, 32), (4, 32), (10, 5)])
def test_every_pair_comes_once_and_stays_together(items: int, batch_size: int) -> None:
    found = drawn(items, batch_size)
    assert len(found) == batch_count(items, batch_size)
    numbers = np.concatenate([batch.dry[:, 0, 0, 0].numpy() for batch in found])
    assert sorted(numbers) == list(range(items))
    for batch in found:
        assert batch.items == len(batch.dry) <= batch_size
        torch.testing.assert_close(batch.wet, -batch.dry)
        assert (batch.dry[:, 0, 0, 0] // 2).tolist() == batch.groups.tolist()


def test_no_batch_is_much_smaller_than_the_others() -> None:
    sizes = [batch.items for batch in drawn(34, 32)]
    assert sizes == [18, 16]


def test_order_and_noise_depend_on_the_seed_alone() -> None:
    assert all(
        torch.equal(a.dry, b.dry) and torch.equal(a.noise, b.noise) for a, b in zip(drawn(24, 8), drawn(24, 8), strict=True)
    )
    other = next(batches(numbered(24), 8, 5, generator(0, 2), ALONE))
    assert not torch.equal(drawn(24, 8)[0].dry, other.dry) and not torch.equal(drawn(24, 8)[0].noise, other.noise)


@pytest.mark.parametrize("world", [2, 3, 5])
def test_shares_of_all_ranks_are_the_batch_and_equally_long(world: int) -> None:
    shares = [drawn(26, 8, Team(rank, world)) for rank in range(world)]
    for whole, *parts in zip(drawn(26, 8), *shares, strict=True):
        assert len({len(part.dry) for part in parts}) == 1
        assert all(part.items == whole.items for part in parts)
        for name in ("dry", "wet", "noise", "groups"):
            joined = torch.cat([getattr(part, name)[part.groups >= 0] for part in parts])
            assert torch.equal(joined, getattr(whole, name)), name


def test_batches_mix_effects() -> None:
    examples = fetch(SyntheticSource(CONFIG), training_portions(CONFIG, 0))
    first = next(batches(examples, 8, 5, generator(0), ALONE))
    assert len(examples.dry) == 24
    assert len({group.item() * 2 // 8 for group in first.groups}) > 1
