"""What an embedding must beat without any training: principal components of what the model sees."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from trainables.evaluation_set import EvaluationSet
from trainables.takes import Spectrograms

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
    train = _flat(train_dry, train_wet, input)
    mean = train.mean(axis=0)
    asked = _flat(evaluation_set.dry, evaluation_set.wet, input) - mean
    axes = _principal_axes(train - mean, latent_size)
    with threadpool_limits(1):
        projected = asked @ axes
    return np.pad(projected.astype(np.float64), ((0, 0), (0, latent_size - axes.shape[1])))


def _flat(dry: Spectrograms, wet: Spectrograms, input: Input) -> Spectrograms:
    if input == "pair":
        return np.concatenate([dry, wet], axis=1).reshape(len(wet), -1)
    return (wet - dry if input == "difference" else wet).reshape(len(wet), -1)


def _principal_axes(centred: Spectrograms, size: int) -> Spectrograms:
    """(features, k) orthonormal, largest variance first, from the eigenvectors of the smaller Gram matrix."""
    wide = centred.shape[0] < centred.shape[1]
    with threadpool_limits(1):
        gram = (centred @ centred.T if wide else centred.T @ centred).astype(np.float64)
        values, vectors = np.linalg.eigh(gram)
        kept = [index for index in np.argsort(-values)[:size] if values[index] > 1e-6 * values[-1]]
        vectors = vectors[:, kept].astype(np.float32)
        return centred.T @ vectors / np.sqrt(values[kept]).astype(np.float32) if wide else vectors
