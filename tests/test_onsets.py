"""Onsets, to the sample those of the original package."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.timbre_sounds import sounds
from trainables.timbre.onsets import LookBack, beginnings, find_onsets
from trainables.timbre.signal import prepare

ORIGINAL = json.loads((Path(__file__).parent / "timbral_models_values.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ORIGINAL)
def test_onsets_are_the_original_s_to_the_sample(name: str) -> None:
    assert find_onsets(prepare(*sounds()[name])) == ORIGINAL[name]["onsets"]


def notched(place: int) -> np.ndarray:
    """Lower than ever at every sample, but for one that is lower still."""
    envelope = np.linspace(2.0, 1.0, 6000)
    envelope[place] = 0.0
    return envelope


def look_back(envelope: np.ndarray, small_rise: float = 0.1) -> LookBack:
    return LookBack(envelope, near_samples=100, far_samples=1000, small_rise=small_rise)


def test_an_onset_moves_back_to_where_the_envelope_starts_to_rise() -> None:
    assert look_back(np.abs(np.arange(6000) - 3000) / 6000).start(3900) == 3000


@pytest.mark.parametrize(
    ("onset", "small_rise", "start"),
    [(3101, 0.1, 3000), (3102, 0.1, 3102), (3102, 3.0, 3000), (4001, 3.0, 3000), (4002, 3.0, 4002)],
    ids=["near", "not near", "small rise", "far", "too far"],
)
def test_an_onset_moves_to_what_is_lower_if_it_is_near_or_the_rise_since_is_small(
    onset: int, small_rise: float, start: int
) -> None:
    assert look_back(notched(3000), small_rise).start(onset) == start


def test_the_original_looks_back_over_20_and_300_ms_and_a_tenth_of_the_range() -> None:
    over = LookBack.over(np.array([0.5, 2.5]), 44100)
    assert (over.near_samples, over.far_samples) == (882, 13230) and over.small_rise == pytest.approx(0.2)


def test_an_onset_near_the_sound_s_start_is_its_start() -> None:
    assert look_back(notched(513)).start(600) == 513
    assert look_back(notched(512)).start(600) == 0
    assert look_back(notched(511), small_rise=3.0).start(1200) == 0


def test_onsets_in_the_last_frame_count_only_if_there_is_no_other() -> None:
    falling = look_back(np.linspace(2.0, 1.0, 6000))
    assert beginnings([2048, 5488, 5489], falling) == [2048, 5488]
    assert beginnings([5632], falling) == [5632]


def test_only_the_first_onset_may_be_the_sound_s_start() -> None:
    rising = look_back(np.linspace(0.0, 1.0, 6000))
    assert beginnings([0, 1024, 2048], rising) == [0]
    assert beginnings([1024, 2048], rising) == [0]
