"""The metrics of the field that compare spectra, each as its authors define it, with all of its settings in a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainables.audio import Audio, rms
from trainables.features import TARGET_RMS

SMALLEST_POWER = 1e-8
SILENT_RMS = 1e-6


@dataclass(frozen=True)
class StftConfig:
    """Settings of `multi_resolution_stft`; the defaults are those of auraloss's MultiResolutionSTFTLoss.

    Attributes:
        fft_sizes, hops, windows: in samples, of each resolution; windows are Hann, centred in the FFT.
        convergence_weight: of spectral convergence.
        log_weight: of the mean difference of log magnitudes (natural logarithm).
        linear_weight: of the mean difference of magnitudes.
    """

    fft_sizes: tuple[int, ...] = (1024, 2048, 512)
    hops: tuple[int, ...] = (120, 240, 50)
    windows: tuple[int, ...] = (600, 1200, 240)
    convergence_weight: float = 1.0
    log_weight: float = 1.0
    linear_weight: float = 0.0


FIELD = StftConfig()
_PUBLISHED_SIZES = tuple(2**power for power in range(5, 16, 2))
PUBLISHED = StftConfig(_PUBLISHED_SIZES, tuple(size // 2 for size in _PUBLISHED_SIZES), _PUBLISHED_SIZES, 0.0, 1.0, 1.0)
"""What the published style transfer system of the seed study's author was trained and scored with: six sizes from 32 to 32768,
each four times the one before, half a size as hop."""


def multi_resolution_stft(audio: Tensor, target: Tensor, config: StftConfig = FIELD) -> Tensor:
    """(items,) the mean over resolutions of spectral convergence and differences of magnitudes, lower is better.

    Yamamoto, Song & Kim 2020, eq. 3 to 6, as in auraloss (Steinmetz & Reiss 2020): magnitudes are at least 1e-4;
    convergence is the Frobenius norm of the difference over that of the target.

    Args:
        audio, target: (items, channels, samples).
        config: resolutions and weights.
    """
    terms = [
        _resolution(audio, target, config, *sizes) for sizes in zip(config.fft_sizes, config.hops, config.windows, strict=True)
    ]
    return torch.stack(terms).mean(0)


def _resolution(audio: Tensor, target: Tensor, config: StftConfig, fft_size: int, hop: int, window: int) -> Tensor:
    ours, theirs = (_magnitudes(sound, fft_size, hop, window) for sound in (audio, target))
    total = torch.zeros(len(audio), dtype=ours.dtype)
    if config.convergence_weight:
        total = total + config.convergence_weight * (theirs - ours).flatten(1).norm(dim=1) / theirs.flatten(1).norm(dim=1)
    if config.log_weight:
        total = total + config.log_weight * (theirs.log() - ours.log()).abs().flatten(1).mean(1)
    if config.linear_weight:
        total = total + config.linear_weight * (theirs - ours).abs().flatten(1).mean(1)
    return total


def _magnitudes(audio: Tensor, fft_size: int, hop: int, window: int) -> Tensor:
    """(items, channels, bins, frames)."""
    items, channels, samples = audio.shape
    shape = torch.hann_window(window, dtype=audio.dtype)
    flat = audio.reshape(items * channels, samples)
    mode = "reflect" if fft_size // 2 < samples else "constant"
    bins = torch.stft(flat, fft_size, hop, window, shape, return_complex=True, pad_mode=mode)
    power = bins.real.square() + bins.imag.square()
    return power.clamp_min(SMALLEST_POWER).sqrt().reshape(items, channels, *power.shape[1:])


def levelled(audio: Audio) -> Audio:
    """The audio at an RMS of 0.1, so that metrics tell nothing of level; silence stays silent."""
    return audio * np.float32(TARGET_RMS / max(rms(audio), SILENT_RMS))


@torch.inference_mode()
def mrstft(audio: Audio, target: Audio, config: StftConfig = FIELD) -> float:
    """`multi_resolution_stft` of one item, (channels, samples) each, both brought to the same level."""
    given = [torch.from_numpy(levelled(sound))[None] for sound in (audio, target)]
    return float(multi_resolution_stft(given[0], given[1], config)[0])


METRICS = {"field": FIELD, "published": PUBLISHED}
"""The configurations that an evaluation may be scored by, by name."""
