import numpy as np
import pytest
from signals import noise

from trainables.effects import apply, load_effects
from trainables.effects.chain import chain
from trainables.effects.effect import Effect, NotFinite

NINE = load_effects("pedalboard")
DRY = noise(2, 9000)


def test_a_chain_is_its_parts_one_after_another():
    settings = {"overdrive.drive_db": 30.0, "delay.feedback": 0.7}
    whole = apply(chain([NINE["overdrive"], NINE["delay"]]), DRY, 44100, settings)
    first = apply(NINE["overdrive"], DRY, 44100, {"drive_db": 30.0})
    assert np.array_equal(whole, apply(NINE["delay"], first, 44100, {"feedback": 0.7}))


def test_the_order_matters():
    there, back = chain([NINE["overdrive"], NINE["delay"]]), chain([NINE["delay"], NINE["overdrive"]])
    assert there.identity != back.identity
    assert not np.array_equal(apply(there, DRY, 44100, {}), apply(back, DRY, 44100, {}))


def test_knobs_are_those_of_the_parts_frozen_ones_too():
    effect = chain([NINE["overdrive"], NINE["delay"], NINE["delay"]])
    parts = (("overdrive", "overdrive"), ("delay", "delay"), ("delay_2", "delay"))
    assert [(p.name, p.frozen) for p in effect.parameters] == [
        (f"{name}.{p.name}", p.frozen) for name, part in parts for p in NINE[part].parameters
    ]
    assert (effect.name, effect.backend) == ("overdrive_delay_delay_2", "chain")


def test_a_second_part_of_the_same_kind_has_settings_of_its_own():
    twice = chain([NINE["delay"], NINE["delay"]])
    click = np.zeros((1, 30000), np.float32)
    click[0, 0] = 1.0
    settings = {"delay.delay_ms": 100.0, "delay_2.delay_ms": 150.0, "delay.feedback": 0.0, "delay_2.feedback": 0.0}
    wet = apply(twice, click, 44100, settings)[0]
    assert np.flatnonzero(np.abs(wet) > 0.01).tolist() == pytest.approx([0, 4410, 6615, 11025], abs=2)


def test_the_identity_comes_from_the_parts():
    same = [chain([NINE["delay"], NINE["overdrive"]]).identity for _ in range(2)]
    assert same[0] == same[1] != chain([NINE["delay"], NINE["limiter"]]).identity


def test_a_part_that_is_not_finite_is_named_even_if_the_next_would_hide_it():
    def blow_up(dry, sample_rate, settings, *, block_samples=8192):
        return dry * np.float32(np.inf)

    def mute(dry, sample_rate, settings, *, block_samples=8192):
        return np.zeros_like(dry)

    effect = chain([Effect("bomb", "", "", (), "", blow_up), Effect("mute", "", "", (), "", mute)])
    with pytest.raises(NotFinite, match="bomb in a chain: gave samples that are not finite"):
        effect.process(DRY, 44100, {})


def test_blocks_are_those_of_all_parts():
    asked = []

    def note(dry, sample_rate, settings, *, block_samples=8192):
        asked.append(block_samples)
        return dry

    part = Effect("part", "", "", (), "", note)
    chain([part, part]).process(DRY, 44100, {}, block_samples=7)
    assert asked == [7, 7]
