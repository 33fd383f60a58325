"""Peaks of a spectrum that stand out, and where the lowest of them is."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from trainables.timbre.signal import Samples, Unmeasurable

CONTRAST = 0.01  # of the spectrum's range: how far a peak must rise above the notches beside it
BELOW_ALL, ABOVE_ALL = -2.0, 2.0


def lowest_peak_decades(frequencies_hz: Samples, spectrum: Samples) -> float:
    """log10 of the lowest peak's frequency in Hz; 0, as the original has it, if the highest peak is at 0 Hz.

    Args:
        frequencies_hz: (bins,) evenly spaced from 0.
        spectrum: (bins,) powers.

    Raises:
        Unmeasurable: it has no peaks, or the lowest is at 0 Hz and is not the highest.
    """
    with np.errstate(invalid="ignore"):
        heights = (spectrum - spectrum.min()) / np.ptp(spectrum)
    peaks = contrasting_peaks(heights)
    if not peaks:
        raise Unmeasurable("no spectral peak")
    at_hz = [_refined(heights, peak) * frequencies_hz[1] for peak in peaks]
    if at_hz[int(np.argmax(heights[peaks]))] <= 0.0:
        return 0.0
    if min(at_hz) <= 0.0:
        raise Unmeasurable("spectral peak at 0 Hz")
    return math.log10(min(at_hz))


def contrasting_peaks(heights: Samples, contrast: float = CONTRAST) -> list[int]:
    """Bins of the peaks that rise by `contrast` above the notches on both sides, from the lowest, as mirpeaks has them.

    Source: O. Lartillot, MIRtoolbox. The original's habit of leaving out the bin before a peak when it looks for the
    notch is kept.
    """
    padded = np.concatenate([[BELOW_ALL], heights, [BELOW_ALL]])
    candidates = _local_maxima(padded, contrast)
    kept: list[int] = []
    peak, left_notch, notch = candidates[0] if candidates.size else 0, BELOW_ALL, ABOVE_ALL
    for previous, candidate in pairwise(candidates):
        notch = min(notch, padded[previous : candidate - 1].min())
        parted, outdone = padded[peak] - notch >= contrast, padded[candidate] > padded[peak]
        stands_out = parted and padded[peak] - left_notch >= contrast
        kept += [peak] if stands_out else []
        left_notch = notch if stands_out else min(left_notch, notch)
        if parted or outdone:
            peak, notch = candidate, ABOVE_ALL
    if candidates.size and padded[peak] - left_notch >= contrast:
        kept.append(peak)
    return [int(peak) - 1 for peak in kept]


def _local_maxima(padded: Samples, at_least: float) -> npt.NDArray[np.int64]:
    steps = np.diff(padded)
    return np.flatnonzero((padded[1:-1] >= at_least) & (steps[:-1] > 0.0) & (steps[1:] <= 0.0)) + 1


def _refined(heights: Samples, peak: int) -> float:
    """Where the parabola through a peak and its neighbours is highest, in bins; at an end it is the bin itself."""
    if not 0 < peak < heights.size - 1:
        return float(peak)
    left, top, right = heights[peak - 1 : peak + 2]
    return float(peak + 0.5 * (right - left) / (2.0 * top - left - right))
