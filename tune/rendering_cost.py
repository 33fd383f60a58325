"""How many blocks the trials of a sweep read, together and one by one: an upper bound, from the schedule's arithmetic."""

from __future__ import annotations

from trainables.schedule import BLOCK_ITEMS, CONTROL_ITEMS
from tune.dimensions import EFFECT_SPLIT, Range, highest
from tune.spec import Sweep
from tune.splits import trained_effects


def splits(sweep: Sweep) -> tuple[str, ...]:
    """The effect splits that a sweep may propose."""
    dimension = sweep.dimensions[EFFECT_SPLIT]
    return () if isinstance(dimension, Range) else tuple(str(split) for split in dimension.values)


def blocks_of_a_trial(sweep: Sweep) -> int:
    """Training and validation blocks that one trial reads at most."""
    counts = {len(trained_effects(split, sweep.effects.names)) for split in splits(sweep)}
    return _forms(sweep) * max(sum(_stream_blocks(sweep, place, trained) for place in range(trained)) for trained in counts)


def shared_blocks(sweep: Sweep) -> int:
    """Training and validation blocks that all trials together read at most.

    That is, of each effect the longest stream that any trial reads, as trials read an effect's stream from its start;
    the controls read the beginning of every effect's.
    """
    streams, control = _longest_streams(sweep), _control_blocks(sweep)
    for_controls = sum(max(0, control - streams.get(effect, 0)) for effect in sweep.effects.names)
    return _forms(sweep) * sum(streams.values()) + for_controls


def timbre_blocks(sweep: Sweep) -> int:
    """Blocks of which brightness and depth are measured, at most: each that is trained or validated on, once, or none."""
    if _forms(sweep) == 1:
        return 0
    return min(sum(_longest_streams(sweep).values()), blocks_of_a_trial(sweep) // 2 * sweep.budget.trials)


def _longest_streams(sweep: Sweep) -> dict[str, int]:
    """Of each effect that is trained on in some split."""
    longest: dict[str, int] = {}
    for split in splits(sweep):
        trained = trained_effects(split, sweep.effects.names)
        for place, effect in enumerate(trained):
            longest[effect] = max(_stream_blocks(sweep, place, len(trained)), longest.get(effect, 0))
    return longest


def _forms(sweep: Sweep) -> int:
    """In how many forms a block is read: as spectrograms, and as timbre where a trial's loss may have a perceptual term."""
    weight = sweep.dimensions.get("perceptual_weight")
    return 2 if (sweep.model.perceptual_weight if weight is None else highest(weight)) > 0.0 else 1


def _control_blocks(sweep: Sweep) -> int:
    pairs = min(sweep.train.items_per_epoch, CONTROL_ITEMS) // 2
    return -(-2 * _dealt(pairs, 0, len(sweep.effects.names)) // BLOCK_ITEMS)


def _stream_blocks(sweep: Sweep, place: int, trained: int) -> int:
    """Blocks of the effect at `place` of so many trained ones, if the trial lasts for all its epochs."""
    train = sweep.train
    pairs = train.items_per_epoch // 2
    if train.effect_schedule == "per_epoch":
        train_pairs = _dealt(train.max_epochs, place, trained) * pairs
    else:
        train_pairs = _dealt(train.max_epochs * pairs, place, trained)
    alone = train.effect_schedule == "per_epoch"  # then an effect is also validated on by itself
    validation_pairs = -(-train.validation_items // (2 if alone else 2 * trained))
    return sum(-(-2 * stream // BLOCK_ITEMS) for stream in (train_pairs, validation_pairs))


def _dealt(count: int, place: int, players: int) -> int:
    """How many of `count` things the player at `place` gets when they are dealt in turn."""
    return -(-(count - place) // players)
