"""The model as others use it: audio in, embedding out, the front end inside and the decoder left behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from trainables.configs import TrialConfig
from trainables.errors import InputError
from trainables.features import FrontEnd, spectrogram_shape
from trainables.models.vae import Vae


class Embedder(nn.Module):
    """Mean embeddings (batch, latent_size) of audio, whatever its level.

    `forward` takes float32 (batch, clips, samples), or (batch, clips, channels, samples) if the model has
    more than one channel. Of the axis `clips` the first is dry and the second wet; a model with input
    `wet` takes the wet clip only.
    """

    def __init__(self, config: TrialConfig, vae: Vae) -> None:
        super().__init__()
        self.paired = config.model.input != "wet"
        self.channels, self.latent_size = config.channels, config.model.latent_size
        self.front_end = FrontEnd(config.front_end, config.sample_rate)
        self.vae = vae

    def forward(self, audio: Tensor) -> Tensor:
        clips = audio.unsqueeze(2) if self.channels == 1 else audio
        wet = self.front_end(clips[:, -1])
        return self.vae.embed(self.front_end(clips[:, 0]) if self.paired else wet, wet)


def build_vae(config: TrialConfig, weights: Mapping[str, Tensor]) -> Vae:
    """The model with these weights, ready to be asked.

    Raises:
        InputError: the weights are those of a model with another config.
    """
    vae = Vae(config.model, config.channels, *spectrogram_shape(config.front_end, config.sample_rate, config.clip_samples))
    try:
        vae.load_state_dict(dict(weights))
    except RuntimeError as error:
        raise InputError("model weights", "do not fit the config.", "Give a checkpoint with its own config.") from error
    return vae.eval()


def kept_weights(state: Mapping[str, Any]) -> Mapping[str, Tensor]:
    """The weights of the best epoch so far, or the latest if there is none yet."""
    weights: Mapping[str, Tensor] = state.get("best") or state["model"]
    return weights


def build_embedder(config: TrialConfig, state: Mapping[str, Any]) -> Embedder:
    """The embedder of a training state, with the weights of its best epoch."""
    vae = build_vae(config, kept_weights(state))
    del vae.decoder
    return Embedder(config, vae).eval().requires_grad_(False)


def example_input(config: TrialConfig, batch: int = 2, seed: int = 0) -> npt.NDArray[np.float32]:
    """Audio of the shape that `Embedder` takes: noise in place of clips."""
    clips = 1 if config.model.input == "wet" else 2
    channels = () if config.channels == 1 else (config.channels,)
    noise = np.random.default_rng(seed).standard_normal((batch, clips, *channels, config.clip_samples))
    return (0.1 * noise).astype(np.float32)
