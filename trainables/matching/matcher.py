"""The matcher: a controller for each effect and mode, and what turns audio into what they see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from trainables.audio import Audio
from trainables.configs import MatcherConfig
from trainables.matching.clips import clip_starts, cut
from trainables.matching.controller import Controller
from trainables.matching.encoder import clip_embedding, embedding_size, pair_embedding
from trainables.matching.features import FeatureExtractor, Features
from trainables.matching.mixture import Belief, pooled
from trainables.matching.pairing import Reference
from trainables.matching.takes import MODES, Mode, feature_sizes
from trainables.training.embedder import Embedder


@dataclass(frozen=True)
class Hearing:
    """How a matcher hears.

    Attributes:
        sample_rate: in Hz.
        clip_samples: how long a clip is.
        encoder: of a VAE, which hears clips of just that length.
    """

    sample_rate: int
    clip_samples: int
    encoder: Embedder | None = None


class Matcher(nn.Module):
    """Controllers by mode and effect.

    Args:
        config: of all of them.
        hearing: sample rate and clip length that they are trained at.
        knobs: how many free knobs each effect has.
    """

    def __init__(self, config: MatcherConfig, hearing: Hearing, knobs: Mapping[str, int]) -> None:
        super().__init__()
        self.hearing, self.effects, self.encoder = hearing, tuple(knobs), hearing.encoder
        sizes = feature_sizes(hearing.sample_rate, hearing.clip_samples)
        sizes = {mode: size + embedding_size(hearing.encoder, mode) for mode, size in sizes.items()}
        self.controllers = nn.ModuleDict(
            {
                name_of(mode, effect): Controller(sizes[mode], count, config.width, config.components, config.dropout)
                for mode in MODES
                for effect, count in knobs.items()
            }
        )

    def controller(self, mode: Mode, effect: str) -> Controller:
        """That of one effect."""
        found = self.controllers[name_of(mode, effect)]
        assert isinstance(found, Controller)
        return found

    @torch.inference_mode()
    def belief(self, mode: Mode, effect: str, seen: Sequence[Features]) -> Belief:
        """What the controller believes after it has seen the features of some clips, each as good as the next."""
        belief = pooled(self.beliefs(mode, effect, torch.from_numpy(np.stack(seen))))
        return replace(belief, foreseen=self.controller(mode, effect).gate.foresee(belief))

    @torch.inference_mode()
    def beliefs(self, mode: Mode, effect: str, features: Tensor) -> list[Belief]:
        """What it believes of each of (items, size) features."""
        mixture = self.controller(mode, effect)(features)
        return [mixture.belief(item) for item in range(len(features))]


def name_of(mode: Mode, effect: str) -> str:
    """Of a controller; module names may hold no dots, which names of effects don't have."""
    return f"{mode}-{effect}"


def see_reference(extractor: FeatureExtractor, hearing: Hearing, reference: Reference, dry: Audio) -> list[Features]:
    """The features of clips of a reference, those of its mode, at the matcher's own sample rate.

    Args:
        reference: at the matcher's rate; with its dry version it is seen as pairs.
        dry: the input, at the same rate; beside it a blind reference is seen.
    """
    starts = clip_starts(reference.wet, hearing.clip_samples)
    wets = [cut(reference.wet, start, hearing.clip_samples) for start in starts]
    if reference.dry is not None:
        dries = [cut(reference.dry, start, hearing.clip_samples) for start in starts]
        return [_seen_pair(extractor, hearing, before, after) for before, after in zip(dries, wets, strict=True)]
    inputs = [cut(dry, start, hearing.clip_samples) for start in clip_starts(dry, hearing.clip_samples)]
    statistics = np.mean([extractor.clip(clip) for clip in inputs], axis=0)
    embedding = np.mean([clip_embedding(hearing.encoder, clip) for clip in inputs], axis=0)
    seen = ([extractor.clip(wet), statistics, clip_embedding(hearing.encoder, wet), embedding] for wet in wets)
    return [np.concatenate(parts).astype(np.float32) for parts in seen]


def _seen_pair(extractor: FeatureExtractor, hearing: Hearing, dry: Audio, wet: Audio) -> Features:
    return np.concatenate([extractor.pair(dry, wet), pair_embedding(hearing.encoder, dry, wet)])
