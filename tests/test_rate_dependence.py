"""A knob that counts in samples: at twice the sample rate its time is half as long and its frequency twice as high."""

from __future__ import annotations

import numpy as np
import pytest
from signals import beat_hz, constant, impulse, response_db, sine

from trainables.effects import apply, load_effects
from trainables.effects.native import processors

RATES = (44100, 88200)
MDA = load_effects("mda")
PEDALBOARD = {**load_effects("pedalboard"), **processors.load()}
EFFECTS = {**{f"mda:{name}": e for name, e in MDA.items()}, **{f"pedalboard:{name}": e for name, e in PEDALBOARD.items()}}
COUNTED = {
    "mda:multiband": {"l_m", "m_h", "attack", "release"},
    "mda:overdrive": {"muffle"},
    "mda:ambience": {"size", "hf_damp"},
    "mda:delay": {"l_delay"},
    "mda:flanger": {"depth"},
    "mda:limiter": {"attack", "release"},
    "mda:leslie": {"x_over"},
    "mda:combo": {"model", "hpf_freq"},
    "pedalboard:ambience": {"damping"},
    "pedalboard:phaser": {"depth"},
    "pedalboard:reverb": {"damping"},
}
FLAT = {"l_comp": 0.0, "m_comp": 0.0, "h_comp": 0.0}
STILL = {"mode": 0.0, "lo_width": 0.0, "hi_width": 0.0, "lo_throb": 1.0, "hi_throb": 0.0, "hi_depth": 0.0}


def gain_db(source, settings, sample_rate, frequencies_hz):
    """At a level so low that nothing distorts."""
    click = impulse(1e-3, samples=sample_rate // 2)
    return response_db(lambda dry: apply(EFFECTS[source], dry, sample_rate, settings), frequencies_hz, click, sample_rate)


def echo_samples(source, settings, sample_rate):
    """Where the strongest echo of a click is."""
    wet = np.abs(apply(EFFECTS[source], impulse(0.5, samples=sample_rate), sample_rate, settings)[0])
    return 16 + int(np.argmax(wet[16:]))


def settling_samples(source, settings, sample_rate, from_level, to_level):
    """From a step of the level until all but a third of what follows is over."""
    samples = 2 * sample_rate
    dry = np.concatenate([constant(level, samples) for level in (from_level, to_level)], axis=1)
    after = apply(EFFECTS[source], dry, sample_rate, settings)[0, samples:].astype(np.float64)
    return int(np.argmax(np.abs(after - after[-1]) < np.abs(after[0] - after[-1]) / 3.0))


def fall_db(source, settings, sample_rate, low_hz, high_hz):
    """How much a reverberation loses in a band from its first 50 ms to those a tenth of a second later."""
    wet = apply(EFFECTS[source], impulse(0.5, samples=sample_rate), sample_rate, settings)[0].astype(np.float64)
    part = sample_rate // 20
    powers = []
    for start in (part, 3 * part):
        spectrum = np.abs(np.fft.rfft(wet[start : start + part])) ** 2
        hz = np.fft.rfftfreq(part, 1.0 / sample_rate)
        powers.append(spectrum[(hz >= low_hz) & (hz < high_hz)].sum())
    return float(10.0 * np.log10(powers[1] / powers[0]))


def beat(source, settings, sample_rate, hz=800.0):
    """The rate at which the level of a tone swings."""
    wet = np.abs(apply(EFFECTS[source], sine(hz, 0.3, sample_rate, 6.0), sample_rate, settings)[0])
    frame = sample_rate // 100
    return beat_hz(wet[: wet.size // frame * frame].reshape(-1, frame).mean(1)[50:], 100)


def test_these_knobs_and_no_others_are_declared():
    declared = {source: {p.name for p in effect.parameters if p.rate_dependent} for source, effect in EFFECTS.items()}
    assert {source: names for source, names in declared.items() if names} == COUNTED


@pytest.mark.parametrize(
    ("source", "settings"),
    (
        ("mda:multiband", {**FLAT, "listen": 0.0, "l_m": 0.5}),
        ("mda:multiband", {**FLAT, "listen": 0.67, "m_h": 0.5}),
        ("mda:overdrive", {"muffle": 0.7}),
        ("mda:leslie", {**STILL, "x_over": 0.5}),
        ("mda:combo", {"model": 0.0, "hpf_freq": 0.5}),
    ),
)
def test_a_crossover_or_cutoff_lies_an_octave_higher_at_twice_the_rate(source, settings):
    low_hz = np.array([125.0, 250.0, 500.0, 1000.0, 2000.0])
    once, twice = gain_db(source, settings, RATES[0], low_hz), gain_db(source, settings, RATES[1], 2.0 * low_hz)
    assert twice == pytest.approx(once, abs=0.7)
    assert np.abs(gain_db(source, settings, RATES[1], low_hz) - once).max() > 2.0


@pytest.mark.parametrize(
    ("source", "settings"),
    (
        ("mda:delay", {"l_delay": 0.5, "r_delay": 0.25, "feedback": 0.0, "fx_mix": 1.0}),
        ("mda:ambience", {"size": 0.9, "mix": 0.5}),
        ("mda:flanger", {"rate": 0.0, "depth": 0.8, "mix": 0.5, "feedback": 0.5, "depth_mod": 0.0}),
    ),
)
def test_an_echo_comes_after_as_many_samples_at_every_rate(source, settings):
    assert echo_samples(source, settings, RATES[0]) == echo_samples(source, settings, RATES[1]) > 100


def test_the_delay_of_pedalboard_is_a_time_and_not_a_count():
    assert [echo_samples("pedalboard:delay", {"delay_ms": 100.0}, rate) for rate in RATES] == [4410, 8820]


@pytest.mark.parametrize(
    ("source", "settings", "from_db", "to_db"),
    (
        ("mda:limiter", {"thresh": 0.3, "attack": 0.9}, -34.0, -1.0),
        ("mda:limiter", {"thresh": 0.3, "attack": 0.1, "release": 0.6}, -1.0, -34.0),
        ("mda:multiband", {"l_comp": 1.0, "l_m": 1.0, "attack": 0.9}, -34.0, -1.0),
        ("mda:multiband", {"l_comp": 1.0, "l_m": 1.0, "attack": 0.1, "release": 0.6}, -1.0, -34.0),
    ),
)
def test_an_attack_or_release_lasts_as_many_samples_at_every_rate(source, settings, from_db, to_db):
    once, twice = (settling_samples(source, settings, rate, from_db, to_db) for rate in RATES)
    assert twice == pytest.approx(once, rel=0.03, abs=2)


@pytest.mark.parametrize(
    ("source", "settings"),
    (
        ("pedalboard:ambience", {"room_size": 0.5, "mix": 1.0}),
        ("pedalboard:reverb", {"room_size": 0.5, "dry_level": 0.0}),
    ),
)
def test_damping_damps_less_at_a_higher_rate_and_without_it_the_rate_does_not_matter(source, settings):
    plain = [fall_db(source, {**settings, "damping": 0.0}, rate, 2000.0, 8000.0) for rate in RATES]
    damped = [fall_db(source, {**settings, "damping": 0.9}, rate, 2000.0, 8000.0) for rate in RATES]
    assert plain[1] == pytest.approx(plain[0], abs=0.7)
    assert damped[1] > damped[0] + 2.0


def test_the_reverb_of_mda_is_the_same_sample_by_sample_at_every_rate():
    """So its room and its damping are both counted in samples."""
    settings = {"size": 0.9, "hf_damp": 0.5, "mix": 1.0}
    once, twice = (apply(MDA["ambience"], impulse(0.5, samples=32768), rate, settings)[0] for rate in RATES)
    assert np.abs(once - twice).max() < 1e-3 * np.abs(once).max()


def test_what_stands_behind_the_speaker_of_the_combo_is_counted_in_samples():
    high_hz = np.array([8000.0])
    far = [gain_db("mda:combo", {"model": 4 / 6}, rate, high_hz)[0] for rate in RATES]
    assert abs(far[1] - far[0]) > 6.0


def test_the_phaser_reaches_as_far_as_the_sample_rate_lets_it():
    """From 41 kHz on it reaches to 20 kHz; the widest sweep of a lower rate is narrower."""
    settings = {"rate_hz": 0.05, "depth": 1.0, "centre_frequency_hz": 1300.0, "feedback": 0.0, "mix": 0.5}
    notches = [gain_db("pedalboard:phaser", settings, rate, np.geomspace(200.0, 5000.0, 60)) for rate in (22050, *RATES)]
    assert np.abs(notches[2] - notches[1]).max() < np.abs(notches[1] - notches[0]).max() / 2.0


@pytest.mark.parametrize(
    ("source", "settings"),
    (
        ("mda:leslie", {"mode": 1.0, "hi_throb": 1.0, "hi_depth": 0.0, "speed": 0.3}),
        ("pedalboard:phaser", {"rate_hz": 2.0, "depth": 0.2}),
    ),
)
def test_rates_of_motion_do_not_depend_on_the_sample_rate(source, settings):
    once, twice = (beat(source, settings, rate, 2000.0) for rate in RATES)
    assert twice == pytest.approx(once, rel=0.05)


def test_the_rate_of_the_flanger_does_not_depend_on_the_sample_rate():
    swings = [{"rate": 0.6, "depth": 0.2 * (rate / RATES[0]) ** 0.5, "mix": 0.5} for rate in RATES]  # as far in time
    once, twice = (beat("mda:flanger", settings, rate) for settings, rate in zip(swings, RATES, strict=True))
    assert twice == pytest.approx(once, rel=0.05)


@pytest.mark.parametrize("tone", (0.2, 0.9))
def test_the_tone_of_the_echoes_does_not_depend_on_the_sample_rate(tone):
    gains = []
    for rate in RATES:
        length = 0.5 * np.sqrt(rate / RATES[0])  # the same time
        lag = round(32766 * length**2)
        settings = {"l_delay": float(length), "r_delay": 0.25, "feedback": 0.7, "fb_tone": tone, "fx_mix": 1.0}
        wet = apply(MDA["delay"], impulse(0.5, samples=rate), rate, settings)[0].astype(np.float64)
        first, second = (wet[n * lag - lag // 8 : n * lag + lag // 2] for n in (1, 2))
        turns = [np.exp(-2j * np.pi * np.outer([125.0, 500.0, 2000.0], np.arange(part.size)) / rate) for part in (first, second)]
        gains.append(20 * np.log10(np.abs(turns[1] @ second) / np.abs(turns[0] @ first)))
    assert gains[1] == pytest.approx(gains[0], abs=0.5)
