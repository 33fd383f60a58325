"""What a paired search listens by: log-mel spectrograms, a model's embedding, or the very metric that results are scored by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import soxr
import torch

from trainables.audio import Audio
from trainables.matching.clips import clip_starts, cut
from trainables.matching.mel_distance import apart_db, see
from trainables.matching.spectral_metrics import mrstft
from trainables.training.embedder import Embedder

Distances = Literal["mel", "embedding", "metric"]


class Ear(Protocol):
    """Two sounds in, a distance out."""

    @property
    def name(self) -> Distances:
        """Which."""
        ...

    @property
    def unit(self) -> str:
        """Of its distances; empty where they have none."""
        ...

    def hear(self, dry: Audio, wet: Audio, sample_rate: int) -> Any:
        """What it remembers of (channels, samples) audio, which an effect has made of `dry`."""
        ...

    def apart(self, ours: Any, theirs: Any) -> float:
        """Between two of those, of one dry clip."""
        ...


@dataclass(frozen=True)
class MelEar:
    """By level in mel bands (mel_distance.py)."""

    name: Distances = "mel"
    unit: str = "dB"

    def hear(self, dry: Audio, wet: Audio, sample_rate: int) -> Any:
        return see(wet, sample_rate)

    def apart(self, ours: Any, theirs: Any) -> float:
        return apart_db(ours, theirs)


@dataclass(frozen=True)
class MetricEar:
    """By the MR-STFT that results are scored by: a search that knows its own score, an upper bound for the others."""

    name: Distances = "metric"
    unit: str = ""

    def hear(self, dry: Audio, wet: Audio, sample_rate: int) -> Any:
        return wet

    def apart(self, ours: Any, theirs: Any) -> float:
        return mrstft(ours, theirs)


@dataclass(frozen=True, eq=False)
class EmbeddingEar:
    """By a VAE's embedding of dry and wet: the mean distance, 0 to 2, of L2-normalised embeddings over clips.

    Attributes:
        embedder: of mono clips.
        sample_rate, clip_samples: that it was trained at.
    """

    embedder: Embedder
    sample_rate: int
    clip_samples: int
    name: Distances = "embedding"
    unit: str = ""

    def hear(self, dry: Audio, wet: Audio, sample_rate: int) -> Any:
        before, after = (mono_at(audio, sample_rate, self.sample_rate) for audio in (dry, wet))
        starts = clip_starts(before, self.clip_samples)
        clips = [np.concatenate([cut(sound, start, self.clip_samples) for sound in (before, after)]) for start in starts]
        embeddings = embedded(self.embedder, np.stack(clips))
        return embeddings / np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-9)

    def apart(self, ours: Any, theirs: Any) -> float:
        return float(np.linalg.norm(ours - theirs, axis=1).mean())


def embedded(embedder: Embedder, clips: Audio) -> np.ndarray:
    """(clips, latent_size) of (clips, 2, samples): dry and wet, mono."""
    with torch.inference_mode():
        found: np.ndarray = embedder(torch.from_numpy(np.ascontiguousarray(clips, np.float32))).numpy()
    return found


def mono_at(audio: Audio, own_rate: int, sample_rate: int) -> Audio:
    """(1, samples) at another rate."""
    mono = np.ascontiguousarray(audio.mean(axis=0, keepdims=True), np.float32)
    if own_rate == sample_rate:
        return mono
    return np.ascontiguousarray(soxr.resample(mono.T, own_rate, sample_rate, quality="HQ").T, np.float32)
