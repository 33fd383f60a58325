"""The spectral flux and its peaks, of sounds of which both are known."""

from __future__ import annotations

import numpy as np
import pytest

from trainables.timbre.flux import FRAME_SAMPLES, mel_weights, picked_onsets, spectral_flux

RATE = 44100


def clicks(*starts: int, samples: int = 44100) -> np.ndarray:
    """Noise bursts of 100 ms in silence."""
    sound = np.zeros(samples)
    for start in starts:
        sound[start : start + 4410] = np.random.default_rng(start).standard_normal(4410) * np.exp(-np.arange(4410) / 800)
    return sound


@pytest.mark.parametrize("samples", [1, 511, 512, 2048, 30001])
def test_there_is_a_frame_for_every_512_samples_and_one_more(samples: int) -> None:
    assert spectral_flux(np.random.default_rng(0).standard_normal(samples), RATE).shape == (1 + samples // FRAME_SAMPLES,)


def test_a_steady_sound_has_no_flux_once_it_runs_and_silence_none_at_all() -> None:
    tone = np.sin(2 * np.pi * RATE / FRAME_SAMPLES * 4 * np.arange(44100) / RATE)
    assert spectral_flux(tone, RATE)[8:-8].max() < 1e-3
    assert not spectral_flux(np.zeros(44100), RATE).any() and picked_onsets(np.zeros(80), RATE) == []


def test_the_level_of_a_sound_does_not_move_its_onsets() -> None:
    sound = clicks(8192, 22050, 33000)
    flux = spectral_flux(sound, RATE)
    assert np.allclose(spectral_flux(0.5 * sound, RATE), flux, atol=1e-6)
    assert picked_onsets(flux, RATE) == picked_onsets(3.0 * flux, RATE)


def test_bursts_are_found_one_by_one_just_before_they_begin() -> None:
    starts = (8192, 22050, 33000)
    found = picked_onsets(spectral_flux(clicks(*starts), RATE), RATE)
    assert len(found) == 3
    assert all(-4 <= frame - start / FRAME_SAMPLES <= 2 for frame, start in zip(found, starts, strict=True))


def test_a_peak_moves_back_to_the_last_minimum_before_it_or_to_the_start() -> None:
    flux = np.zeros(40)
    flux[[10, 11, 12, 13]] = [2.0, 1.0, 5.0, 9.0]
    assert picked_onsets(flux, RATE) == [9, 11]
    assert picked_onsets(np.append(9.0, np.zeros(39)), RATE) == [0]


def test_a_peak_needs_to_stand_out_and_to_be_apart_from_the_last() -> None:
    flux = np.zeros(60)
    flux[20], flux[22], flux[40] = 9.0, 10.0, 0.5
    assert len(picked_onsets(flux, RATE)) == 1  # 22 is too near, 40 too low
    flux[40] = 3.0
    assert len(picked_onsets(flux, RATE)) == 2


@pytest.mark.parametrize("sample_rate", [44100, 48000, 96000])
def test_mel_triangles_have_equal_areas_and_reach_from_0_to_half_the_rate(sample_rate: int) -> None:
    weights = mel_weights(sample_rate)
    areas = weights[60:].sum(axis=1) * sample_rate / 2048
    assert weights.shape == (128, 1025) and np.allclose(areas, 1.0, rtol=0.02)
    centres = weights.argmax(axis=1)
    assert (np.diff(centres) >= 0).all() and centres[-1] > 980
