"""Peaks that stand out: by how much, from what, and where the lowest is."""

from __future__ import annotations

import math

import numpy as np
import pytest

from trainables.timbre.peaks import contrasting_peaks, lowest_peak_decades
from trainables.timbre.signal import Unmeasurable

BINS_HZ = 10.0 * np.arange(7)


def heights(*values: float) -> np.ndarray:
    return np.array(values)


def test_a_peak_needs_a_notch_on_both_sides_that_is_deep_enough() -> None:
    assert contrasting_peaks(heights(0.0, 1.0, 0.5, 0.2, 0.5, 0.8, 0.1), contrast=0.5) == [1, 5]
    assert contrasting_peaks(heights(0.0, 1.0, 0.5, 0.2, 0.5, 0.6, 0.1), contrast=0.5) == [1]
    assert contrasting_peaks(heights(0.0, 0.6, 0.5, 0.2, 0.5, 1.0, 0.1), contrast=0.5) == [5]


def test_the_bin_before_a_peak_is_no_notch() -> None:
    assert contrasting_peaks(heights(0.0, 1.0, 0.9, 0.0, 1.0, 0.5), contrast=0.5) == [1]


def test_peaks_at_the_ends_count() -> None:
    assert contrasting_peaks(heights(1.0, 0.5, 0.0, 0.3, 0.7), contrast=0.1) == [0, 4]


def test_the_lowest_peak_is_refined_by_a_parabola() -> None:
    top_hz = 22.0
    spectrum = np.maximum(0.0, 1.0 - (BINS_HZ - top_hz) ** 2 / 400.0)
    assert lowest_peak_decades(BINS_HZ, spectrum) == pytest.approx(math.log10(top_hz))


def test_a_highest_peak_at_0_hz_counts_as_nothing() -> None:
    assert lowest_peak_decades(BINS_HZ, heights(1.0, 0.1, 0.0, 0.0, 0.5, 0.0, 0.0)) == 0.0


def test_a_lower_peak_at_0_hz_has_no_logarithm() -> None:
    with pytest.raises(Unmeasurable, match="0 Hz"):
        lowest_peak_decades(BINS_HZ, heights(0.5, 0.1, 0.0, 0.0, 1.0, 0.0, 0.0))


def test_an_even_spectrum_has_no_peak() -> None:
    with pytest.raises(Unmeasurable, match="no spectral peak"):
        lowest_peak_decades(BINS_HZ, np.ones(7))
