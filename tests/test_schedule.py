from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from synthetic_blocks import CONFIG, with_train

from trainables.configs import TrialConfig
from trainables.effects.names import EFFECT_NAMES
from trainables.rendering.schedule import (
    BLOCK_ITEMS,
    CONTROL_ITEMS,
    Portion,
    control_portions,
    cycle_epochs,
    effect_of_epoch,
    own_validation_portions,
    training_portions,
    training_requests,
    validation_portions,
    validation_requests,
)


def config(effects: int = 6, **train: object) -> TrialConfig:
    return with_train(replace(CONFIG, trained_effects=EFFECT_NAMES[:effects]), **train)


def items(portions: list[Portion]) -> list[tuple[str, int]]:
    """(effect, place in the effect's stream) of every item."""
    return [
        (part.request.effect, part.request.draw * BLOCK_ITEMS + row) for part in portions for row in range(part.start, part.stop)
    ]


@pytest.mark.parametrize("schedule", ["per_item", "per_epoch"])
@pytest.mark.parametrize("effects", [1, 4, 9])
@pytest.mark.parametrize("asked", [4, 25, 250])
def test_an_epoch_has_exactly_its_items_in_whole_pairs(schedule: str, effects: int, asked: int) -> None:
    trial = config(effects, items_per_epoch=asked, effect_schedule=schedule)
    for epoch in range(5):
        portions = training_portions(trial, epoch)
        assert len(items(portions)) == asked // 2 * 2
        assert all(part.start % 2 == part.stop % 2 == 0 and part.start < part.stop <= BLOCK_ITEMS for part in portions)
        assert all(part.request.partition == "train" and part.request.items == BLOCK_ITEMS for part in portions)
        assert training_requests(trial, epoch) == [part.request for part in portions]


@pytest.mark.parametrize("schedule", ["per_item", "per_epoch"])
def test_no_item_is_used_twice_and_none_is_left_out(schedule: str) -> None:
    trial = config(4, items_per_epoch=50, effect_schedule=schedule)
    used = [item for epoch in range(12) for item in items(training_portions(trial, epoch))]
    assert len(set(used)) == len(used) == 600
    for effect in trial.trained_effects:
        places = sorted(place for name, place in used if name == effect)
        assert places == list(range(len(places)))


def test_per_item_deals_effects_evenly_in_every_epoch_and_exactly_in_the_long_run() -> None:
    trial = config(6, items_per_epoch=250)
    total: Counter[str] = Counter()
    for epoch in range(6):
        counts = Counter(effect for effect, _ in items(training_portions(trial, epoch)))
        assert set(counts) == set(trial.trained_effects)
        assert max(counts.values()) - min(counts.values()) <= 2
        total += counts
    assert set(total.values()) == {250}


def test_per_epoch_takes_one_effect_in_turn() -> None:
    trial = config(3, items_per_epoch=20, effect_schedule="per_epoch")
    seen = [{effect for effect, _ in items(training_portions(trial, epoch))} for epoch in range(6)]
    assert seen == [{effect} for effect in (*trial.trained_effects, *trial.trained_effects)]


def test_trials_with_different_splits_and_sizes_ask_for_equal_blocks() -> None:
    small, large = config(6, items_per_epoch=96), config(4, items_per_epoch=250)
    shared = {request for epoch in range(2) for request in training_requests(small, epoch) if request.effect in EFFECT_NAMES[:4]}
    assert shared <= set(training_requests(large, 0))
    assert set(validation_requests(large)) <= set(validation_requests(small))


@pytest.mark.parametrize(("effects", "asked", "each"), [(6, 25, 6), (9, 2, 2), (3, 12, 4), (1, 25, 26)])
def test_validation_has_equally_many_items_of_each_trained_effect(effects: int, asked: int, each: int) -> None:
    trial = config(effects, validation_items=asked)
    assert Counter(effect for effect, _ in items(validation_portions(trial))) == dict.fromkeys(trial.trained_effects, each)
    assert {request.partition for request in validation_requests(trial)} == {"validation"}


def test_an_epoch_of_one_effect_is_validated_on_that_effect_with_the_same_items_each_time() -> None:
    trial = config(3, validation_items=25, effect_schedule="per_epoch")
    asked = [items(own_validation_portions(trial, epoch)) for epoch in range(6)]
    assert [{effect for effect, _ in own} for own in asked] == [{effect_of_epoch(trial, epoch)} for epoch in range(6)]
    assert asked[:3] == asked[3:] and {len(own) for own in asked} == {26}
    requested = {portion.request for epoch in range(3) for portion in own_validation_portions(trial, epoch)}
    assert requested <= set(validation_requests(trial))


def test_a_cycle_trains_on_every_effect() -> None:
    for schedule, expected in (("per_item", 1), ("per_epoch", 5)):
        trial = config(5, items_per_epoch=20, effect_schedule=schedule)
        assert cycle_epochs(trial) == expected
        portions = [part for epoch in range(expected) for part in training_portions(trial, epoch)]
        assert {part.request.effect for part in portions} == set(trial.trained_effects)


def test_the_control_is_fitted_on_every_trained_effect_whatever_the_schedule() -> None:
    for schedule in ("per_item", "per_epoch"):
        found = control_portions(config(6, items_per_epoch=250, effect_schedule=schedule))
        assert found == training_portions(config(6, items_per_epoch=250), 0)
    assert len(items(control_portions(config(6, items_per_epoch=100_000)))) == CONTROL_ITEMS
