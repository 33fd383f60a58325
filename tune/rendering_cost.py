"""How many blocks the trials of a sweep read, together and one by one: an upper bound, from the schedule's arithmetic."""

from __future__ import annotations

from trainables.schedule import BLOCK_ITEMS
from tune.dimensions import EFFECT_SPLIT, Range
from tune.spec import Sweep
from tune.splits import trained_effects


def splits(sweep: Sweep) -> tuple[str, ...]:
    """The effect splits that a sweep may propose."""
    dimension = sweep.dimensions[EFFECT_SPLIT]
    return () if isinstance(dimension, Range) else tuple(str(split) for split in dimension.values)


def _blocks_of_an_effect(sweep: Sweep, trained: int) -> int:
    """Blocks of one effect's streams that a trial with so many trained effects reads, if it lasts for all its epochs."""
    train = sweep.train
    pairs = train.items_per_epoch // 2
    turns = -(-train.max_epochs // trained)
    train_pairs = turns * pairs if train.effect_schedule == "per_epoch" else -(-train.max_epochs * pairs // trained)
    validation_pairs = -(-train.validation_items // (2 * trained))
    return sum(-(-2 * stream // BLOCK_ITEMS) for stream in (train_pairs, validation_pairs))


def blocks_of_a_trial(sweep: Sweep) -> int:
    """Training and validation blocks that one trial reads at most."""
    sizes = {len(trained_effects(split)) for split in splits(sweep)}
    return max(size * _blocks_of_an_effect(sweep, size) for size in sizes)


def shared_blocks(sweep: Sweep) -> int:
    """Training and validation blocks that all trials together read at most.

    That is, of each effect the longest stream that any trial reads, as trials read an effect's stream from its start.
    """
    longest: dict[str, int] = {}
    for split in splits(sweep):
        trained = trained_effects(split)
        blocks = _blocks_of_an_effect(sweep, len(trained))
        longest |= {effect: max(blocks, longest.get(effect, 0)) for effect in trained}
    return sum(longest.values())
