"""The `effects` section: which effects a sweep has, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from trainables.effects.names import EFFECT_NAMES
from trainables.effects.selection import EffectChoice
from tune.errors import InvalidInput
from tune.space.dimensions import EFFECT_SPLIT, HoldOut
from tune.space.trials import to_trial_config
from tune.sweep_file.spec import Sweep, parse_sweep, spec_hash

OWN = {
    "use": ["delay", "overdrive"],
    "add": {"tube": "lv2:urn:x", "crunch": "overdrive > combo"},
    "knobs": {"overdrive.output": "free", "delay.feedback": 0.3, "crunch.overdrive.drive": [0.1, 0.5]},
}


def sweep(effects: dict[str, Any], **more: Any) -> Sweep:
    return parse_sweep({"name": "own", "effects": effects, **more})


def test_the_nine_take_part_if_nothing_is_said() -> None:
    assert sweep({}).effects.names == EFFECT_NAMES
    assert [choice.name for choice in sweep({}).effects.choices("mda")] == list(EFFECT_NAMES)


def test_effects_are_the_used_ones_in_the_order_of_the_nine_then_the_added() -> None:
    assert sweep(OWN).effects.names == ("overdrive", "delay", "tube", "crunch")


def test_choices_have_their_sources_and_their_own_knobs() -> None:
    assert sweep(OWN).effects.choices("mda") == (
        EffectChoice("overdrive", "overdrive", "mda", (("output", "free"),)),
        EffectChoice("delay", "delay", "mda", (("feedback", 0.3),)),
        EffectChoice("tube", "lv2:urn:x", "mda"),
        EffectChoice("crunch", "overdrive > combo", "mda", (("overdrive.drive", (0.1, 0.5)),)),
    )


def test_what_is_written_out_reads_as_the_same_sweep() -> None:
    assert parse_sweep(sweep(OWN).canonical()) == sweep(OWN)
    assert spec_hash(sweep(OWN)) != spec_hash(sweep(OWN | {"knobs": {}}))


def test_splits_are_of_the_sweep_s_effects() -> None:
    own = sweep(OWN, search={"effect_split": {"hold_out": 1}})
    assert own.dimensions[EFFECT_SPLIT] == HoldOut(1, ("overdrive", "delay", "tube", "crunch"))
    config = to_trial_config(own, {EFFECT_SPLIT: "-tube"})
    assert (config.trained_effects, config.held_out_effects) == (("overdrive", "delay", "crunch"), ("tube",))
    assert config.effects == own.effects.names


def test_a_split_of_an_effect_that_does_not_take_part_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"'leslie': This is not one of the sweep's effects. Valid: crunch, delay"):
        sweep(OWN, search={"effect_split": [["leslie"]]})


@pytest.mark.parametrize(
    ("effects", "told"),
    [
        ({"use": ["overdriv", "delay"]}, r"effects.use\[0\] = overdriv.*Did you mean 'overdrive'.*effects.add"),
        ({"use": ["delay", "delay"]}, "An effect is used once"),
        ({"use": ["delay"]}, "at least 2 effects"),
        ({"use": "delay"}, "must be a list"),
        ({"add": {"dry": "overdrive"}}, "This name is taken"),
        ({"add": {"Big-Muff": "overdrive"}}, "small letters"),
        ({"add": {"tube": 3}}, "one source, as text"),
        ({"knobs": {"tube.drive": 1}}, "with an effect of the sweep"),
        ({"knobs": {"delay": 1}}, "effect.parameter"),
        ({"knobs": {"delay.feedback": "loose"}}, "a number, to a range, or to free"),
        ({"knobs": {"delay.feedback": [1]}}, "a number, to a range, or to free"),
        ({"knobs": {"delay.feedback": True}}, "a number, to a range, or to free"),
    ],
)
def test_a_mistake_is_told_with_rule_and_remedy(effects: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        sweep(effects)


def test_mistaken_effects_do_not_make_the_split_look_mistaken() -> None:
    with pytest.raises(InvalidInput) as caught:
        sweep({"add": {"tube": 3}}, search={"effect_split": [["tube"]]})
    assert "effect_split" not in str(caught.value)
