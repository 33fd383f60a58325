"""How many blocks the trials of a sweep read, together and one by one: an upper bound, from the schedule's arithmetic."""

from __future__ import annotations

from trainables.rendering.schedule import BLOCK_ITEMS, CONTROL_ITEMS
from tune.space.dimensions import EFFECT_SPLIT, Range
from tune.space.extremes import highest_setting
from tune.space.splits import trained_effects
from tune.sweep_file.spec import Sweep


def splits(sweep: Sweep) -> tuple[str, ...]:
    """The effect splits that a sweep may propose."""
    dimension = sweep.dimensions[EFFECT_SPLIT]
    return () if isinstance(dimension, Range) else tuple(str(split) for split in dimension.values)


def blocks_of_a_trial(sweep: Sweep) -> int:
    """Training and validation blocks that one trial reads at most."""
    counts = {len(trained_effects(split, sweep.effects.names)) for split in splits(sweep)}
    return _forms(sweep) * max(sum(sum(_stream_blocks(sweep, place, trained)) for place in range(trained)) for trained in counts)


def shared_blocks(sweep: Sweep) -> int:
    """Training and validation blocks that all trials together read at most.

    That is, of each effect the longest streams that any trial reads, as trials read an effect's streams from their start;
    a control reads the beginning of every effect's.
    """
    streams, names = _longest_streams(sweep), sweep.effects.names
    begun = {effect: _control_blocks(sweep, place) for place, effect in enumerate(names)}
    for_controls = sum(max(0, begun[effect] - streams.get(effect, (0, 0))[0]) for effect in names)
    return _forms(sweep) * sum(map(sum, streams.values())) + for_controls


def timbre_blocks(sweep: Sweep) -> int:
    """Blocks of which brightness and depth are measured, at most: each that is trained or validated on, once, or none."""
    if _forms(sweep) == 1:
        return 0
    return min(sum(map(sum, _longest_streams(sweep).values())), blocks_of_a_trial(sweep) // 2 * sweep.budget.trials)


def _longest_streams(sweep: Sweep) -> dict[str, tuple[int, int]]:
    """Training and validation blocks of each effect that is trained on in some split."""
    longest: dict[str, tuple[int, int]] = {}
    for split in splits(sweep):
        trained = trained_effects(split, sweep.effects.names)
        for place, effect in enumerate(trained):
            here, known = _stream_blocks(sweep, place, len(trained)), longest.get(effect, (0, 0))
            longest[effect] = (max(here[0], known[0]), max(here[1], known[1]))
    return longest


def _forms(sweep: Sweep) -> int:
    """In how many forms a block is read: as spectrograms, and as timbre where a trial's loss may have a perceptual term."""
    return 2 if highest_setting(sweep, "perceptual_weight") > 0.0 else 1


def _control_blocks(sweep: Sweep, place: int) -> int:
    pairs = min(sweep.train.items_per_epoch * sweep.train.max_epochs, CONTROL_ITEMS) // 2
    return -(-2 * _dealt(pairs, place, len(sweep.effects.names)) // BLOCK_ITEMS)


def _stream_blocks(sweep: Sweep, place: int, trained: int) -> tuple[int, int]:
    """Training and validation blocks of the effect at `place` of so many, if the trial lasts for all its epochs."""
    train = sweep.train
    pairs = train.items_per_epoch // 2
    if train.effect_schedule == "per_epoch":
        train_pairs = _dealt(train.max_epochs, place, trained) * pairs
    else:
        train_pairs = _dealt(train.max_epochs * pairs, place, trained)
    alone = train.effect_schedule == "per_epoch"  # then an effect is also validated on by itself
    validation_pairs = -(-train.validation_items // (2 if alone else 2 * trained))
    return -(-2 * train_pairs // BLOCK_ITEMS), -(-2 * validation_pairs // BLOCK_ITEMS)


def _dealt(count: int, place: int, players: int) -> int:
    """How many of `count` things the player at `place` gets when they are dealt in turn."""
    return -(-(count - place) // players)
