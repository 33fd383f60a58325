"""Brightness and depth: the original package's values, whatever the level, and no value without a reason."""

from __future__ import annotations

import json
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from benchmarks.timbre_sounds import fingerprint, sounds
from trainables.audio import Audio
from trainables.timbre import Timbre, brightness, depth, timbre

ORIGINAL = json.loads((Path(__file__).parent / "timbral_models_values.json").read_text(encoding="utf-8"))
TOLERANCE = 1e-9
RESAMPLED = 1e-5  # the resampler works in float32, and the original calls it at another level; at that one ours is within 1e-13


def tolerance(sample_rate: int) -> float:
    return TOLERANCE if sample_rate >= 44100 else RESAMPLED


def test_the_sounds_are_those_that_the_original_measured() -> None:
    assert {name: fingerprint(audio) for name, (audio, _) in sounds().items()} == {
        name: value["sound"] for name, value in ORIGINAL.items()
    }


@pytest.mark.parametrize("name", ORIGINAL)
def test_both_values_are_the_original_s(name: str) -> None:
    audio, sample_rate = sounds()[name]
    assert brightness(audio, sample_rate) == pytest.approx(ORIGINAL[name]["brightness"], rel=0, abs=tolerance(sample_rate))
    assert depth(audio, sample_rate) == pytest.approx(ORIGINAL[name]["depth"], rel=0, abs=tolerance(sample_rate))


def test_both_at_once_are_those_of_each() -> None:
    audio, sample_rate = sounds()["melody"]
    assert timbre(audio, sample_rate) == Timbre(brightness(audio, sample_rate), depth(audio, sample_rate))


@pytest.mark.parametrize("level", [2.0**-20, 2.0**20])  # the original's loudness meter has no value for the first
def test_the_level_changes_nothing(level: float) -> None:
    audio, sample_rate = sounds()["melody"]
    assert timbre(audio * np.float32(level), sample_rate) == timbre(audio, sample_rate)


def test_channels_are_averaged() -> None:
    audio, sample_rate = sounds()["melody"]
    silent = np.zeros_like(audio)
    assert timbre(np.concatenate([audio, silent]), sample_rate) == timbre(audio, sample_rate)


def spoilt(value: float) -> Audio:
    audio = np.sin(np.arange(65536, dtype=np.float32))[None]
    audio[0, 5000] = value
    return audio


@pytest.mark.parametrize(
    ("audio", "reason"),
    [
        (np.zeros((1, 65536), np.float32), "silent"),
        (spoilt(0.5) * np.array([[1.0], [-1.0]], np.float32), "silent"),
        (np.zeros((1, 0), np.float32), "too short"),
        (np.ones((1, 1), np.float32), "too short"),
        (spoilt(np.nan), "not finite"),
        (spoilt(-np.inf), "not finite"),
    ],
    ids=["zeros", "channels that cancel", "empty", "one sample", "NaN", "infinity"],
)
def test_a_sound_without_timbre_has_no_value_and_a_reason(audio: Audio, reason: str) -> None:
    found = timbre(audio, 44100)
    assert isnan(found.brightness) and isnan(found.depth) and found.reasons == (reason,)
    assert isnan(brightness(audio, 44100)) and isnan(depth(audio, 44100))


def test_one_value_may_be_missing_without_the_other() -> None:
    samples = np.arange(65536)
    knock = np.exp(-samples / 110.0) * np.sin(0.136 * samples)
    whisper = 0.002 * np.where(samples > 15000, np.sin(0.09 * samples) * np.exp(-(samples - 15000) / 15000), 0.0)
    found = timbre((knock + whisper)[None].astype(np.float32), 44100)  # the only onset is the whisper's
    assert found.brightness > 0.0 and isnan(found.depth) and found.reasons == ("depth: no onset above -40 dB",)
