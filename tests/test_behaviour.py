from __future__ import annotations

import made_up_effects as effects
import numpy as np
import pytest
from made_up_effects import clips, made_up

from trainables.effects.measured.behaviour import LONGEST_TAIL_SECONDS, measure_behaviour
from trainables.effects.measured.measurement import measure
from trainables.effects.measured.probe_clips import Effort


def behaviour(process):
    return measure_behaviour(made_up(process), clips())


def test_a_gain_has_no_latency_tail_memory_or_motion():
    found = behaviour(effects.gain)
    assert (found.latency_samples, found.tail_seconds, found.memory) == (0, 0.0, "none")
    assert found.repeats and not found.moves and found.block_difference_db is None
    assert found.rate_difference_db < 0.5


def test_an_echo_rings_for_its_time_and_is_no_latency():
    found = behaviour(effects.echo)
    assert found.latency_samples == 0
    assert found.tail_seconds == pytest.approx(0.25, abs=0.001)
    assert found.memory == "fades" and not found.moves


def test_a_delay_of_everything_is_latency():
    assert behaviour(effects.late).latency_samples == 100


def test_what_comes_early_is_negative_latency():
    assert behaviour(effects.ahead).latency_samples == -30


def test_a_tremolo_moves_by_itself():
    found = behaviour(effects.tremolo)
    assert found.moves and found.memory == "none"


def test_what_is_never_forgotten_lasts():
    assert behaviour(effects.latch).memory == "lasts"


def test_a_ramp_in_each_block_depends_on_the_blocks():
    difference_db = behaviour(effects.fading_in_each_block).block_difference_db
    assert difference_db is not None and -20.0 < difference_db < 0.0


def test_rounding_is_no_dependence_on_blocks():
    assert behaviour(lambda dry, rate, settings, block: dry * (1 + 1e-6 * block / 8192)).block_difference_db is None


def test_a_filter_counted_in_samples_differs_between_sample_rates():
    assert behaviour(effects.low_pass_counted_in_samples).rate_difference_db > 3.0


def test_noise_of_its_own_does_not_repeat():
    random = np.random.default_rng(0)
    assert not behaviour(lambda dry, rate, settings, block: dry + 0.01 * random.standard_normal(dry.shape)).repeats


def test_a_hum_in_silence_is_not_taken_for_an_early_answer():
    assert behaviour(lambda dry, rate, settings, block: dry + 0.01).latency_samples == 0


def test_a_tail_is_cut_at_the_longest():
    hum = behaviour(lambda dry, rate, settings, block: dry + 0.01)
    assert hum.tail_seconds == LONGEST_TAIL_SECONDS


def test_an_effect_that_takes_mono_only_is_measured_in_mono():
    assert measure(made_up(effects.mono_only), clips(), Effort(3, 2, 3)).behaviour.repeats
