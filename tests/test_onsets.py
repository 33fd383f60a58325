"""Onsets, to the sample those of the original package."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.timbre_sounds import sounds
from trainables.timbre.onsets import LookBack, find_onsets
from trainables.timbre.signal import prepare

ORIGINAL = json.loads((Path(__file__).parent / "timbral_models_values.json").read_text(encoding="utf-8"))
SOUNDS = sounds()


@pytest.mark.parametrize("name", ORIGINAL)
def test_onsets_are_the_original_s_to_the_sample(name: str) -> None:
    assert find_onsets(prepare(*SOUNDS[name])) == ORIGINAL[name]["onsets"]


def look_back(envelope: np.ndarray, small_rise: float = 0.1) -> LookBack:
    return LookBack(envelope, near_samples=100, far_samples=1000, small_rise=small_rise)


def rising(start: int, samples: int = 6000) -> np.ndarray:
    """From 1 down to 0 at `start`, and up again."""
    return np.abs(np.arange(samples) - start) / samples


def test_an_onset_moves_back_to_where_the_envelope_starts_to_rise() -> None:
    assert look_back(rising(3000)).start(3900) == 3000


def test_an_onset_moves_back_over_a_small_rise_only() -> None:
    bumpy = rising(3000) + np.where(np.abs(np.arange(6000) - 3300) < 20, 0.0, 0.05) + np.where(np.arange(6000) < 3280, -0.05, 0)
    bumpy = np.where((np.arange(6000) > 3100) & (np.arange(6000) < 3300), bumpy + 0.06, bumpy)
    assert look_back(bumpy, small_rise=0.2).start(3900) < look_back(bumpy, small_rise=0.01).start(3900)


def test_an_onset_near_the_sound_s_start_is_its_start() -> None:
    assert look_back(rising(200)).start(2000) == 0
