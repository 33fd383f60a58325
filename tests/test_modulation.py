"""Modulation spectra: where a known movement shows up, and what they do not depend on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from trainables.models.modulation import BAND_GROUPS, RANGES, modulation_size, modulation_spectrum


def moving(cycles: float, bands: int = 64, frames: int = 129, phase: float = 0.0) -> Tensor:
    """(1, 1, bands, frames) in which the lower half of the bands moves, so many times over the clip."""
    time = torch.arange(frames) / frames
    features = torch.zeros(1, 1, bands, frames)
    features[:, :, : bands // 2] = torch.sin(2 * np.pi * cycles * time + phase)
    return features


def spectrum(features: Tensor) -> Tensor:
    """(groups, ranges) of the first channel of the first item."""
    return modulation_spectrum(features)[0].reshape(-1, min(BAND_GROUPS, features.shape[2]), len(RANGES))[0]


@pytest.mark.parametrize(("cycles", "place"), [(2, 1), (5, 3), (14, 6), (40, 9)])
def test_a_movement_is_found_in_its_range_and_in_its_bands(cycles: float, place: int) -> None:
    found = spectrum(moving(cycles))
    assert int(found[4].argmax()) == place
    assert found[: BAND_GROUPS // 2, place].min() > found[BAND_GROUPS // 2 :, place].max() + 0.5


def test_what_is_steady_does_not_move_however_loud() -> None:
    steady = torch.full((1, 1, 64, 129), 3.0)
    assert torch.allclose(modulation_spectrum(steady), modulation_spectrum(0 * steady), atol=1e-3)


def test_when_a_movement_begins_does_not_matter() -> None:
    early, late = (spectrum(moving(10, phase=phase)) for phase in (0.0, 1.3))
    assert torch.allclose(early, late, atol=0.1)


@pytest.mark.parametrize(("bands", "frames"), [(128, 129), (64, 33), (16, 7), (33, 2), (16, 1)])
@pytest.mark.parametrize("channels", [1, 2])
def test_its_size_is_as_foretold_for_any_spectrogram(channels: int, bands: int, frames: int) -> None:
    features = torch.randn(3, channels, bands, frames, generator=torch.Generator().manual_seed(0))
    found = modulation_spectrum(features)
    assert found.shape == (3, channels * modulation_size(bands, frames)) and bool(found.isfinite().all())


def test_its_gradient_is_finite_where_nothing_moves() -> None:
    still = torch.zeros(1, 1, 16, 33, requires_grad=True)
    torch.autograd.backward(modulation_spectrum(still).sum())
    assert still.grad is not None and bool(still.grad.isfinite().all())
