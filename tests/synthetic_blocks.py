"""Blocks made of arithmetic instead of audio: quick to make, and with something to learn."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from trainables.configs import EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.effects.names import DRY
from trainables.features import spectrogram_shape
from trainables.rendering.takes import Block, BlockRequest, Take

CONFIG = TrialConfig(
    model=VaeConfig(latent_size=8, widths=(8, 16)),
    train=TrainConfig(items_per_epoch=24, validation_items=12, max_epochs=3, batch_size=8),
    evaluation=EvaluationConfig(settings_per_effect=4),
    front_end=FrontEndConfig(fft_size=512, hop_samples=256, bands=16),
    sample_rate=16000,
    clip_samples=4200,
    channels=1,
    trained_effects=("overdrive", "delay", "limiter"),
    held_out_effects=("leslie", "combo", "loudness"),
)


def with_train(config: TrialConfig, **changes: object) -> TrialConfig:
    """The config with other training settings."""
    return replace(config, train=replace(config.train, **changes))  # type: ignore[arg-type]


def with_model(config: TrialConfig, **changes: object) -> TrialConfig:
    """The config with other model settings."""
    return replace(config, model=replace(config.model, **changes))  # type: ignore[arg-type]


@dataclass
class SyntheticSource:
    """A Source whose wet spectrograms are dry ones plus an effect's curve over the bands, as strong as its setting says."""

    config: TrialConfig
    asked: list[BlockRequest] = field(default_factory=list)
    announced: list[BlockRequest] = field(default_factory=list)

    def blocks(self, requests: Sequence[BlockRequest]) -> list[Block]:
        self.asked += requests
        return [make_block(self.config, request) for request in requests]

    def prefetch(self, requests: Sequence[BlockRequest]) -> None:
        self.announced += requests


def make_block(config: TrialConfig, request: BlockRequest) -> Block:
    """The block of a request: always the same, and a longer one starts as a shorter one does."""
    random = np.random.default_rng(zlib.crc32(f"{request.effect} {request.partition} {request.draw}".encode()))
    bands, frames = spectrogram_shape(config.front_end, config.sample_rate, config.clip_samples)
    shape = (config.channels, bands, frames)
    made = [_pair(random, request, shape) for _ in range(request.items // 2)]
    dry, wet, strengths = (np.concatenate(parts).astype(np.float32) for parts in zip(*made, strict=True))
    if request.form == "timbre":  # brighter and deeper with the effect's strength
        dry, wet = np.zeros((request.items, 0), np.float32), np.outer(strengths, (20.0, 10.0)).astype(np.float32)
    return Block(
        effect=request.effect,
        dry=dry,
        wet=wet,
        settings=strengths[:, None],
        setting_ids=np.arange(request.items) // 2,
        takes=tuple(
            Take(f"{request.partition}{request.draw % 2}{item % 2}", 0, request.effect, (("strength", float(strength)),))
            for item, strength in enumerate(strengths)
        ),
    )


def _pair(
    random: np.random.Generator, request: BlockRequest, shape: tuple[int, int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    dry, strength = random.standard_normal((2, *shape)), random.random()
    curve = np.random.default_rng(zlib.crc32(request.effect.encode())).standard_normal(shape[1])
    change = 0.0 if request.effect == DRY else (1.0 + strength) * curve[:, None]
    return dry, dry + change, np.repeat(strength, 2)
