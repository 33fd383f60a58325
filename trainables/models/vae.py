"""A conditional variational autoencoder of what an effect did to a clip.

The encoder sees log-mel spectrograms and says where the example lies in the latent space; the decoder
predicts the wet spectrogram from that point, given the dry one. So the latent space need not hold the
music (Kingma & Welling 2014; conditional form: Sohn, Lee & Yan 2015).
"""

from __future__ import annotations

from itertools import pairwise
from math import gcd, prod

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainables.configs import VaeConfig
from trainables.models.modulation import modulation_size, modulation_spectrum

LOG_VARIANCE_LIMIT = 10.0
Shape = tuple[int, int]  # bands, frames


class Vae(nn.Module):
    """Spectrograms are (items, channels, bands, frames), latents (items, latent_size).

    `config.input` is what the encoder sees, and whether the decoder is given the dry clip:
    `difference` (wet minus dry) and `pair` (both, stacked) decode wet as dry plus a predicted change;
    `wet` is a plain VAE of the wet clip that never sees the dry one.
    Any number of bands and frames will do.
    """

    def __init__(self, config: VaeConfig, channels: int, bands: int, frames: int) -> None:
        super().__init__()
        self.input = config.input
        shapes = _shapes(bands, frames, len(config.widths))
        seen = 2 * channels if config.input == "pair" else channels
        given = 0 if config.input == "wet" else channels
        over_time = config.input != "wet"
        self.encoder = Encoder(seen, config.widths, shapes, config.latent_size, over_time, over_time and config.modulation)
        self.decoder = Decoder(channels, given, config.widths, shapes, config.latent_size)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # half the time on a CPU

    def forward(self, dry: Tensor, wet: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Predicted wet, mean and log variance; `noise` (items, latent_size) is standard normal."""
        mean, log_variance = self.encode(dry, wet)
        return self.decode(mean + noise * (0.5 * log_variance).exp(), dry), mean, log_variance

    def encode(self, dry: Tensor, wet: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the latent, each (items, latent_size)."""
        mean, log_variance = self.encoder(self._seen(dry, wet)).chunk(2, dim=1)
        return mean, log_variance.clamp(-LOG_VARIANCE_LIMIT, LOG_VARIANCE_LIMIT)

    def decode(self, latent: Tensor, dry: Tensor) -> Tensor:
        """Predicted wet spectrogram, shaped like `dry`. With input `wet`, of `dry` only its shape is used."""
        predicted: Tensor = self.decoder(latent, None if self.input == "wet" else dry)
        return predicted if self.input == "wet" else dry + predicted

    def embed(self, dry: Tensor, wet: Tensor) -> Tensor:
        """The latent's mean: the embedding (items, latent_size)."""
        return self.encode(dry, wet)[0]

    def _seen(self, dry: Tensor, wet: Tensor) -> Tensor:
        if self.input == "difference":
            return wet - dry
        return wet if self.input == "wet" else torch.cat([dry, wet], dim=1)


class Encoder(nn.Module):
    """Strided convolutions, then a linear layer to mean and log variance.

    `over_time`: that layer sees the mean and deviation over frames of the input and of each convolution, band by
    band. So it knows which frequencies changed, by how much and how steadily, but not when. The input is among them
    because normalisation hides how large a change is. Without it: all of the last convolution, as in a plain VAE.

    `modulation`: the layer also sees how the input moves in time (modulation.py).
    """

    def __init__(
        self, seen: int, widths: tuple[int, ...], shapes: list[Shape], latent_size: int, over_time: bool, modulation: bool
    ) -> None:
        super().__init__()
        channels = (seen, *widths)
        self.over_time, self.modulation = over_time, modulation
        # The first norm is per channel: measured, it tells effects apart better. Then wider groups: one pixel may be left.
        groups = [widths[0], *(gcd(width, 4) for width in widths[1:])]
        self.steps = nn.ModuleList(map(_halving, channels, widths, groups))
        pooled = sum(2 * count * bands for count, (bands, _) in zip(channels, shapes, strict=True))
        moving = seen * modulation_size(*shapes[0]) if modulation else 0
        self.head = nn.Linear(pooled + moving if over_time else widths[-1] * prod(shapes[-1]), 2 * latent_size)

    def forward(self, seen: Tensor) -> Tensor:
        scales = [seen]
        for step in self.steps:
            scales.append(step(scales[-1]))
        known = [_statistics(scale) for scale in scales] if self.over_time else [scales[-1].flatten(1)]
        moving = [modulation_spectrum(seen)] if self.modulation else []
        latent: Tensor = self.head(torch.cat([*known, *moving], dim=1))
        return latent


def _statistics(features: Tensor) -> Tensor:
    """(items, 2 * channels * bands) mean and deviation over frames, in single precision whatever comes in."""
    features = features.float()
    mean = features.mean(3, keepdim=True)
    deviation = ((features - mean).square().mean(3) + 1e-5).sqrt()
    return torch.cat([mean.flatten(1), deviation.flatten(1)], dim=1)


class Decoder(nn.Module):
    """Doubles the resolution with pixel shuffle (Shi et al. 2016), the last two times at once.

    No convolution runs above a quarter of the resolution: that would be most of the cost. Where dry
    channels are `given`, each step also sees the dry spectrogram at its resolution, and the latent
    says what holds for the whole clip; without them it has to say when as well.
    """

    def __init__(self, channels: int, given: int, widths: tuple[int, ...], shapes: list[Shape], latent_size: int) -> None:
        super().__init__()
        last = min(2, len(widths))
        self.shapes = [*shapes[-2 : last - 1 : -1], shapes[0]]
        self.smallest = (widths[-1], shapes[-1][0], 1 if given else shapes[-1][1])
        self.spread = shapes[-1][1]
        self.tail = nn.Linear(latent_size, prod(self.smallest))
        doublings = [_doubling(wide + given, narrow) for wide, narrow in pairwise(reversed(widths[last - 1 :]))]
        final = nn.Conv2d(widths[last - 1] + given, channels * 4**last, 3, 1, 1)
        if given:  # an untrained decoder predicts no change
            nn.init.zeros_(final.weight)
            nn.init.zeros_(final.bias)  # type: ignore[arg-type]
        self.steps = nn.ModuleList([*doublings, nn.Sequential(final, nn.PixelShuffle(2**last))])

    def forward(self, latent: Tensor, dry: Tensor | None) -> Tensor:
        features: Tensor = self.tail(latent).unflatten(1, self.smallest).expand(-1, -1, -1, self.spread)
        for step, (bands, frames) in zip(self.steps, self.shapes, strict=True):
            if dry is not None:
                here = functional.adaptive_avg_pool2d(dry, (features.shape[2], features.shape[3]))
                features = torch.cat([features, here], dim=1)
            features = step(features)[..., :bands, :frames]
        return features


def _halving(wide: int, wider: int, groups: int) -> nn.Sequential:
    bias = groups < wider  # a norm per channel would take it out again
    return nn.Sequential(nn.Conv2d(wide, wider, 3, 2, 1, bias=bias), nn.GroupNorm(groups, wider), nn.ReLU())


def _doubling(wide: int, narrow: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(wide, 4 * narrow, 3, 1, 1), nn.PixelShuffle(2), nn.GroupNorm(gcd(narrow, 4), narrow), nn.ReLU()
    )


def _shapes(bands: int, frames: int, levels: int) -> list[Shape]:
    """The shape before each halving and after the last; odd sizes round up, as a padded stride-2 convolution does."""
    shapes = [(bands, frames)]
    for _ in range(levels):
        shapes.append(((shapes[-1][0] + 1) // 2, (shapes[-1][1] + 1) // 2))
    return shapes
