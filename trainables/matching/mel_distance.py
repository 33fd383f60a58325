"""How far audio is from a target in what the search looks at: log-mel spectrograms, whatever the level.

Not the metric that results are scored by (metrics.py): a search that looks at its own score flatters itself.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from trainables.audio import Audio
from trainables.configs import FrontEndConfig
from trainables.features import SPREAD_DB, FrontEnd

RESOLUTIONS = (FrontEndConfig(fft_size=2048, hop_samples=512, bands=96), FrontEndConfig(fft_size=512, hop_samples=256, bands=32))


class MelDistance:
    """The mean difference of levels between audio and a target, in dB over mel bands, frames, channels and two resolutions.

    Args:
        target: (channels, samples) float32, longer than 1024 samples.
        sample_rate: in Hz.
    """

    def __init__(self, target: Audio, sample_rate: int) -> None:
        self.front_ends = front_ends(sample_rate)
        self.target = self._seen(target)

    def __call__(self, audio: Audio) -> float:
        """Of audio of the target's shape; 0 for the target itself at any level."""
        seen = self._seen(audio)
        differences = [float((ours - theirs).abs().mean()) for ours, theirs in zip(seen, self.target, strict=True)]
        return SPREAD_DB * float(np.mean(differences))

    @torch.inference_mode()
    def _seen(self, audio: Audio) -> list[torch.Tensor]:
        given = torch.from_numpy(np.ascontiguousarray(audio))[None]
        return [front_end(given) for front_end in self.front_ends]


@lru_cache(maxsize=8)
def front_ends(sample_rate: int) -> tuple[FrontEnd, ...]:
    """Those of RESOLUTIONS; they hold nothing that changes."""
    return tuple(FrontEnd(config, sample_rate) for config in RESOLUTIONS)
