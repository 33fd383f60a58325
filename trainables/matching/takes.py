"""Blocks of takes as a matcher sees them: made once for a sweep by the render actors, and turned into examples.

The two takes of one setting, on different recordings, are each other's input and reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from trainables.matching.features import FeatureExtractor, TakeFeatures
from trainables.parameters import Parameter
from trainables.rendering.takes import Block

Mode = Literal["paired", "blind"]
MODES: tuple[Mode, ...] = ("paired", "blind")


@dataclass(frozen=True)
class Examples:
    """What one controller learns from.

    Attributes:
        features: (items, size) float32, of one mode.
        points: (items, knobs) float32 from 0 to 1: the free knobs of the effect.
        mels: (items, 2, channels, bands, frames) float16, dry and wet, where an encoder is trained along.
    """

    features: Tensor
    points: Tensor
    mels: Tensor | None = None


def as_features(block: Block, sample_rate: int) -> Block:
    """A block of audio with features in its place.

    `dry` becomes (items, 2 * clip_size): of the whole dry clip and of its first half; `wet` becomes (items, 2 * clip_size +
    pair_size): of the whole wet clip, of its second half, and of dry and wet together.
    """
    extractor = FeatureExtractor(sample_rate)
    seen = [extractor.take(dry, wet) for dry, wet in zip(block.dry, block.wet, strict=True)]
    return replace(block, dry=np.stack([_of_dry(take) for take in seen]), wet=np.stack([_of_wet(take) for take in seen]))


def feature_sizes(sample_rate: int, clip_samples: int) -> dict[Mode, int]:
    """How many features a controller of each mode sees."""
    extractor, silence = FeatureExtractor(sample_rate), np.zeros((1, clip_samples), np.float32)
    return {"paired": len(extractor.pair(silence, silence)), "blind": 2 * len(extractor.clip(silence))}


def examples(blocks: Sequence[Block], parameters: Sequence[Parameter], mode: Mode) -> Examples:
    """All examples that blocks of features of one effect hold.

    Paired: each take, before and after. Blind: the wet clip of each take beside the dry one of its partner, and beside
    another passage of its own recording.
    """
    free = [place for place, parameter in enumerate(parameters) if not parameter.frozen]
    points = torch.from_numpy(np.concatenate([block.settings[:, free] for block in blocks]))
    dry, wet = (torch.from_numpy(np.concatenate([getattr(block, side) for block in blocks])) for side in ("dry", "wet"))
    size = dry.shape[1] // 2
    if mode == "paired":
        return Examples(wet[:, 2 * size :], points)
    partner = torch.arange(len(dry)) ^ 1
    other_recording = torch.cat([wet[:, :size], dry[partner, :size]], dim=1)
    same_recording = torch.cat([wet[:, size : 2 * size], dry[:, size:]], dim=1)
    return Examples(torch.cat([other_recording, same_recording]), torch.cat([points, points]))


def joined(parts: Sequence[Examples]) -> Examples:
    """Several sets of examples as one."""
    mels = [part.mels for part in parts if part.mels is not None]
    features, points = torch.cat([part.features for part in parts]), torch.cat([part.points for part in parts])
    return Examples(features, points, torch.cat(mels) if mels else None)


def _of_dry(take: TakeFeatures) -> np.ndarray:
    return np.concatenate([take.dry, take.dry_early])


def _of_wet(take: TakeFeatures) -> np.ndarray:
    return np.concatenate([take.wet, take.wet_late, take.pair])
