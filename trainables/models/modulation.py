"""How loudness moves in time: what tells a flanger, a rotating speaker or a train of echoes from a steady change."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

BAND_GROUPS = 32  # neighbouring bands mostly move together
RANGES = ((1, 2), (2, 3), (3, 4), (4, 6), (6, 8), (8, 12), (12, 16), (16, 24), (24, 32), (32, None))  # bins, about half octaves
FLOOR = 1e-4  # of the power, so that what does not move at all is no minus infinity
SCALE = 0.5  # brings it to about the spread of the other statistics


def modulation_size(bands: int, frames: int) -> int:
    """How many values `modulation_spectrum` has for each channel."""
    return min(BAND_GROUPS, bands) * len(_ranges(frames))


def modulation_spectrum(features: Tensor) -> Tensor:
    """(items, channels, bands, frames) to (items, channels * modulation_size) log power of the movement over frames.

    Bin k of a clip of T seconds is movement at k / T Hz; bins are pooled in ranges of about half an octave, bands in groups
    (modulation spectra: Atlas & Shamma 2003).
    """
    bands, frames = features.shape[2:]
    ranges = _ranges(frames)
    if not ranges:  # a single frame does not move
        return features.new_zeros(len(features), 0)
    grouped = functional.adaptive_avg_pool2d(features, (min(BAND_GROUPS, bands), frames))
    moving = grouped - grouped.mean(3, keepdim=True)
    window = torch.hann_window(frames, dtype=features.dtype, device=features.device)
    power = torch.fft.rfft(moving * window, dim=3).abs().square() / frames
    pooled = torch.stack([power[..., low:high].mean(3) for low, high in ranges], dim=3)
    return SCALE * torch.log10(pooled + FLOOR).flatten(1)


def _ranges(frames: int) -> list[tuple[int, int]]:
    """The RANGES that a clip of so many frames has bins in, the last one cut off where they end."""
    bins = frames // 2 + 1
    return [(low, min(high or bins, bins)) for low, high in RANGES if low < bins]
