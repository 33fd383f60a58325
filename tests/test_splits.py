"""Effect splits and their names."""

from __future__ import annotations

from itertools import combinations

import pytest

from trainables.effects.names import EFFECT_NAMES, SEED_HELD_OUT
from trainables.errors import InputError
from tune.splits import DEFAULT_SPLIT, MAX_HELD_OUT, held_out_effects, split_id, splits_holding_out, trained_effects


def test_the_default_split_holds_out_what_the_seed_study_did() -> None:
    assert DEFAULT_SPLIT == "-leslie-combo-loudness"
    assert held_out_effects(DEFAULT_SPLIT) == SEED_HELD_OUT


def test_a_splits_name_does_not_depend_on_the_order_of_its_effects() -> None:
    assert split_id(["loudness", "leslie", "combo"]) == split_id(["combo", "loudness", "leslie"]) == DEFAULT_SPLIT


@pytest.mark.parametrize("count", range(MAX_HELD_OUT + 1))
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


@pytest.mark.parametrize("split", ["-lesli", "leslie", "-leslie-leslie", "", "-", "everything"])
def test_a_name_that_is_no_split_is_refused(split: str) -> None:
    with pytest.raises(InputError):
        held_out_effects(split)


def test_an_unknown_effect_names_the_nearest() -> None:
    with pytest.raises(InputError, match="Did you mean 'leslie'"):
        split_id(["lesley"])
