"""Made-up plugins, of which it is known what they do."""

import itertools

import numpy as np
import pytest

from trainables.effects.isolation.probing import idle_knobs, quickest_take_seconds
from trainables.parameters import Parameter

KNOB = Parameter("knob", 0.0, 1.0, 0.5)
SWITCH = Parameter("switch", 0.0, 1.0, 0.0, kind="toggle", choices=("off", "on"), frozen=True)


def idle(effect, *more, channels=2):
    """(knobs that are only level, knobs that do nothing) of a plugin with `knob` and other parameters."""

    def process(dry, sample_rate, settings, *, block_samples=8192):
        return np.asarray(effect(dry, **settings), np.float32)

    found = idle_knobs(process, (KNOB, *more), channels)
    return set(found.level), set(found.nothing)


@pytest.mark.parametrize(
    ("what", "effect"),
    [
        ("a gain", lambda dry, knob: dry * 10 ** (4 * knob - 2)),
        ("a gain after a distortion", lambda dry, knob: np.tanh(5 * dry) * (knob + 0.1)),
        ("a gain that turns the sign", lambda dry, knob: dry * (knob - 0.7)),
        ("a mute", lambda dry, knob: dry * (knob > 0.7)),
        ("a gain that moves slowly at first", lambda dry, knob: dry * (knob + np.exp(-np.arange(dry.shape[1]) / 500))),
    ],
)
def test_what_only_changes_the_level_is_level(what, effect):
    assert idle(effect) == ({"knob"}, set())


@pytest.mark.parametrize(
    ("what", "effect"),
    [
        ("a drive", lambda dry, knob: np.tanh(dry * (1 + 20 * knob))),
        ("a mix", lambda dry, knob: dry + knob * np.roll(dry, 500, axis=1)),
        ("a balance", lambda dry, knob: dry * np.array([[knob], [1 - knob]])),
        ("a limit above most samples", lambda dry, knob: np.clip(dry, -0.2 - 3 * knob, 0.2 + 3 * knob)),
    ],
)
def test_what_changes_more_is_not(what, effect):
    assert idle(effect) == (set(), set())


def test_what_does_nothing_does_nothing():
    assert idle(lambda dry, knob: dry) == (set(), {"knob"})


def test_a_knob_is_looked_at_where_a_switch_that_it_needs_is_on():
    def compress(dry, knob, switch):
        return np.tanh(dry * (1 + 20 * knob)) if switch > 0.5 else dry

    assert idle(compress, SWITCH) == (set(), set())
    assert idle(lambda dry, knob, switch: dry * (1 + knob) if switch > 0.5 else dry, SWITCH) == ({"knob"}, set())


def test_toggles_and_lists_are_not_looked_at():
    assert idle(lambda dry, knob, switch: np.tanh(dry * (1 + 20 * knob)), SWITCH) == (set(), set())


def test_the_quickest_of_a_few_takes_counts(monkeypatch):
    clock = itertools.accumulate([0.0, 9.0, 0.0, 2.0, 0.0, 0.1])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    assert quickest_take_seconds(lambda dry, rate, settings: dry, (KNOB,)) == pytest.approx(0.1)
