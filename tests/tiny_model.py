"""A model that is made in no time: untrained, with a short clip and few bands."""

from __future__ import annotations

from typing import Any

import torch

from trainables.configs import EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.features import spectrogram_shape
from trainables.models.vae import Vae


def tiny_config(**model: Any) -> TrialConfig:
    return TrialConfig(
        model=VaeConfig(latent_size=4, widths=(8,), **model),
        train=TrainConfig(),
        evaluation=EvaluationConfig(),
        front_end=FrontEndConfig(fft_size=256, hop_samples=256, bands=16),
        sample_rate=8000,
        clip_samples=4096,
        channels=1,
        trained_effects=("delay", "flanger"),
        held_out_effects=("leslie",),
    )


def tiny_state(config: TrialConfig) -> dict[str, Any]:
    torch.manual_seed(0)
    shape = spectrogram_shape(config.front_end, config.sample_rate, config.clip_samples)
    return {"model": Vae(config.model, config.channels, *shape).state_dict()}
