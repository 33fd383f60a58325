"""A pulled model in memory: its graph, and what its card tells of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from trainables.configs import TrialConfig
from trainables.models.vae import Vae


@dataclass(frozen=True)
class LoadedModel:
    """A model that embeds audio.

    Attributes:
        metadata: as `model_metadata`.
        graph: the traced model.
        card: what it was trained on (see `champion.model_card`); empty if the folder has none.
        whole: config and VAE, decoder included; None if the folder has none.
    """

    metadata: Mapping[str, Any]
    graph: Any
    card: Mapping[str, Any] = field(default_factory=dict)
    whole: tuple[TrialConfig, Vae] | None = None

    def predict(self, audio: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """(batch, clips[, channels], samples) float32 -> (batch, latent_size) float32; see `embedder.Embedder`."""
        embeddings: npt.NDArray[np.float32] = self.graph.predict(audio)
        return embeddings

    def heard_recordings(self) -> dict[str, str]:
        """Names by content id of the recordings that it was trained or validated on, as far as its card tells."""
        return self._recordings("train", "validation")

    def chosen_on(self) -> dict[str, str]:
        """The same of those that its sweep compared its trials on, and so chose it by."""
        return self._recordings("evaluation")

    def promoted_on(self) -> dict[str, str]:
        """The same of those that were kept from its sweep for its promotion."""
        return self._recordings("promotion")

    def _recordings(self, *partitions: str) -> dict[str, str]:
        content_ids = dict(self.card.get("audio", {})).get("content_ids", {})
        return {identity: name for part in partitions for identity, name in dict(content_ids.get(part, {})).items()}
