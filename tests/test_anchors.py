"""The low anchor keeps to the recommendation: what is below 3.5 kHz is as it was, what is above is gone."""

from __future__ import annotations

import numpy as np
import pytest

from trainables.audio import rms
from trainables.matching.anchors import low_anchor

INNER = slice(4000, -4000)  # without the ends, where a filter begins


def level_db(hz: float, sample_rate: int) -> float:
    """What is left of a sine."""
    sine = np.sin(2.0 * np.pi * hz * np.arange(sample_rate) / sample_rate).astype(np.float32)[None]
    return 20.0 * float(np.log10(max(rms(low_anchor(sine, sample_rate)[:, INNER]), 1e-9) / rms(sine[:, INNER])))


@pytest.mark.parametrize("sample_rate", [16_000, 24_000, 44_100, 96_000])
def test_sines_are_passed_and_stopped_as_the_recommendation_asks(sample_rate: int) -> None:
    assert all(abs(level_db(hz, sample_rate)) < 0.1 for hz in (50.0, 1000.0, 3000.0, 3500.0))
    assert level_db(4000.0, sample_rate) < -25.0
    assert all(level_db(hz, sample_rate) < -50.0 for hz in (4500.0, 6000.0, 7900.0))


def test_it_stays_in_its_place_in_time_and_what_has_nothing_above_stays_as_it_is() -> None:
    click = np.zeros((2, 20_000), np.float32)
    click[:, 10_000] = 1.0
    assert np.abs(low_anchor(click, 44_100)).argmax(axis=1).tolist() == [10_000, 10_000]
    assert low_anchor(click, 44_100).dtype == np.float32
    assert low_anchor(click, 8000) is click
