"""How far two sounds are apart in what a search listens to: log-mel spectrograms, whatever the level.

Not the metric that results are scored by (spectral_metrics.py): a search that looks at its own score flatters itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from trainables.audio import Audio
from trainables.configs import FrontEndConfig
from trainables.features import SPREAD_DB, FrontEnd

RESOLUTIONS = (FrontEndConfig(fft_size=2048, hop_samples=512, bands=96), FrontEndConfig(fft_size=512, hop_samples=256, bands=32))

Seen = tuple[Tensor, ...]
"""A sound as spectrograms, one of each of RESOLUTIONS."""


@torch.inference_mode()
def see(audio: Audio, sample_rate: int) -> Seen:
    """The spectrograms of (channels, samples) audio of more than 1024 samples."""
    given = torch.from_numpy(np.ascontiguousarray(audio))[None]
    return tuple(front_end(given)[0] for front_end in front_ends(sample_rate))


def apart_db(ours: Seen, theirs: Seen) -> float:
    """The mean difference of levels in dB, over mel bands, frames, channels and resolutions; both of one shape."""
    differences = [float((one - other).abs().mean()) for one, other in zip(ours, theirs, strict=True)]
    return SPREAD_DB * float(np.mean(differences))


def together(sounds: Sequence[Seen]) -> Seen:
    """Several sounds of one shape as one, for `apart_each_db`."""
    return tuple(torch.stack(parts) for parts in zip(*sounds, strict=True))


@torch.inference_mode()
def apart_each_db(ours: Seen, several: Seen) -> npt.NDArray[np.float64]:
    """(sounds,) `apart_db` from each of several sounds `together`, bit for bit, in a fifth of the time."""
    differences = [(others - one).abs_().flatten(1).mean(1) for one, others in zip(ours, several, strict=True)]
    return np.asarray(SPREAD_DB * np.mean([each.double().numpy() for each in differences], axis=0), dtype=np.float64)


def mean_spectrum_apart_db(ours: Seen, theirs: Seen) -> float:
    """The same of the means and of the deviations over frames: for sounds of other content, length and channels."""
    each = [
        float((of(one).mean(0) - of(other).mean(0)).abs().mean())
        for one, other in zip(ours, theirs, strict=True)
        for of in (_mean, _deviation)
    ]
    return SPREAD_DB * float(np.mean(each))


@lru_cache(maxsize=8)
def front_ends(sample_rate: int) -> tuple[FrontEnd, ...]:
    """Those of RESOLUTIONS; they hold nothing that changes."""
    return tuple(FrontEnd(config, sample_rate) for config in RESOLUTIONS)


def _mean(mel: Tensor) -> Tensor:
    return mel.mean(-1)


def _deviation(mel: Tensor) -> Tensor:
    return mel.std(-1)
