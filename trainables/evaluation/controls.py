"""What an embedding must beat without any training: principal components, statistics and random projections of its input."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from trainables.evaluation.evaluation_set import EvaluationSet
from trainables.rendering.takes import Spectrograms

SMALLEST_SPREAD = 1e-6  # a statistic that never changes is not blown up
Input = Literal["difference", "wet", "pair"]


def pca_embedding(
    train_dry: Spectrograms,
    train_wet: Spectrograms,
    evaluation_set: EvaluationSet,
    latent_size: int,
    input: Input,
) -> npt.NDArray[np.float64]:
    """(items, latent_size) principal components of the evaluation set, of the input that the model sees.

    Fitted on the (n, channels, bands, frames) training spectrograms; columns beyond what n items span are 0.
    """
    seen = _seen(evaluation_set.dry, evaluation_set.wet, input)
    return _components(_flat(_seen(train_dry, train_wet, input)), _flat(seen), latent_size)


def statistics_embedding(evaluation_set: EvaluationSet, input: Input) -> npt.NDArray[np.float32]:
    """(items, 4 * channels * bands) statistics of the input that the model sees, see `statistics`."""
    return statistics(_seen(evaluation_set.dry, evaluation_set.wet, input))


def statistics_pca_embedding(
    train_dry: Spectrograms, train_wet: Spectrograms, evaluation_set: EvaluationSet, latent_size: int, input: Input
) -> npt.NDArray[np.float64]:
    """(items, latent_size) principal components of standardised statistics, fitted on the training spectrograms."""
    train, asked = (
        statistics(_seen(dry, wet, input)) for dry, wet in ((train_dry, train_wet), (evaluation_set.dry, evaluation_set.wet))
    )
    spread = np.maximum(train.std(axis=0), SMALLEST_SPREAD)
    return _components(train / spread, asked / spread, latent_size)


def random_embedding(evaluation_set: EvaluationSet, latent_size: int, input: Input, seed: int) -> npt.NDArray[np.float32]:
    """(items, latent_size) random projections of the input, which roughly keep its distances (Johnson & Lindenstrauss 1984)."""
    seen = _flat(_seen(evaluation_set.dry, evaluation_set.wet, input))
    axes = np.random.default_rng(seed).standard_normal((seen.shape[1], latent_size), dtype=np.float32)
    with threadpool_limits(1):
        return seen @ axes / np.float32(np.sqrt(seen.shape[1]))


def statistics(seen: Spectrograms) -> npt.NDArray[np.float32]:
    """(items, 4 * channels * bands): over frames, mean and deviation, and deviation and mean size of the steps between them."""
    steps = np.diff(seen, axis=3)
    parts = (seen.mean(3), seen.std(3), steps.std(3), np.abs(steps).mean(3))
    return np.concatenate([part.reshape(len(seen), -1) for part in parts], axis=1)


def _seen(dry: Spectrograms, wet: Spectrograms, input: Input) -> Spectrograms:
    if input == "pair":
        return np.concatenate([dry, wet], axis=1)
    return wet - dry if input == "difference" else wet


def _flat(seen: Spectrograms) -> Spectrograms:
    return seen.reshape(len(seen), -1)


def _components(train: Spectrograms, asked: Spectrograms, size: int) -> npt.NDArray[np.float64]:
    """(items, size) of `asked` on the principal axes of `train`; columns beyond what its items span are 0."""
    mean = train.mean(axis=0)
    axes = _principal_axes(train - mean, size)
    with threadpool_limits(1):
        projected = (asked - mean) @ axes
    return np.pad(projected.astype(np.float64), ((0, 0), (0, size - axes.shape[1])))


def _principal_axes(centred: Spectrograms, size: int) -> Spectrograms:
    """(features, k) orthonormal, largest variance first, from the eigenvectors of the smaller Gram matrix."""
    wide = centred.shape[0] < centred.shape[1]
    with threadpool_limits(1):
        gram = (centred @ centred.T if wide else centred.T @ centred).astype(np.float64)
        values, vectors = np.linalg.eigh(gram)
        kept = [index for index in np.argsort(-values)[:size] if values[index] > 1e-6 * values[-1]]
        vectors = vectors[:, kept].astype(np.float32)
        return centred.T @ vectors / np.sqrt(values[kept]).astype(np.float32) if wide else vectors
