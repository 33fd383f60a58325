"""Properties that hold for every effect of both backends."""

import hashlib
import itertools
import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainables.effects import apply, dry_effect, load_effects
from trainables.effects.effect import identify
from trainables.effects.names import DRY, EFFECT_NAMES
from trainables.errors import InputError
from trainables.parameters import draw

EFFECTS = {f"{backend}-{name}": effect for backend in ("mda", "pedalboard") for name, effect in load_effects(backend).items()}
RATES = (8000, 16000, 44100, 48000, 96000, 192000)
# What a knob cannot change by itself: in mono, panning cancels out.
WITHOUT_EFFECT_IN_MONO = {("mda-leslie", "lo_width"), ("mda-leslie", "hi_width")}

LOOKS_AHEAD = {("pedalboard", "limiter")}

every_effect = pytest.mark.parametrize("effect", EFFECTS.values(), ids=EFFECTS.keys())


def noise(channels=1, samples=8192, seed=0, level=0.1):
    return (level * np.random.default_rng(seed).standard_normal((channels, samples))).astype(np.float32)


def drawn(effect, count, seed=0):
    random = np.random.default_rng(seed)
    return [draw(effect.parameters, random) for _ in range(count)]


def corners(effect, count=32):
    """Every corner of the box of free parameters, or a sample of `count` where there are more."""
    free = [p for p in effect.parameters if not p.frozen]
    every = itertools.product((0, 1), repeat=len(free))
    if 2 ** len(free) > count:
        every = np.random.default_rng(0).integers(2, size=(count, len(free))).tolist()
    return [{p.name: (p.low, p.high)[end] for p, end in zip(free, ends, strict=True)} for ends in every]


def digests():
    """Of every effect at three draws, as hex by effect."""
    rendered = {
        key: b"".join(apply(effect, noise(2, 20000), 44100, s).tobytes() for s in drawn(effect, 2) + corners(effect)[-1:])
        for key, effect in EFFECTS.items()
    }
    return {key: hashlib.sha256(content).hexdigest() for key, content in rendered.items()}


@pytest.mark.parametrize("backend", ["mda", "pedalboard"])
def test_the_nine_come_in_the_order_of_their_names(backend):
    effects = load_effects(backend)
    assert tuple(effects) == EFFECT_NAMES
    assert [(e.name, e.backend) for e in effects.values()] == [(name, backend) for name in EFFECT_NAMES]


@every_effect
def test_render_is_the_same_in_any_order(effect):
    takes = list(zip((noise(1 + i % 2, 9000, seed=i) for i in range(4)), drawn(effect, 4), strict=True))
    forwards = [apply(effect, dry, 44100, s) for dry, s in takes]
    backwards = [apply(effect, dry, 44100, s) for dry, s in reversed(takes)]
    assert all(np.array_equal(a, b) for a, b in zip(forwards, reversed(backwards), strict=True))


@pytest.mark.parametrize("filling", ["90", "165"])
def test_render_is_the_same_in_a_fresh_process_whatever_its_memory_held(filling):
    """MALLOC_PERTURB_ fills what malloc gives, so that a plugin which reads uninitialised memory is found out."""
    code = "import json, test_effects; print(json.dumps(test_effects.digests()))"
    environment = os.environ | {"MALLOC_PERTURB_": filling, "PYTHONPATH": os.pathsep.join(["tests", *sys.path])}
    output = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
    assert json.loads(output) == digests()


@every_effect
def test_every_corner_is_finite(effect):
    for settings_ in corners(effect):
        for level in (0.1, 1.0):
            wet = apply(effect, noise(level=level), 44100, settings_)
            assert np.abs(wet).max() < 1000.0


@every_effect
@pytest.mark.parametrize("sample_rate", RATES)
def test_every_sample_rate_works_in_mono_and_stereo(effect, sample_rate):
    for channels, settings_ in zip((1, 2, 1, 2), [*drawn(effect, 2), *corners(effect)[:2]], strict=True):
        wet = apply(effect, noise(channels, 4000), sample_rate, settings_)
        assert wet.shape == (channels, 4000) and wet.dtype == np.float32


@every_effect
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [1, 2, 3, 63, 8191, 8192, 8193])
def test_every_length_works_and_what_comes_later_changes_nothing(effect, channels, samples):
    dry = noise(channels, 10000)
    wet = apply(effect, dry[:, :samples], 44100, {})
    assert wet.shape == (channels, samples)
    if (effect.backend, effect.name) not in LOOKS_AHEAD:
        assert np.allclose(wet, apply(effect, dry, 44100, {})[:, :samples], atol=1e-6)


@every_effect
@pytest.mark.parametrize(
    "dry",
    [np.zeros((1, 5000)), np.ones((2, 5000)), np.full((1, 5000), -1.0), np.sign(noise(2, 5000)), np.full((1, 5000), 1e-30)],
    ids=["silence", "constant", "negative", "full scale", "denormal"],
)
def test_unusual_audio_stays_finite(effect, dry):
    for settings_ in ({}, *corners(effect)[-3:]):
        assert np.isfinite(apply(effect, dry.astype(np.float32), 44100, settings_)).all()


@every_effect
def test_silence_stays_silence(effect):
    wet = apply(effect, np.zeros((2, 9000), np.float32), 44100, {})
    assert np.abs(wet).max() < 1e-6


@every_effect
@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_any_settings_within_range_are_finite_and_any_beyond_are_refused(effect, data):
    values = {p.name: data.draw(st.floats(p.low, p.high)) for p in effect.parameters}
    assert np.isfinite(apply(effect, noise(samples=2000), 44100, values)).all()
    outlier = data.draw(st.sampled_from(effect.parameters))
    beyond = data.draw(st.sampled_from([outlier.low - 1.0, outlier.high + 1.0, float("nan"), float("inf")]))
    with pytest.raises(InputError, match=outlier.name):
        apply(effect, noise(samples=2000), 44100, values | {outlier.name: beyond})


@every_effect
@pytest.mark.parametrize("channels", [1, 2])
def test_every_free_knob_is_heard(effect, channels):
    """At some of a few settings: a knob may be idle while another is at its end."""
    key, dry = f"{effect.backend}-{effect.name}", noise(channels, 40000, level=0.3)
    for p in effect.parameters:
        if p.frozen or (channels == 1 and (key, p.name) in WITHOUT_EFFECT_IN_MONO):
            continue
        moved = [
            np.abs(apply(effect, dry, 44100, s | {p.name: p.low}) - apply(effect, dry, 44100, s | {p.name: p.high})).max()
            for s in drawn(effect, 3)
        ]
        assert max(moved) > 1e-3, p.name


def test_knobs_said_to_be_without_effect_in_mono_have_none():
    for key, name in WITHOUT_EFFECT_IN_MONO:
        low, high = (apply(EFFECTS[key], noise(samples=40000), 44100, {name: end}) for end in (0.0, 1.0))
        assert np.abs(low - high).max() < 1e-5


@every_effect
def test_effect_can_be_sent_to_another_process(effect):
    sent = pickle.loads(pickle.dumps(effect))
    assert sent.identity == effect.identity
    assert np.array_equal(apply(sent, noise(2), 44100, {}), apply(effect, noise(2), 44100, {}))


@every_effect
def test_input_is_left_as_it_is_and_output_is_its_own(effect):
    dry = noise()
    dry.setflags(write=False)
    before = dry.copy()
    wet = apply(effect, dry, 44100, {})
    wet[:] = 7.0
    assert np.array_equal(dry, before)
    assert wet.flags.c_contiguous


@every_effect
def test_memory_layout_of_the_input_does_not_matter(effect):
    dry = noise(2, 6000)
    strided = np.asfortranarray(dry)
    assert np.array_equal(apply(effect, strided, 44100, {}), apply(effect, dry, 44100, {}))


@pytest.mark.parametrize("key", ["mda-delay", "pedalboard-combo"])
@pytest.mark.parametrize("dry", [np.zeros((1, 0), np.float32), np.full((1, 9), np.nan, np.float32), np.zeros(9, np.float32)])
def test_unusable_audio_never_reaches_an_effect(key, dry):
    with pytest.raises(InputError, match="audio"):
        apply(EFFECTS[key], dry, 44100, {})


def test_unknown_setting_is_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="Did you mean 'muffle'"):
        apply(EFFECTS["mda-overdrive"], noise(), 44100, {"mufle": 0.5})


def test_result_that_is_not_finite_is_refused_with_the_settings():
    with pytest.raises(InputError, match=r"multiband \(.*l_out=1.*not finite"):
        apply(EFFECTS["mda-multiband"], np.full((1, 100), 3e38, np.float32), 44100, {"l_out": 1.0})


def test_dry_is_the_identity():
    dry = noise(2)
    effect = dry_effect()
    wet = apply(effect, dry, 44100, {})
    assert effect.name == DRY and effect.parameters == ()
    assert np.array_equal(wet, dry) and not np.shares_memory(wet, dry)


def test_identities_differ_between_effects_and_last():
    identities = {key: effect.identity for key, effect in EFFECTS.items()}
    assert len({*identities.values(), dry_effect().identity}) == 19
    assert identities == {f"{b}-{n}": e.identity for b in ("mda", "pedalboard") for n, e in load_effects(b).items()}


def test_identity_follows_the_build_the_table_and_the_block_size_but_not_the_wording():
    table = EFFECTS["mda-overdrive"].parameters
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
def test_every_knob_says_what_it_does_and_enumerations_and_levels_are_frozen(effect):
    for p in effect.parameters:
        assert p.meaning and p.name == p.name.lower()
        assert bool(p.choices) == (p.kind in ("list", "toggle"))
        if p.choices or p.name in ("output", "output_db"):
            assert p.frozen
