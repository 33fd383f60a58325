"""Properties that hold for every effect of every backend. That a take is always the same bytes: test_effect_bytes.py."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from every_effect import EFFECTS, LOOKS_AHEAD, REFUSED_RATES, corners, drawn, every_effect
from hypothesis import given, settings
from hypothesis import strategies as st
from signals import noise

from trainables.effects import apply, dry_effect, load_effects
from trainables.effects.effect import identify
from trainables.effects.names import DRY, EFFECT_NAMES
from trainables.errors import InputError

RATES = (8000, 16000, 44100, 48000, 96000, 192000)
# Knobs that change nothing in mono, where panning cancels out.
WITHOUT_EFFECT_IN_MONO = {
    ("mda:leslie", "lo_width"),
    ("mda:leslie", "hi_width"),
    ("mda:multiband", "stereo"),
    ("vst3:/usr/lib/vst3/ZamCompX2.vst3", "stereo_detection"),
}
# What comes out of silence at most: the telephone's integers have no exact zero.
HUM = {"pedalboard:gsm": 1e-3}
UNUSUAL = {
    "silence": np.zeros((1, 3000)),
    "constant": np.ones((2, 3000)),
    "negative": np.full((1, 3000), -1.0),
    "full scale": np.sign(noise(2, 3000)),
    "far too loud": noise(2, 3000, level=30.0),
    "denormals": np.full((1, 3000), 1e-40) * np.sign(noise(1, 3000)),
    "one sample of many": np.eye(1, 3000, 5),
}


@pytest.mark.parametrize("backend", ["mda", "pedalboard"])
def test_the_nine_come_in_the_order_of_their_names(backend):
    effects = load_effects(backend)
    assert tuple(effects) == EFFECT_NAMES
    assert [(e.name, e.backend) for e in effects.values()] == [(name, backend) for name in EFFECT_NAMES]


@every_effect
def test_every_corner_is_finite(source):
    effect = EFFECTS[source]
    for settings_ in corners(effect):
        assert np.isfinite(apply(effect, noise(samples=6000, level=0.3), 44100, settings_)).all()


@every_effect
@pytest.mark.parametrize("sample_rate", RATES)
def test_every_sample_rate_works_in_mono_and_stereo_or_is_refused(source, sample_rate):
    effect = EFFECTS[source]
    if sample_rate in REFUSED_RATES.get(source, ()):
        with pytest.raises(InputError, match=f"at {sample_rate} Hz"):
            apply(effect, noise(), sample_rate, {})
        return
    for channels, settings_ in ((1, drawn(effect, 1)[0]), (2, corners(effect, 1)[0])):
        wet = apply(effect, noise(channels, 2000), sample_rate, settings_)
        assert wet.shape == (channels, 2000) and wet.dtype == np.float32


@every_effect
@pytest.mark.parametrize("channels", [1, 2])
def test_every_length_works_and_what_comes_later_changes_nothing(source, channels):
    effect, dry = EFFECTS[source], noise(channels, 10000)
    whole = apply(effect, dry, 44100, {})
    for samples in (1, 2, 3, 63, 8191, 8192, 8193):
        wet = apply(effect, dry[:, :samples], 44100, {})
        assert wet.shape == (channels, samples)
        assert source in LOOKS_AHEAD or np.allclose(wet, whole[:, :samples], atol=1e-6)


@pytest.mark.parametrize("source", sorted(LOOKS_AHEAD))
def test_those_said_to_look_ahead_do(source):
    """A burst that has not yet come changes what is before it."""
    dry = noise(samples=10000, level=0.5)
    dry[:, :3000] *= 0.1
    early, whole = (apply(EFFECTS[source], audio, 44100, {}) for audio in (dry[:, :3000], dry))
    assert np.abs(early - whole[:, :3000]).max() > 1e-4


@every_effect
@pytest.mark.parametrize("kind", UNUSUAL)
def test_unusual_audio_stays_finite(source, kind):
    dry = UNUSUAL[kind].astype(np.float32)
    for settings_ in ({}, *corners(EFFECTS[source], 1)):
        assert np.isfinite(apply(EFFECTS[source], dry, 44100, settings_)).all()


@every_effect
def test_silence_stays_silence(source):
    wet = apply(EFFECTS[source], np.zeros((2, 9000), np.float32), 44100, {})
    assert np.abs(wet).max() < HUM.get(source, 1e-6)


@every_effect
@given(data=st.data())
@settings(max_examples=6, deadline=None)
def test_any_settings_and_any_shape_of_audio_give_finite_audio_of_that_shape(source, data):
    effect = EFFECTS[source]
    values = {p.name: data.draw(st.floats(p.low, p.high)) for p in effect.parameters}
    channels, samples = data.draw(st.integers(1, 2)), data.draw(st.integers(1, 3000))
    sample_rate = data.draw(st.sampled_from(sorted({*RATES} - {*REFUSED_RATES.get(source, ())})))
    dry = noise(channels, samples, seed=data.draw(st.integers(0, 99)), level=data.draw(st.floats(0, 1)))
    wet = apply(effect, dry, sample_rate, values)
    assert wet.shape == dry.shape and np.isfinite(wet).all()


@every_effect
def test_any_setting_beyond_its_range_is_refused_by_name(source):
    for p in EFFECTS[source].parameters:
        for beyond in (p.low - 1.0, p.high + 1.0, float("nan"), float("inf")):
            with pytest.raises(InputError, match=p.name):
                apply(EFFECTS[source], noise(samples=100), 44100, {p.name: beyond})


def moved(effect, parameter, channels):
    """The largest change of a sample by a knob's travel, at some of a few settings: another knob at its end may idle it."""
    dry = bursts(channels)

    def change(others):
        low, high = (apply(effect, dry, 44100, others | {parameter.name: end}) for end in (parameter.low, parameter.high))
        return np.abs(low - high).max()

    return max(change(others) for others in ({}, *drawn(effect, 3)))


def bursts(channels):
    """Noise that is loud, then soft, and so on: dynamics show all of their knobs."""
    levels = np.repeat([0.5, 0.005, 0.5, 0.05], 3000).astype(np.float32)
    return levels * noise(channels, levels.size, level=1.0)


@every_effect
@pytest.mark.parametrize("channels", [1, 2])
def test_every_knob_changes_the_audio(source, channels):
    for p in EFFECTS[source].parameters:
        if channels == 2 or (source, p.name) not in WITHOUT_EFFECT_IN_MONO:
            assert moved(EFFECTS[source], p, channels) > 1e-3, p.name


@pytest.mark.parametrize(("source", "name"), sorted(WITHOUT_EFFECT_IN_MONO))
def test_knobs_said_to_be_without_effect_in_mono_have_none(source, name):
    [parameter] = [p for p in EFFECTS[source].parameters if p.name == name]
    assert moved(EFFECTS[source], parameter, channels=1) < 1e-5


@every_effect
def test_effect_can_be_sent_to_another_process(source):
    effect = EFFECTS[source]
    sent = pickle.loads(pickle.dumps(effect))
    assert sent.identity == effect.identity
    assert np.array_equal(apply(sent, noise(2), 44100, {}), apply(effect, noise(2), 44100, {}))


@every_effect
def test_input_is_left_as_it_is_and_output_is_its_own(source):
    dry = noise()
    before = dry.copy()
    wet = apply(EFFECTS[source], dry, 44100, {})
    assert np.array_equal(dry, before)
    assert not np.shares_memory(wet, dry) and wet.flags.writeable and wet.flags.c_contiguous


@every_effect
def test_memory_layout_of_the_input_does_not_matter(source):
    dry = noise(2, 6000)
    strided = np.asfortranarray(dry)
    assert np.array_equal(apply(EFFECTS[source], strided, 44100, {}), apply(EFFECTS[source], dry, 44100, {}))


@every_effect
@pytest.mark.parametrize("dry", [np.zeros((1, 0), np.float32), np.full((1, 9), np.nan, np.float32), np.zeros(9, np.float32)])
def test_unusable_audio_never_reaches_an_effect(source, dry):
    with pytest.raises(InputError, match="audio"):
        apply(EFFECTS[source], dry, 44100, {})


def test_unknown_setting_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="Did you mean 'muffle'"):
        apply(EFFECTS["mda:overdrive"], noise(), 44100, {"mufle": 0.5})


def test_result_that_is_not_finite_is_refused_with_the_settings():
    with pytest.raises(InputError, match=r"multiband \(.*l_out=1.*not finite"):
        apply(EFFECTS["mda:multiband"], np.full((1, 100), 3e38, np.float32), 44100, {"l_out": 1.0})


def test_dry_is_the_identity():
    dry = noise(2)
    effect = dry_effect()
    wet = apply(effect, dry, 44100, {})
    assert effect.name == DRY and effect.parameters == ()
    assert np.array_equal(wet, dry) and not np.shares_memory(wet, dry)


def test_identities_differ_between_effects():
    assert len({dry_effect().identity, *(effect.identity for effect in EFFECTS.values())}) == len(EFFECTS) + 1


def test_identity_follows_the_build_the_table_and_the_block_size_but_not_the_wording():
    table = EFFECTS["mda:overdrive"].parameters
    reworded = tuple(replace(p, meaning="else") for p in table)
    other_default = (replace(table[0], default=0.5), *table[1:])
    base = identify("mda", "build", table, 8192)
    assert base == identify("mda", "build", reworded, 8192)
    changed = [
        identify("mda", "b", table, 8192),
        identify("mda", "build", other_default, 8192),
        identify("mda", "build", table, 512),
    ]
    assert base not in changed


@every_effect
def test_every_knob_says_what_it_does_and_enumerations_and_levels_are_frozen(source):
    for p in EFFECTS[source].parameters:
        assert p.meaning and p.name == p.name.lower()
        assert bool(p.choices) == (p.kind in ("list", "toggle"))
        if p.choices or p.name in ("output", "output_db"):
            assert p.frozen
