"""What a controller sees: statistics of a clip, and of what an effect did to one, with nothing learned.

All are of about unit spread, of a fixed size, and independent of a clip's level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainables.audio import Audio
from trainables.configs import FrontEndConfig
from trainables.features import FrontEnd
from trainables.matching.responses import amplitudes, level_curve, response
from trainables.models.modulation import modulation_spectrum

Features = npt.NDArray[np.float32]
CONFIG = FrontEndConfig(fft_size=2048, hop_samples=512, bands=64)
QUANTILES = (0.1, 0.5, 0.9)
WINDOW_FRAMES = 64  # movement of single clips is measured over windows of so many frames
SLOPE_FLOOR = 1e-2  # of the variance that a band's level must have for the change to follow it


@dataclass(frozen=True)
class TakeFeatures:
    """What is seen of one clip before and after an effect.

    Attributes:
        dry, wet: (clip_size,) of the whole clips.
        dry_early, wet_late: (clip_size,) of the first half of the one and the second of the other: two passages of one recording.
        pair: (pair_size,) of both together.
    """

    dry: Features
    wet: Features
    dry_early: Features
    wet_late: Features
    pair: Features


class FeatureExtractor:
    """Features of clips at one sample rate.

    Args:
        sample_rate: in Hz.
    """

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.front_end = FrontEnd(CONFIG, sample_rate)

    def clip(self, audio: Audio) -> Features:
        """(clip_size,) of one clip (channels, samples): spectrum, its spread and movement."""
        return _of_clip(self._spectrogram(audio))

    def pair(self, dry: Audio, wet: Audio) -> Features:
        """(pair_size,) of one clip before and after an effect, each (channels, samples).

        Statistics of the dry spectrogram and of the change, how the change moves and how it follows the level of each
        band, the effect's curve of levels and of amplitudes, and the echoes in its response.
        """
        return self._of_pair(dry, wet, self._spectrogram(dry), self._spectrogram(wet))

    def take(self, dry: Audio, wet: Audio) -> TakeFeatures:
        """Everything that is seen of one clip before and after an effect, each (channels, samples)."""
        before, after = self._spectrogram(dry), self._spectrogram(wet)
        middle = before.shape[-1] // 2
        halves = _of_clip(before[..., :middle]), _of_clip(after[..., middle:])
        return TakeFeatures(_of_clip(before), _of_clip(after), *halves, self._of_pair(dry, wet, before, after))

    def _of_pair(self, dry: Audio, wet: Audio, before: Tensor, after: Tensor) -> Features:
        change = after - before
        mono_dry, mono_wet = _mono(dry), _mono(wet)
        levels = [level_curve(mono_dry, mono_wet), amplitudes(mono_dry, mono_wet)]
        heard = [*levels, response(mono_dry, mono_wet, self.sample_rate)]
        seen = [_statistics(before), _statistics(change), _slopes(before, change), _movement(change, change.shape[-1])]
        return np.concatenate([*seen, *heard]).astype(np.float32)

    @torch.inference_mode()
    def _spectrogram(self, audio: Audio) -> Tensor:
        """(bands, frames) of the mean of the channels."""
        mel: Tensor = self.front_end(torch.from_numpy(_mono(audio))[None, None])[0, 0]
        return mel


def _of_clip(mel: Tensor) -> Features:
    return np.concatenate([_statistics(mel), _movement(mel, WINDOW_FRAMES)]).astype(np.float32)


def mean_features(features: Sequence[Features]) -> Features:
    """Those of several clips as one."""
    return np.asarray(np.mean(np.stack(features), axis=0), dtype=np.float32)


def _mono(audio: Audio) -> Audio:
    """(samples,)."""
    return np.ascontiguousarray(audio[0] if len(audio) == 1 else audio.mean(axis=0))


def _statistics(mel: Tensor) -> Features:
    """Mean, deviation, quantiles and mean step of each band over frames."""
    quantiles = torch.quantile(mel, torch.tensor(QUANTILES), dim=-1) - mel.mean(-1)
    steps = mel.diff(dim=-1).abs().mean(-1)
    return torch.cat([mel.mean(-1), mel.std(-1), quantiles.flatten(), steps]).numpy()


def _slopes(before: Tensor, change: Tensor) -> Features:
    """By how much the change of each band follows the band's level: -1 where it is taken out altogether."""
    centred = before - before.mean(-1, keepdim=True)
    return ((centred * change).mean(-1) / (centred.square().mean(-1) + SLOPE_FLOOR)).numpy()


def _movement(mel: Tensor, window_frames: int) -> Features:
    """The modulation spectrum, its mean over windows; what is shorter than a window is one."""
    frames = mel.shape[-1]
    size = min(window_frames, frames)
    windows = torch.stack([mel[..., first : first + size] for first in range(0, frames - size + 1, size)])
    padded = torch.nn.functional.pad(windows, (0, max(0, window_frames - size)))
    return modulation_spectrum(padded[:, None]).mean(0).numpy()
