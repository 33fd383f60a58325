"""What the VAE is trained to make small."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from trainables.configs import VaeConfig
from trainables.training.ranks import Team


@dataclass(frozen=True)
class Parts:
    """The terms of the loss, scalar tensors.

    Attributes:
        reconstruction: mean squared error per pixel.
        kl: nats per item, summed over latent dimensions.
        contrastive: nats per item.
        pixels: how many pixels a spectrogram has.
        perceptual: see perceptual.py; None if the loss has no such term.
    """

    reconstruction: Tensor
    kl: Tensor
    contrastive: Tensor
    pixels: int
    perceptual: Tensor | None = None

    def total(self, config: VaeConfig) -> Tensor:
        """reconstruction_weight * mse + beta * 2 * kl / pixels + the contrastive and the perceptual term by their weights.

        A Gaussian decoder of unit variance has -log p(x | z) = pixels / 2 * mse + constant, so the negative
        ELBO (Kingma & Welling 2014, eq. 3) times 2 / pixels is mse + 2 * kl / pixels + constant: beta = 1
        and reconstruction_weight = 1 are exactly the ELBO. Any other beta is that of a decoder with
        variance beta, or of a beta-VAE (Higgins et al. 2017).
        """
        elbo = config.reconstruction_weight * self.reconstruction + config.beta * 2.0 * self.kl / self.pixels
        total = elbo + config.contrastive_weight * self.contrastive
        return total if self.perceptual is None else total + config.perceptual_weight * self.perceptual

    def shares(self, team: Team) -> Tensor:
        """(3 or 4,) detached terms of which the sum over ranks is the whole batch's; each rank has all of those over pairs."""
        over_pairs = [term / team.world for term in (self.contrastive, self.perceptual) if term is not None]
        return torch.stack([self.reconstruction, self.kl, *over_pairs]).detach()

    def named(self, config: VaeConfig) -> dict[str, Tensor]:
        """The terms and their total by the names they are reported under."""
        terms = {"reconstruction": self.reconstruction, "kl": self.kl, "contrastive": self.contrastive}
        return {"loss": self.total(config), **terms} | ({} if self.perceptual is None else {"perceptual": self.perceptual})


def squared_errors(predicted: Tensor, wet: Tensor) -> Tensor:
    """(items,) mean squared error per pixel of spectrograms (items, channels, bands, frames)."""
    return (predicted - wet).square().mean((1, 2, 3))


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """(items,) KL divergence of N(mean, exp(log_variance)) from N(0, 1), nats, summed over dimensions."""
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).sum(1)


def contrastive(embeddings: Tensor, groups: Tensor, temperature: float) -> Tensor:
    """InfoNCE: how hard it is to find an item's partner among all the others, in nats, a scalar.

    With cosine similarity s and items i, j: mean over i and its partners j of
    -log(exp(s_ij / temperature) / sum over k != i of exp(s_ik / temperature))
    (van den Oord et al. 2018; this symmetric form is NT-Xent of Chen et al. 2020).

    Args:
        embeddings: (items, size).
        groups: (items,) integers; equal means partners (the same settings on another recording),
            negative means the item is not there. An item without a partner is only a candidate for others.
    """
    present = groups >= 0
    embeddings, groups = embeddings[present], groups[present]
    alone = torch.eye(len(groups), dtype=torch.bool, device=groups.device)
    unit = functional.normalize(embeddings, dim=1)
    logits = (unit @ unit.T / temperature).masked_fill(alone, float("-inf"))
    log_shares = logits.log_softmax(1)
    partners = (groups[:, None] == groups[None, :]) & ~alone
    if not bool(partners.any()):
        return embeddings.sum() * 0.0
    return -log_shares[partners].sum() / partners.sum()


def contrastive_over(team: Team, embeddings: Tensor, groups: Tensor, temperature: float) -> Tensor:
    """`contrastive` over the items of all ranks, the same value on each.

    Gradients reach a rank's own embeddings only; summed over ranks they are those of one process.
    Every rank must hand over equally many items.
    """
    return contrastive(team.gather_with_own_gradient(embeddings), team.gather(groups), temperature)
