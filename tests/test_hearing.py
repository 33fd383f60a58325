from __future__ import annotations

import numpy as np
import pytest
from made_up_effects import SAMPLE_RATE, delayed

from trainables.effects.measured.hearing import FLOOR_DB, SILENCE_DB, bands_db, distance_db, level_db


def noise(channels=1, samples=32768, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal((channels, samples))).astype(np.float32)


def tone(hz, level=0.1, samples=32768):
    return (level * np.sin(2 * np.pi * hz * np.arange(samples) / SAMPLE_RATE)).astype(np.float32)[None]


def distance(one, other, sample_rate=SAMPLE_RATE):
    return distance_db(bands_db(one, sample_rate), bands_db(other, sample_rate))


def test_a_sound_is_no_distance_from_itself_at_any_level():
    assert distance(noise(), 0.01 * noise()) == pytest.approx(0.0, abs=1e-4)


def test_the_level_of_full_scale_dc_is_0_and_of_silence_the_lowest():
    assert level_db(np.ones((1, 100), np.float32)) == 0.0
    assert level_db(np.full((2, 100), 0.1, np.float32)) == pytest.approx(-20.0, abs=1e-4)
    assert level_db(np.zeros((1, 100), np.float32)) == SILENCE_DB


def test_a_tone_has_its_whole_level_in_its_third_octave():
    levels = bands_db(tone(1000.0), SAMPLE_RATE)[0, :, 2:-2].mean(1)
    assert levels.max() == pytest.approx(0.0, abs=0.2)
    assert np.partition(levels, -2)[-2] < -30.0


def test_of_two_tones_one_that_sinks_by_6_db_is_a_distance_of_about_its_share_of_bands():
    both = [bands_db(tone(500.0) + tone(4000.0, level), SAMPLE_RATE)[0, :, 5] for level in (0.1, 0.05)]
    moved = (both[1] - both[0])[both[0] > -10.0]
    assert moved == pytest.approx([10 * np.log10(2 / 1.25), 10 * np.log10(2 / 1.25) - 6.02], abs=0.1)


def test_what_is_below_the_floor_in_both_does_not_dilute_the_distance():
    quiet = 10.0 ** (FLOOR_DB / 20.0) / 10.0
    assert distance(tone(500.0), tone(500.0) + quiet * noise()) < 0.1
    assert distance(tone(500.0), tone(4000.0)) > 40.0


def test_two_silences_are_no_distance_apart():
    silence = np.zeros((1, 8192), np.float32)
    assert distance(silence, silence) == 0.0


def test_a_width_is_heard_of_two_channels():
    one = noise(2)
    middle, side = one.sum(0) / 2, (one[0] - one[1]) / 2
    wider = np.stack([middle + 2 * side, middle - 2 * side]).astype(np.float32)
    assert distance(one, wider) > 1.0
    assert distance(one, one[::-1]) > 1.0


def test_a_delay_of_ten_samples_is_not_heard_and_one_of_a_thousand_is():
    assert distance(noise(), delayed(noise(), 10)) < 0.5
    assert distance(noise(), delayed(noise(), 1000)) > 1.0


def test_frames_last_as_long_and_bands_are_the_same_at_every_sample_rate():
    shapes = {bands_db(noise(samples=rate), rate, 3150.0).shape[:2] for rate in (8000, 22050, 44100, 96000)}
    assert len(shapes) == 1


def test_a_clip_shorter_than_a_frame_is_one_frame():
    assert bands_db(noise(samples=10), SAMPLE_RATE).shape[2] == 1
