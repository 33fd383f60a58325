"""A matcher's training on blocks of the sweep's catalogue: what Ray Train's workers iterate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from trainables.configs import TrialConfig
from trainables.rendering.render_actors import CatalogueSource
from trainables.rendering.takes import RenderPlan


@dataclass(frozen=True)
class MatcherFit:
    """`fit_matcher` on the catalogue, with the plan's effects; a value, so that Ray can send it to the workers.

    Attributes:
        encoder: the file of the one that the sweep's matchers hear by, if any.
    """

    catalogue: Any
    plan: RenderPlan
    encoder: bytes | None = None

    def __call__(self, config: TrialConfig, state: dict[str, Any] | None) -> Iterator[Any]:
        from trainables.matching.encoder_file import encoder_weights
        from trainables.matching.fitting import fit_matcher
        from trainables.rendering.rendering import planned_effects

        weights = None if self.encoder is None else encoder_weights(self.encoder)
        return fit_matcher(config, CatalogueSource(self.catalogue), planned_effects(self.plan), state, weights)
