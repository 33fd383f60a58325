"""Pedalboard's single processors against physics: what each knob says is what is measured."""

import numpy as np
import pytest
from signals import (
    SAMPLE_RATE,
    beat_hz,
    constant,
    impulse,
    instantaneous_hz,
    last_db,
    level_db,
    noise,
    response_db,
    sine,
)

from trainables.effects import apply
from trainables.effects.names import EFFECT_NAMES
from trainables.effects.native.processor_tables import LADDER_MODES, RESAMPLERS
from trainables.effects.native.processors import MP3_RATES, load
from trainables.errors import InputError

EFFECTS = load()
# Decibels an octave, well below the cutoff and well above it; the 12 dB band pass is lopsided.
LADDER_SLOPES = {
    "LPF12": (0.0, 12.0),
    "HPF12": (12.0, 0.0),
    "BPF12": (6.0, 12.0),
    "LPF24": (0.0, 24.0),
    "HPF24": (24.0, 0.0),
    "BPF24": (12.0, 12.0),
}


def wet(name, dry, sample_rate=SAMPLE_RATE, **settings):
    return apply(EFFECTS[name], dry, sample_rate, settings)


def gain_db(name, *frequencies_hz, level=0.01, samples=65536, **settings):
    return response_db(lambda dry: wet(name, dry, **settings), frequencies_hz, impulse(level, samples))


def step(before_db, after_db):
    """A long constant level, then another for a second."""
    return np.concatenate([constant(before_db, 20000), constant(after_db)], axis=1)


def followed(name, dry, at, threshold_db, ratio, **times):
    """The level that a compressor believes in from sample `at` on, told by what it takes away."""
    taken = wet(name, dry, threshold_db=threshold_db, ratio=ratio, **times)[0, at:] / dry[0, at:]
    return 10 ** (threshold_db / 20) * taken.astype(np.float64) ** (1 / (1 / ratio - 1))


def share_above(audio, frequency_hz):
    """Power above a frequency against all, in dB."""
    power = np.abs(np.fft.rfft(audio[0])) ** 2
    return 10 * np.log10(power[int(frequency_hz * audio.shape[1] / SAMPLE_RATE) :].sum() / power.sum())


def test_no_name_is_taken_from_the_nine():
    assert not set(EFFECTS) & set(EFFECT_NAMES)
    assert list(EFFECTS) == sorted(EFFECTS) and {effect.backend for effect in EFFECTS.values()} == {"pedalboard"}


@pytest.mark.parametrize("in_db", [-40.0, -24.0, -18.0, -12.0, 0.0])
@pytest.mark.parametrize(("threshold_db", "ratio"), [(-24.0, 4.0), (-40.0, 20.0), (-10.0, 1.5)])
def test_compressor_raises_its_output_one_decibel_for_ratio_decibels_above_the_threshold(in_db, threshold_db, ratio):
    expected_db = in_db if in_db < threshold_db else threshold_db + (in_db - threshold_db) / ratio
    knobs = {"threshold_db": threshold_db, "ratio": ratio}
    assert last_db(wet("compressor", constant(in_db), **knobs)) == pytest.approx(expected_db, abs=0.02)
    wave = sine(1000, 10 ** (in_db / 20))
    assert level_db(wet("compressor", wave, **knobs, attack_ms=0.1, release_ms=1000.0)) == pytest.approx(expected_db, abs=0.05)


@pytest.mark.parametrize("time_ms", [10.0, 50.0])
@pytest.mark.parametrize("direction", ["attack_ms", "release_ms"])
def test_compressor_has_followed_all_but_a_fivehundredth_of_a_step_after_its_time(time_ms, direction):
    """exp(-2 pi) of the step is left: the time constant is the knob's time over 2 pi."""
    before_db, after_db = (-80.0, 0.0) if direction == "attack_ms" else (0.0, -14.0)
    dry = step(before_db, after_db)
    times = {"attack_ms": 1.0, "release_ms": 10.0} | {direction: time_ms}
    level = followed("compressor", dry, 20000, -20.0, 20.0, **times)
    left = (level - dry[0, -1]) / (dry[0, 0] - dry[0, -1])
    for part in (0.5, 1.0):
        assert left[int(part * time_ms * SAMPLE_RATE / 1000)] == pytest.approx(np.exp(-2 * np.pi * part), rel=0.05)


@pytest.mark.parametrize("in_db", [-45.0, -40.0, -32.0, -29.0, -10.0])
def test_noise_gate_drops_its_output_ratio_decibels_for_one_below_the_threshold(in_db):
    expected_db = in_db if in_db > -30.0 else -30.0 + 3.0 * (in_db + 30.0)
    assert last_db(wet("noise_gate", constant(in_db), threshold_db=-30.0, ratio=3.0)) == pytest.approx(expected_db, abs=0.05)


@pytest.mark.parametrize("bits", [3.0, 6.0, 8.5, 12.0])
def test_bitcrush_rounds_to_steps_of_two_to_the_minus_bits(bits):
    ramp = np.linspace(-0.9, 0.9, 20001, dtype=np.float32)[None]
    crushed, step_size = wet("bitcrush", ramp, bit_depth=bits), 2.0**-bits
    assert np.abs(crushed - ramp).max() == pytest.approx(step_size / 2, rel=0.01, abs=1e-4)
    assert np.unique(np.round(crushed / step_size)).size == 2 * round(0.9 / step_size) + 1
    assert np.allclose(crushed / step_size, np.round(crushed / step_size), atol=1e-3)


@pytest.mark.parametrize("threshold_db", [-40.0, -12.0, 0.0])
def test_clipping_cuts_off_at_its_threshold_and_leaves_the_rest(threshold_db):
    ceiling, dry = 10 ** (threshold_db / 20), noise(level=0.5)
    assert np.allclose(wet("clipping", dry, threshold_db=threshold_db), np.clip(dry, -ceiling, ceiling), atol=1e-6)


def test_distortion_is_the_hyperbolic_tangent_of_the_driven_signal():
    dry = noise(level=0.3)
    assert np.allclose(wet("distortion", dry, drive_db=20.0), np.tanh(10.0 * dry), atol=1e-5)


def test_gain_is_its_gain_and_stays_at_none_unless_asked_for():
    assert np.allclose(wet("gain", noise(), gain_db=-20.0), 0.1 * noise(), atol=1e-7)
    assert np.array_equal(wet("gain", noise()), noise()) and [p.frozen for p in EFFECTS["gain"].parameters] == [True]


@pytest.mark.parametrize("cutoff_hz", [200.0, 1000.0, 4000.0])
@pytest.mark.parametrize(("name", "towards_the_stop"), [("lowpass", 2.0), ("highpass", 0.5)])
def test_first_order_filters_halve_the_power_at_their_cutoff_and_lose_six_decibels_an_octave(name, cutoff_hz, towards_the_stop):
    """Against the bilinear transform of 1 / (1 + s): the octaves that count are those of tan(pi f / rate)."""
    frequencies_hz = cutoff_hz * towards_the_stop ** np.array([-3.0, 0.0, 2.0])
    warped = np.tan(np.pi * frequencies_hz / SAMPLE_RATE) / np.tan(np.pi * cutoff_hz / SAMPLE_RATE)
    power_ratio = warped ** (2 if name == "lowpass" else -2)
    found_db = gain_db(name, *frequencies_hz, cutoff_frequency_hz=cutoff_hz)
    assert found_db == pytest.approx(-10 * np.log10(1 + power_ratio), abs=0.02)
    assert found_db[1] == pytest.approx(-3.01, abs=0.01)


@pytest.mark.parametrize("lift_db", [-18.0, -6.0, 12.0])
@pytest.mark.parametrize(("name", "lifted_hz", "left_hz"), [("low_shelf", 20.0, 12000.0), ("high_shelf", 15000.0, 20.0)])
def test_a_shelf_has_half_its_decibels_at_its_cutoff_all_beyond_and_none_on_the_other_side(name, lifted_hz, left_hz, lift_db):
    found_db = gain_db(name, lifted_hz, 1000.0, left_hz, cutoff_frequency_hz=1000.0, gain_db=lift_db)
    assert found_db == pytest.approx([lift_db, lift_db / 2, 0.0], abs=0.02)


@pytest.mark.parametrize("q", [0.3, 2.0, 8.0])
@pytest.mark.parametrize("lift_db", [-18.0, 12.0])
def test_a_peak_has_its_gain_at_its_centre_and_half_the_decibels_at_the_edges_of_its_band(q, lift_db):
    """The edges lie at centre * (sqrt(1 + 1/4Q^2) -+ 1/2Q): the centre over Q apart. 500 Hz keeps them from warping."""
    edges_hz = [500.0 * (np.sqrt(1 + 1 / (4 * q * q)) + side / (2 * q)) for side in (-1, 1)]
    found_db = gain_db("peak_filter", 500.0, *edges_hz, 10.0, cutoff_frequency_hz=500.0, gain_db=lift_db, q=q)
    assert found_db == pytest.approx([lift_db, lift_db / 2, lift_db / 2, 0.0], abs=0.15)


@pytest.mark.parametrize(("mode", "below", "above"), [(mode, *slopes) for mode, slopes in LADDER_SLOPES.items()])
def test_ladder_loses_its_decibels_an_octave_where_its_mode_says(mode, below, above):
    knobs = {"mode": float(LADDER_MODES.index(mode)), "cutoff_hz": 1000.0, "resonance": 0.0, "drive": 1.0}
    low, lower, centre, higher, high = gain_db("ladder", 62.5, 125.0, 1000.0, 4000.0, 8000.0, level=1e-4, **knobs)
    assert (lower - low, higher - high) == pytest.approx((below, above), abs=1.0)
    assert -12.0 < centre < 2.0


def test_ladder_modes_are_those_that_are_proved():
    assert tuple(LADDER_SLOPES) == LADDER_MODES


def test_ladder_resonates_at_its_cutoff():
    off, cutoff = gain_db("ladder", 100.0, 1000.0, level=1e-4, cutoff_hz=1000.0, resonance=0.9)
    assert cutoff - off > 20.0


@pytest.mark.parametrize("rate_hz", [0.5, 2.0, 5.0])
def test_chorus_bends_the_pitch_at_its_rate(rate_hz):
    bent = wet("chorus", sine(1000, 0.3, seconds=5), rate_hz=rate_hz, mix=1.0, centre_delay_ms=10.0)
    assert beat_hz(instantaneous_hz(bent)[22050:-22050], SAMPLE_RATE) == pytest.approx(rate_hz, rel=0.01)


def test_chorus_that_stands_still_is_an_echo_after_its_delay():
    echo = wet("chorus", impulse(0.5), depth=0.0, centre_delay_ms=10.0, mix=0.5)[0]
    assert np.flatnonzero(np.abs(echo) > 0.05).tolist() == [0, 441]


@pytest.mark.parametrize("rate_hz", [0.5, 1.0, 2.0])
def test_phaser_notches_come_back_once_a_turn_and_are_elsewhere_in_between(rate_hz):
    turn = round(SAMPLE_RATE / rate_hz)
    swept = np.abs(wet("phaser", sine(700, 0.3, seconds=6), rate_hz=rate_hz, depth=0.7)[0])
    envelope = np.convolve(swept, np.ones(441) / 441, "valid")[turn // 2 :]
    alike = [np.corrcoef(envelope[:-lag], envelope[lag:])[0, 1] for lag in (turn, turn // 2, turn // 3)]
    assert alike[0] > 0.98 and max(alike[1:]) < 0.6


def test_phaser_notch_is_deepest_at_equal_shares():
    def notch_db(mix):
        return gain_db("phaser", *np.geomspace(200, 8000, 200), depth=0.0, rate_hz=0.05, mix=mix, samples=4096).min()

    assert notch_db(0.0) > -0.1 and notch_db(0.5) < -20.0 < notch_db(0.2) < -1.0


@pytest.mark.parametrize("semitones", [-12.0, -5.0, 0.0, 7.0])
def test_pitch_shift_multiplies_frequency_by_its_semitones(semitones):
    """In the median over time: Rubber Band resets phases, so that a pure tone warbles around its pitch."""
    shifted = wet("pitch_shift", sine(440, 0.3, seconds=2), semitones=semitones)[:, SAMPLE_RATE // 2 :]
    assert np.median(instantaneous_hz(shifted)[2000:-2000]) == pytest.approx(440 * 2 ** (semitones / 12), rel=0.002)


def test_reverb_adds_its_tail_to_twice_its_dry_level_and_rings_longer_in_a_larger_room():
    tails = [wet("reverb", impulse(0.5), room_size=size, dry_level=0.25)[0] for size in (0.0, 0.5, 1.0)]
    assert [tail[0] for tail in tails] == pytest.approx([0.25] * 3)
    energies = [np.sum(tail[SAMPLE_RATE:] ** 2) for tail in tails]
    assert energies[2] > 10 * energies[1] > 10 * energies[0]


@pytest.mark.parametrize("target_hz", [2000.0, 8000.0, 16000.0])
def test_resample_leaves_nothing_above_half_its_rate(target_hz):
    narrowed = wet("resample", noise(samples=65536), target_sample_rate=target_hz)
    assert share_above(narrowed, 0.45 * target_hz) > -20.0 > -40.0 > share_above(narrowed, 0.6 * target_hz)


def test_resample_s_plainest_quality_aliases():
    aliased = wet("resample", sine(1000, 0.3), target_sample_rate=4000.0, quality=float(RESAMPLERS.index("ZeroOrderHold")))
    assert share_above(aliased, 2500.0) > -20.0


def test_gsm_is_a_telephone_below_four_kilohertz():
    assert share_above(wet("gsm", noise(samples=65536)), 4500.0) < -20.0


def test_mp3_loses_more_the_higher_its_number():
    dry = noise(samples=65536)
    left = [share_above(wet("mp3", dry, vbr_quality=quality), 14000.0) for quality in (0.0, 5.0, 9.5)]
    assert left[0] > left[1] + 1.0 > left[2] + 10.0


@pytest.mark.parametrize("sample_rate", [9000, 96000])
def test_mp3_refuses_what_its_format_does_not_know(sample_rate):
    with pytest.raises(InputError, match=rf"mp3 at {sample_rate} Hz: knows only 8000, .*, 48000\. Set audio.sample_rate"):
        wet("mp3", noise(), sample_rate)


@pytest.mark.parametrize("sample_rate", MP3_RATES)
def test_mp3_takes_what_its_format_knows(sample_rate):
    assert np.isfinite(wet("mp3", noise(), sample_rate)).all()


@pytest.mark.parametrize("name", ["highpass", "lowpass", "high_shelf", "peak_filter", "ladder", "phaser"])
def test_frequencies_above_half_the_sample_rate_are_capped(name):
    highest = {p.name: p.high for p in EFFECTS[name].parameters if p.unit == "Hz" and p.name != "rate_hz"}
    capped = {key: min(value, 3600.0) for key, value in highest.items()}
    assert capped != highest
    assert np.array_equal(wet(name, noise(), 8000, **highest), wet(name, noise(), 8000, **capped))


def test_mp3_survives_samples_that_would_end_its_process_and_cuts_off_at_full_scale():
    for level in (20.0, 1e20):
        assert np.abs(wet("mp3", noise(2, 40000, level=level), vbr_quality=0.0)).max() == pytest.approx(1.0, abs=1e-3)
