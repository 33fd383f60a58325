"""The controller: from features to a belief about an effect's knobs (mixture density network, Bishop 1994)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from trainables.matching.features import Features
from trainables.matching.gate import Gate
from trainables.matching.knob_space import Units
from trainables.matching.mixture import SMALLEST_DEVIATION, Mixture

KNOWN = 256  # training items that are kept for the control `nearest`
LARGEST, SMALLEST_SPREAD = 8.0, 1e-3
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
    known: Tensor
    known_points: Tensor

    def __init__(self, size: int, knobs: int, width: int, components: int, dropout: float) -> None:
        super().__init__()
        self.knobs, self.components, self.gate = knobs, components, Gate(knobs)
        self.register_buffer("centre", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))
        self.register_buffer("known", torch.zeros(KNOWN, size, dtype=torch.float16))
        self.register_buffer("known_points", torch.full((KNOWN, knobs), 0.5))
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

    def adapt(self, features: Tensor, points: Tensor) -> None:
        """Learns the mean and the spread of each feature from (items, size), and keeps KNOWN items for `nearest`."""
        self.centre.copy_(features.mean(0))
        self.scale.copy_(features.std(0).clamp_min(SMALLEST_SPREAD))
        kept = torch.linspace(0, len(points) - 1, KNOWN).long()
        self.known.copy_(self._standard(features[kept]))
        self.known_points.copy_(points[kept])

    @torch.inference_mode()
    def nearest(self, features: Features) -> Units:
        """(knobs,) of the training item whose features are nearest to (size,) given ones: a control."""
        apart = (self._standard(torch.from_numpy(features)) - self.known.float()).square().sum(1)
        found: Units = self.known_points[int(apart.argmin())].double().numpy()
        return found

    def forward(self, features: Tensor) -> Mixture:
        hidden = self.body(self._standard(features))
        shape = (len(features), self.components, self.knobs)
        deviations = SMALLEST_DEVIATION + self.deviations(hidden).reshape(shape).clamp(*DEVIATION_LIMITS).exp()
        means = torch.sigmoid(self.means(hidden).reshape(shape))
        return Mixture(self.weights(hidden).log_softmax(1), means, deviations)

    def _standard(self, features: Tensor) -> Tensor:
        return ((features - self.centre) / self.scale).clamp(-LARGEST, LARGEST)
