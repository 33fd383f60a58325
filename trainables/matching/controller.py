"""The controller: from features to a belief about an effect's knobs (mixture density network, Bishop 1994)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from trainables.matching.mixture import SMALLEST_DEVIATION, Mixture

FIRST_DEVIATION = 0.3
DEVIATION_LIMITS = (-4.5, 1.5)  # of its logarithm; a wide normal cut off at both ends is about uniform


class Controller(nn.Module):
    """Features (items, size) to a mixture over (items, knobs).

    Args:
        size: of the features.
        knobs: how many are set.
        width: of both hidden layers.
        components: of the mixture.
        dropout: share of hidden values left out in training.
    """

    centre: Tensor
    scale: Tensor

    def __init__(self, size: int, knobs: int, width: int, components: int, dropout: float) -> None:
        super().__init__()
        self.knobs, self.components = knobs, components
        self.register_buffer("centre", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))
        self.body = nn.Sequential(
            nn.Dropout(dropout / 2),
            nn.Linear(size, width),
            nn.LayerNorm(width),
            nn.SiLU(),
            nn.Dropout(dropout),
            nn.Linear(width, width),
            nn.LayerNorm(width),
            nn.SiLU(),
            nn.Dropout(dropout),
        )
        self.weights = nn.Linear(width, components)
        self.means = nn.Linear(width, components * knobs)
        self.deviations = nn.Linear(width, components * knobs)
        nn.init.constant_(self.deviations.bias, float(torch.tensor(FIRST_DEVIATION).log()))

    def adapt(self, features: Tensor) -> None:
        """Learns the mean and the spread of each feature from (items, size)."""
        self.centre.copy_(features.mean(0))
        self.scale.copy_(features.std(0).clamp_min(1e-3))

    def forward(self, features: Tensor) -> Mixture:
        standard = ((features - self.centre) / self.scale).clamp(-8.0, 8.0)
        hidden = self.body(standard)
        shape = (len(features), self.components, self.knobs)
        deviations = SMALLEST_DEVIATION + self.deviations(hidden).reshape(shape).clamp(*DEVIATION_LIMITS).exp()
        means = torch.sigmoid(self.means(hidden).reshape(shape))
        return Mixture(self.weights(hidden).log_softmax(1), means, deviations)
