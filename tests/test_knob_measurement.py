from __future__ import annotations

import made_up_effects as effects
import pytest
from made_up_effects import AMOUNT, clips, made_up

from trainables.effects.measured.hearing import AUDIBLE_DB
from trainables.effects.measured.knob_measurement import Heard, measure_knob
from trainables.effects.measured.measurement import measure
from trainables.effects.measured.probe_clips import Effort
from trainables.errors import InputError
from trainables.parameters import Parameter

EFFORT = Effort(clips=3, positions=5, step_positions=65)


def measured(process, knob=AMOUNT):
    return measure_knob(made_up(process, knob), knob, clips(), EFFORT)


def test_a_gain_is_not_heard_and_moves_the_level_by_its_range():
    knob = measured(effects.gain)
    assert (knob.mono.most_db, knob.stereo.most_db) == pytest.approx((0.0, 0.0), abs=1e-3)
    assert knob.level_db == pytest.approx(40.0, abs=1e-3)
    assert not knob.mono.ever and knob.steps == 65


def test_a_knob_in_five_steps_has_five_and_is_heard():
    knob = measured(effects.quantised_low_pass)
    assert knob.steps == 5
    assert knob.mono.audible and knob.stereo.audible


def test_a_width_is_heard_in_stereo_only():
    knob = measured(effects.width)
    assert (knob.mono.most_db, knob.stereo.audible) == (0.0, True)
    assert knob.steps == 65  # counted where there is something to count


def test_a_knob_without_effect_has_one_step():
    knob = measured(effects.late)
    assert (knob.mono.most_db, knob.level_db, knob.steps) == (0.0, 0.0, 1)


def test_a_list_is_heard_at_each_of_its_choices():
    seen = set()

    def remembering(dry, rate, settings, block):
        seen.add(round(settings["kind"], 6))
        return dry

    knob = Parameter("kind", 0.0, 1.0, 0.0, kind="list", choices=("a", "b", "c"), frozen=True)
    measure_knob(made_up(remembering, knob), knob, clips(), Effort(clips=3, positions=5, step_positions=1))
    assert seen == {0.0, 0.5, 1.0}


def test_what_is_not_finite_is_left_out():
    knob = measured(effects.not_finite_at_the_top)
    assert (knob.mono.most_db, knob.steps) == (0.0, 1)


def test_a_silent_end_of_the_travel_moves_the_level_only():
    knob = measured(lambda dry, rate, settings, block: dry * settings["amount"])
    assert knob.mono.most_db == pytest.approx(0.0, abs=1e-3)
    assert knob.level_db > 80.0


def test_channels_that_are_refused_are_not_measured():
    [knob] = measure(made_up(effects.mono_only), clips(), EFFORT).knobs
    assert knob.mono == Heard(0.0, 0.0) and knob.stereo is None


def test_an_effect_that_takes_nothing_is_told_with_its_reason():
    with pytest.raises(InputError, match="2 channels: are not taken"):
        measure(made_up(effects.nothing_taken), clips(), EFFORT)


def test_audible_means_in_most_clips_and_ever_in_any():
    assert Heard(AUDIBLE_DB, 5.0).audible
    assert (Heard(0.1, AUDIBLE_DB).audible, Heard(0.1, AUDIBLE_DB).ever) == (False, True)
    assert not Heard(0.1, 0.9).ever
