"""Measures beside the metric, on sounds of which the answer is known without them."""

from __future__ import annotations

import numpy as np
import pytest

from trainables.audio import Audio
from trainables.matching.measures import (
    QUIETEST_DB,
    UNITS,
    crest_factor_db,
    describe,
    errors,
    mel_levels_db,
    rms_db,
    spectral_centroid_hz,
)

RATE = 16_000
SECONDS = np.arange(2 * RATE) / RATE


def sine(hz: float, peak: float = 1.0) -> Audio:
    return (peak * np.sin(2.0 * np.pi * hz * SECONDS)).astype(np.float32)[None]


def noise(seed: int = 0) -> Audio:
    return np.random.default_rng(seed).normal(0.0, 0.1, (1, 2 * RATE)).astype(np.float32)


def apart(one: Audio, other: Audio) -> dict[str, float]:
    return errors(describe(one, RATE), describe(other, RATE))


@pytest.mark.parametrize("hz", [500.0, 1000.0, 3000.0])
def test_the_centroid_of_a_sine_is_its_frequency_and_that_of_white_noise_a_quarter_of_the_rate(hz: float) -> None:
    assert spectral_centroid_hz(sine(hz), RATE) == pytest.approx(hz, rel=0.01)
    assert spectral_centroid_hz(noise(), RATE) == pytest.approx(RATE / 4, rel=0.02)


def test_the_centroid_of_two_equal_sines_is_midway_and_silence_between_does_not_count() -> None:
    both = 0.5 * (sine(1000.0) + sine(3000.0))
    silence = np.zeros((1, 3 * RATE), np.float32)
    assert spectral_centroid_hz(both, RATE) == pytest.approx(2000.0, rel=0.01)
    assert spectral_centroid_hz(np.concatenate([both, silence], axis=1), RATE) == pytest.approx(2000.0, rel=0.05)
    assert spectral_centroid_hz(silence, RATE) == 0.0


def test_crest_factors_and_levels_of_a_sine_and_a_square_wave_are_known() -> None:
    square = np.where(sine(100.0) >= 0.0, np.float32(1.0), np.float32(-1.0))
    assert crest_factor_db(square) == pytest.approx(0.0, abs=1e-6) and rms_db(square) == pytest.approx(0.0, abs=1e-6)
    assert crest_factor_db(sine(100.0)) == pytest.approx(3.0103, abs=0.01)
    assert rms_db(sine(100.0, 0.5)) == pytest.approx(-9.0309, abs=0.01)
    assert rms_db(np.zeros((1, 9), np.float32)) == QUIETEST_DB and crest_factor_db(np.zeros((1, 9), np.float32)) == 0.0


def test_a_gain_of_six_decibels_is_an_error_of_level_and_of_nothing_else() -> None:
    gain = 10.0 ** (6.0 / 20.0)
    found = apart(noise() * np.float32(gain), noise())
    assert found["rms"] == pytest.approx(6.0, abs=1e-3) and found["loudness"] == pytest.approx(6.0, abs=0.01)
    others = {name: error for name, error in found.items() if name not in ("rms", "loudness")}
    assert others == pytest.approx(dict.fromkeys(others, 0.0), abs=1e-3)


def test_one_sound_is_nowhere_apart_from_itself_and_every_measure_has_a_unit() -> None:
    assert apart(noise(), noise()) == dict.fromkeys(UNITS, 0.0)


def test_the_mel_distance_of_a_spectrum_that_is_lowered_above_a_frequency_is_that_of_its_bands() -> None:
    spectrum = np.fft.rfft(noise()[0].astype(np.float64))
    lowered = spectrum * np.where(np.fft.rfftfreq(2 * RATE, 1.0 / RATE) > 2000.0, 0.1, 1.0)  # by 20 dB
    dull = np.fft.irfft(lowered)[None].astype(np.float32)
    beyond = 20.0 - 10.0 * np.log10(float(np.square(noise()).sum() / np.square(dull).sum()))
    mels = 2595.0 * np.log10(1.0 + np.array([30.0, 2000.0, 0.45 * RATE]) / 700.0)
    above = (mels[2] - mels[1]) / (mels[2] - mels[0])  # share of the bands
    assert apart(dull, noise())["mel_distance"] == pytest.approx(above * beyond + (1.0 - above) * (20.0 - beyond), abs=0.2)


def test_white_noise_has_the_level_of_its_power_at_every_length() -> None:
    long = np.random.default_rng(1).normal(0.0, 1.0, (1, 150_000)).astype(np.float32)
    assert mel_levels_db(long, RATE).shape == (1, 3, 128)
    assert mel_levels_db(long[:, :65_536], RATE).mean() == pytest.approx(0.0, abs=0.3)
    assert mel_levels_db(long[:, :8192], RATE).shape == (1, 1, 128)


def test_the_waveform_of_a_square_wave_upside_down_is_apart_by_twice_its_level() -> None:
    square = np.where(sine(100.0) >= 0.0, np.float32(0.7), np.float32(-0.7))
    assert apart(-square, square)["waveform"] == pytest.approx(0.2, abs=1e-4)


def test_silence_and_what_is_too_short_for_a_loudness_have_finite_errors() -> None:
    silence = np.zeros_like(noise())
    assert all(np.isfinite(list(apart(silence, noise()).values())))
    assert all(np.isfinite(list(apart(noise()[:, :4096], noise(1)[:, :4096]).values())))
