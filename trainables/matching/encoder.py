"""An encoder among what a matcher hears: a VAE's, frozen, or one trained along with the controllers; part of the weights.

Paired, it hears the reference before and after its effect. Blind, there is no such pair: it is heard only if it was trained
on wet clips alone, of the reference and of the input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from trainables.audio import Audio
from trainables.configs import TrialConfig
from trainables.features import spectrogram_shape
from trainables.matching.ears import embedded
from trainables.matching.features import Features
from trainables.matching.takes import MODES, Examples, Mode, examples
from trainables.models.vae import Vae
from trainables.parameters import Parameter
from trainables.rendering.source import Source
from trainables.rendering.takes import Block, BlockRequest
from trainables.training.embedder import Embedder

ALL = slice(None)
NO_ENCODER, TRAINED = "none", "trained"


@dataclass(frozen=True, eq=False)
class HeardTakes:
    """Blocks of features, and all examples that they hold, by mode."""

    blocks: tuple[Block, ...]
    examples: Mapping[Mode, Examples]


def build_encoder(config: TrialConfig) -> Embedder | None:
    """That of a matcher's trial, its weights still to be loaded or trained; None where it has none.

    The trial's `model` and `front_end` are those that it was trained with.
    """
    if config.matcher is None or config.matcher.encoder == NO_ENCODER:
        return None
    vae = Vae(config.model, config.channels, *spectrogram_shape(config.front_end, config.sample_rate, config.clip_samples))
    del vae.decoder
    return Embedder(config, vae).eval().requires_grad_(config.matcher.encoder == TRAINED)


def embedding_size(encoder: Embedder | None, mode: Mode) -> int:
    """How many features an encoder adds."""
    if encoder is None or (mode == "blind" and encoder.paired):
        return 0
    return encoder.latent_size if mode == "paired" else 2 * encoder.latent_size


def pair_embedding(encoder: Embedder | None, dry: Audio, wet: Audio) -> Features:
    """Of one clip before and after an effect, (channels, samples) each; empty without an encoder."""
    if encoder is None:
        return np.zeros(0, np.float32)
    clips = np.stack([sound.mean(axis=0) for sound in (dry, wet)])
    return np.asarray(embedded(encoder, clips[None])[0], dtype=np.float32)


def clip_embedding(encoder: Embedder | None, audio: Audio) -> Features:
    """Of one clip alone; empty without an encoder that was trained on such."""
    return np.zeros(0, np.float32) if encoder is None or encoder.paired else pair_embedding(encoder, audio, audio)


def hear(
    source: Source, requests: Sequence[BlockRequest], parameters: Sequence[Parameter], encoder: Embedder | None
) -> HeardTakes:
    """Takes as features, with their embeddings after them."""
    blocks = source.blocks(requests)
    mels = source.blocks([replace(request, form="mel") for request in requests]) if encoder is not None else []
    found = {mode: examples(blocks, parameters, mode) for mode in MODES}
    return HeardTakes(tuple(blocks), {mode: _with_embedding(known, mels, mode, encoder) for mode, known in found.items()})


def seen(known: Examples, encoder: Embedder | None, chosen: Tensor | slice = ALL) -> Tensor:
    """(items, size) features of some examples, with the embedding of an encoder that is trained along as it is now."""
    features = known.features[chosen]
    if known.mels is None or encoder is None:
        return features
    dry, wet = known.mels[chosen].float().unbind(1)
    return torch.cat([features, encoder.vae.embed(dry, wet)], dim=1)


def is_trained(encoder: Embedder | None) -> bool:
    """Whether it is trained along."""
    return encoder is not None and any(weight.requires_grad for weight in encoder.parameters())


def _with_embedding(known: Examples, mels: Sequence[Block], mode: Mode, encoder: Embedder | None) -> Examples:
    if encoder is None or not embedding_size(encoder, mode):
        return known
    dry, wet = (torch.from_numpy(np.concatenate([getattr(block, side) for block in mels])) for side in ("dry", "wet"))
    if is_trained(encoder):
        return replace(known, mels=torch.stack([dry, wet], dim=1).half())
    heard = _pairs(encoder, dry, wet) if mode == "paired" else _clips(encoder, dry, wet)
    return replace(known, features=torch.cat([known.features, heard], dim=1))


@torch.inference_mode()
def _pairs(encoder: Embedder, dry: Tensor, wet: Tensor) -> Tensor:
    return encoder.vae.embed(dry, wet)


@torch.inference_mode()
def _clips(encoder: Embedder, dry: Tensor, wet: Tensor) -> Tensor:
    """In the order of `takes.examples`: beside the partner's dry clip, and beside another passage of the same recording."""
    before, after, early, late = (encoder.vae.embed(mel, mel) for mel in (dry, wet, _half(dry, 0), _half(wet, 1)))
    partner = torch.arange(len(dry)) ^ 1
    return torch.cat([torch.cat([after, before[partner]], dim=1), torch.cat([late, early], dim=1)])


def _half(mel: Tensor, which: int) -> Tensor:
    """A half of the frames, again and again: the encoder wants as many as there were."""
    frames = mel.shape[-1]
    part = mel.tensor_split(2, dim=-1)[which]
    return part.repeat(1, 1, 1, 3)[..., :frames]
