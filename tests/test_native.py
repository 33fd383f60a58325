"""The pedalboard backend against physics: what each knob says is what is measured."""

import numpy as np
import pytest
from signals import SAMPLE_RATE, constant, impulse, instantaneous_hz, last_db, level_db, noise, response_db, sine

from trainables.effects import apply
from trainables.effects.names import EFFECT_NAMES
from trainables.effects.native.nine import cabinet, load
from trainables.effects.native.nine_tables import TABLES

EFFECTS = load()


def wet(name, dry, sample_rate=SAMPLE_RATE, **settings):
    return apply(EFFECTS[name], dry, sample_rate, settings)


def test_tables_and_names_agree():
    assert tuple(table.effect for table in TABLES) == EFFECT_NAMES


@pytest.mark.parametrize("gain_db", [-18.0, 0.0, 18.0])
def test_loudness_lifts_the_bass_by_its_gain_and_leaves_the_treble(gain_db):
    for frequency_hz, expected_db in ((20, gain_db), (5000, 0.0)):
        dry = sine(frequency_hz, 0.01)
        assert level_db(wet("loudness", dry, gain_db=gain_db, cutoff_hz=200.0)) - level_db(dry) == pytest.approx(
            expected_db, abs=0.3
        )


@pytest.mark.parametrize("gain_db", [-18.0, 6.0, 18.0])
@pytest.mark.parametrize("q", [0.4, 0.7071, 1.2])
def test_loudness_has_half_its_decibels_at_its_cutoff(gain_db, q):
    knobs = {"gain_db": gain_db, "cutoff_hz": 200.0, "q": q}
    assert response_db(lambda dry: wet("loudness", dry, **knobs), [200.0], impulse())[0] == pytest.approx(gain_db / 2, abs=0.02)


def test_overdrive_is_a_hyperbolic_tangent_behind_a_first_order_low_pass():
    ceiling_db = last_db(wet("overdrive", constant(0.0), drive_db=20.0, output_db=-20.0))
    assert ceiling_db == pytest.approx(20 * np.log10(np.tanh(10.0)) - 20.0, abs=0.01)
    tone = response_db(lambda dry: wet("overdrive", dry, drive_db=0.0, tone_hz=2000.0), [2000.0], impulse())
    assert tone[0] == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("threshold_db", [-40.0, -20.0, -6.0])
def test_limiter_holds_its_threshold_and_leaves_what_is_below(threshold_db):
    assert level_db(wet("limiter", sine(500, 1.0), threshold_db=threshold_db)) == pytest.approx(threshold_db, abs=0.5)
    quiet = sine(500, 0.5 * 10 ** (threshold_db / 20))
    assert np.allclose(wet("limiter", quiet, threshold_db=threshold_db), quiet, atol=1e-4)


@pytest.mark.parametrize("sample_rate", [8000, 44100, 96000])
def test_delay_echo_comes_after_its_time(sample_rate):
    dry = np.zeros((1, sample_rate), np.float32)
    dry[0, 10] = 0.5
    echo = wet("delay", dry, sample_rate, delay_ms=100.0, mix=0.5, feedback=0.0)
    assert np.flatnonzero(np.abs(echo[0]) > 0.1).tolist() == [10, 10 + sample_rate // 10]


@pytest.mark.parametrize("feedback", [0.0, 0.5, 0.9])
def test_delay_echoes_fall_by_the_feedback_and_share_the_mix(feedback):
    echoes = wet("delay", impulse(0.5), delay_ms=100.0, mix=0.4, feedback=feedback)[0, ::4410] / 0.5
    assert echoes[:10] == pytest.approx([0.6, *(0.4 * feedback**n for n in range(9))], abs=1e-5)


def test_limiter_lets_no_sample_of_anything_pass():
    for threshold_db in (-40.0, -16.0, -1.0):
        limited = wet("limiter", noise(2, 40000, level=0.7), threshold_db=threshold_db, release_ms=5.0, lookahead_ms=0.2)
        assert np.abs(limited).max() <= 10 ** (threshold_db / 20) * 1.0001


def test_flanger_that_stands_still_is_a_comb():
    """At equal shares the delayed signal cancels what is half a turn behind: 1 / (2 delay) and its odd multiples."""
    knobs = {"depth": 0.0, "rate_hz": 0.05, "delay_ms": 2.0, "feedback": 0.0, "mix": 0.5}
    found_db = response_db(lambda dry: wet("flanger", dry, **knobs), [250.0, 500.0, 750.0, 1000.0], impulse())
    assert found_db[[1, 3]] == pytest.approx([0.0, 0.0], abs=0.1) and found_db[[0, 2]].max() < -25.0


def test_flanger_bends_more_with_depth():
    bends_hz = [
        np.ptp(instantaneous_hz(wet("flanger", sine(1000, 0.3), depth=d, mix=1.0, feedback=0.0, rate_hz=2.0))[9000:-9000])
        for d in (0.05, 0.2)
    ]
    assert 1.0 < 2 * bends_hz[0] < bends_hz[1]


@pytest.mark.parametrize("name", ["ambience", "delay", "flanger"])
def test_nothing_in_the_mix_is_the_identity(name):
    assert np.allclose(wet(name, noise(), mix=0.0), noise(), atol=1e-5)


@pytest.mark.parametrize("channels", [1, 2])
def test_multiband_below_its_thresholds_is_only_its_crossovers(channels):
    """First-order filters in pairs: the three bands add up to within a few decibels of what went in."""
    dry = np.repeat(sine(1000, 0.003), channels, axis=0)
    assert level_db(wet("multiband", dry)) - level_db(dry) == pytest.approx(0.0, abs=3.0)


@pytest.mark.parametrize("in_db", [-40.0, -30.0, -20.0, 0.0])
@pytest.mark.parametrize("ratio", [1.5, 4.0, 20.0])
def test_multiband_s_low_band_has_the_static_curve_of_its_threshold_and_ratio(in_db, ratio):
    """A constant passes only the low band, unweakened."""
    expected_db = in_db if in_db <= -30.0 else -30.0 + (in_db + 30.0) / ratio
    found_db = last_db(wet("multiband", constant(in_db), low_threshold_db=-30.0, ratio=ratio, low_gain_db=6.0))
    assert found_db == pytest.approx(expected_db + 6.0, abs=0.1)


@pytest.mark.parametrize("in_db", [-40.0, -20.0, -10.0])
@pytest.mark.parametrize(("band", "frequency_hz"), [("mid", 860.0), ("high", 14000.0)])
def test_multiband_s_other_bands_have_it_too(band, frequency_hz, in_db):
    """Within what their first-order filters leave of a tone and let through from next door."""
    others = {f"{other}_threshold_db": 0.0 for other in ("low", "mid", "high")}
    knobs = others | {f"{band}_threshold_db": -30.0, "attack_ms": 0.1, "release_ms": 1000.0, "ratio": 4.0}
    knobs |= {"low_crossover_hz": 60.0, "high_crossover_hz": 8000.0 if band == "mid" else 1500.0}
    expected_db = in_db if in_db <= -30.0 else -30.0 + (in_db + 30.0) / 4.0
    assert level_db(wet("multiband", sine(frequency_hz, 10 ** (in_db / 20)), **knobs)) == pytest.approx(expected_db, abs=1.0)


def test_multiband_compresses_the_band_that_is_loud():
    low, mid = sine(60, 0.5), sine(1200, 0.5)
    open_db = [level_db(wet("multiband", dry, low_threshold_db=0.0, mid_threshold_db=0.0)) for dry in (low, mid)]
    squeezed_db = [level_db(wet("multiband", dry, low_threshold_db=-50.0, mid_threshold_db=0.0)) for dry in (low, mid)]
    assert open_db[0] - squeezed_db[0] > 15.0
    assert abs(open_db[1] - squeezed_db[1]) < 1.0


def test_overdrive_adds_odd_harmonics_with_drive():
    def third_harmonic(drive_db):
        spectrum = np.abs(np.fft.rfft(wet("overdrive", sine(500, 0.1), drive_db=drive_db, tone_hz=16000.0)[0]))
        return spectrum[1500] / spectrum[500]

    assert third_harmonic(0.0) < 0.002 < 0.1 < third_harmonic(40.0)


def test_leslie_turns_at_its_rate():
    envelope = np.abs(wet("leslie", sine(2000, 0.3), rate_hz=4.0, horn_depth=0.3)[0])
    smooth = np.convolve(envelope, np.ones(441) / 441, "same")[4410:-4410]
    spectrum = np.abs(np.fft.rfft(smooth - smooth.mean(), 8 * SAMPLE_RATE))
    beats_hz = np.argmax(spectrum[: 8 * 30]) / 8
    assert beats_hz % 4.0 == pytest.approx(0.0, abs=0.3) or beats_hz % 4.0 == pytest.approx(4.0, abs=0.3)


def test_ambience_rings_longer_in_a_larger_room():
    click = np.zeros((1, SAMPLE_RATE), np.float32)
    click[0, 0] = 1.0
    tails = [np.sum(wet("ambience", click, room_size=size, mix=1.0)[0, SAMPLE_RATE // 2 :] ** 2) for size in (0.0, 0.5, 1.0)]
    assert tails[2] > 10 * tails[1] > 10 * tails[0]


def test_cabinet_sounds_alike_at_every_sample_rate():
    def response_db(sample_rate):
        spectrum = np.abs(np.fft.rfft(cabinet(sample_rate)[0], sample_rate))[100:3000]
        return 20 * np.log10(spectrum / np.sqrt(np.mean(spectrum**2)))

    difference = response_db(44100) - response_db(96000)
    assert np.sqrt(np.mean(difference**2)) < 1.0


def test_cabinet_keeps_the_middle_and_drops_the_top():
    dry = [sine(hz, 0.001) for hz in (400, 15000)]
    middle, top = (level_db(wet("combo", d, drive_db=0.0, lowpass_hz=12000.0)) - level_db(d) for d in dry)
    assert middle - top > 20.0


@pytest.mark.parametrize("name", ["overdrive", "combo", "multiband"])
def test_cutoffs_above_half_the_sample_rate_are_capped(name):
    highest = {p.name: p.high for p in EFFECTS[name].parameters if p.unit == "Hz"}
    assert np.isfinite(wet(name, noise(), 8000, **highest)).all()


@pytest.mark.parametrize("name", sorted(set(EFFECT_NAMES) - {"ambience"}))  # which spreads mono to both sides
def test_channels_that_are_alike_stay_as_mono_is(name):
    mono, stereo = wet(name, noise()), wet(name, np.repeat(noise(), 2, axis=0))
    assert np.allclose(stereo, np.repeat(mono, 2, axis=0), atol=1e-5)
