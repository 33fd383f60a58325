"""Effect splits and their names."""

from __future__ import annotations

from itertools import combinations

import pytest

from trainables.effects.names import EFFECT_NAMES, SEED_HELD_OUT
from trainables.errors import InputError
from tune.space.splits import default_split, held_out_effects, most_held_out, split_id, splits_holding_out, trained_effects

DEFAULT_SPLIT = default_split()


def test_the_default_split_holds_out_what_the_seed_study_did() -> None:
    assert DEFAULT_SPLIT == "-leslie-combo-loudness"
    assert held_out_effects(DEFAULT_SPLIT) == SEED_HELD_OUT


def test_a_splits_name_does_not_depend_on_the_order_of_its_effects() -> None:
    assert split_id(["loudness", "leslie", "combo"]) == split_id(["combo", "loudness", "leslie"]) == DEFAULT_SPLIT


@pytest.mark.parametrize("count", range(most_held_out(EFFECT_NAMES) + 1))
def test_every_splits_name_tells_its_effects(count: int) -> None:
    for held_out in combinations(EFFECT_NAMES, count):
        name = split_id(held_out)
        assert held_out_effects(name) == held_out
        assert set(trained_effects(name)) | set(held_out) == set(EFFECT_NAMES)
        assert len(trained_effects(name)) == len(EFFECT_NAMES) - count


def test_any_three_of_nine_are_84_splits() -> None:
    assert len(set(splits_holding_out(3))) == 84
    assert splits_holding_out(0) == ("all",)


def test_two_effects_must_remain() -> None:
    with pytest.raises(InputError, match="At least 2 of the 9 effects must remain"):
        split_id(EFFECT_NAMES[:8])


@pytest.mark.parametrize("split", ["leslie", "", "-", "everything", "-leslie--combo"])
def test_a_name_that_is_no_split_is_refused(split: str) -> None:
    with pytest.raises(InputError):
        held_out_effects(split)


@pytest.mark.parametrize("held_out", [["lesli"], ["leslie", "leslie"]])
def test_unknown_and_repeated_effects_are_refused(held_out: list[str]) -> None:
    with pytest.raises(InputError):
        split_id(held_out)


def test_a_sweep_s_own_effects_are_split_in_its_order() -> None:
    effects = ("delay", "leslie", "tube", "crunch")
    assert split_id(["crunch", "delay"], effects) == "-delay-crunch"
    assert trained_effects("-delay-crunch", effects) == ("leslie", "tube")
    assert len(splits_holding_out(1, effects)) == 4
    assert default_split(effects) == "-leslie"
    assert default_split(("leslie", "combo", "loudness")) == "-leslie"
    with pytest.raises(InputError, match="Valid: crunch, delay"):
        split_id(["ambience"], effects)


def test_an_unknown_effect_names_the_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean 'leslie'"):
        split_id(["lesley"])
