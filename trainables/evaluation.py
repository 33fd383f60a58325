"""Scores of an embedding on the sweep's fixed evaluation set, and the controls that it must beat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from trainables import probes
from trainables.effects.names import DRY, EFFECT_NAMES
from trainables.evaluation_set import CLASSES, EvaluationSet, evaluation_hash, evaluation_requests, gather
from trainables.takes import Spectrograms

__all__ = [
    "CLASSES",
    "EvaluationSet",
    "evaluation_hash",
    "evaluation_requests",
    "gather",
    "pca_embedding",
    "score",
    "skill_scores",
]

Input = Literal["difference", "wet", "pair"]


def score(embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet, held_out: Sequence[str]) -> dict[str, float]:
    """Scores of (items, size) mean embeddings, 0..1; `NAME_low` and `NAME_high` are 95 % intervals over recordings.

    probe_accuracy: which of the nine effects or dry, by logistic regression (chance 0.1).
    probe_recall/EFFECT: the same, among the items of one effect.
    unseen_accuracy: the held-out effects among themselves; absent if there are fewer than two.
    knn_accuracy: as probe_accuracy, by the ten nearest neighbours.
    retrieval: how often the same settings on another recording are in the nearest tenth of the
        effect's items (chance 0.1, needs no labels).
    retrieval_rank: the median rank of the same settings, as a share (0 best, chance 0.5).

    Raises:
        ValueError: not one finite vector for each item.
    """
    values = _checked(embeddings, evaluation_set)
    recordings = np.array(evaluation_set.recordings)
    labels = np.array([CLASSES.index(effect) for effect in evaluation_set.effects])
    linear = probes.linear_probe(values, labels, evaluation_set.folds) == labels
    neighbours = probes.nearest_neighbours(values, labels, evaluation_set.folds) == labels
    ranks = probes.partner_ranks(values, labels, evaluation_set.setting_ids)[labels != CLASSES.index(DRY)]
    scores = {
        **_with_interval("probe_accuracy", linear, recordings),
        **_with_interval("knn_accuracy", neighbours, recordings),
        **_with_interval("retrieval", ranks < probes.TOP_SHARE, recordings[labels != CLASSES.index(DRY)]),
        "retrieval_rank": float(np.median(ranks)),
        **{f"probe_recall/{CLASSES[label]}": float(linear[labels == label].mean()) for label in np.unique(labels)},
    }
    return scores | _unseen(values, labels, evaluation_set, held_out)


def _checked(embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet) -> probes.Floats:
    values = np.asarray(embeddings, dtype=np.float64)
    if values.ndim != 2 or len(values) != len(evaluation_set.effects) or not np.isfinite(values).all():
        raise ValueError(
            f"embeddings {values.shape}: one finite vector is needed for each of {len(evaluation_set.effects)} items"
        )
    return values


def _unseen(
    values: probes.Floats, labels: probes.Integers, evaluation_set: EvaluationSet, held_out: Sequence[str]
) -> dict[str, float]:
    if len(set(held_out)) < 2:
        return {}
    asked = np.isin(labels, [CLASSES.index(effect) for effect in held_out])
    correct = probes.linear_probe(values[asked], labels[asked], evaluation_set.folds[asked]) == labels[asked]
    return _with_interval("unseen_accuracy", correct, np.array(evaluation_set.recordings)[asked])


def _with_interval(name: str, correct: probes.Flags, recordings: npt.NDArray[np.str_]) -> dict[str, float]:
    low, high = probes.interval(correct, recordings, np.random.default_rng(0))
    return {name: float(correct.mean()), f"{name}_low": low, f"{name}_high": high}


def skill_scores(reconstructed_wet: Spectrograms, evaluation_set: EvaluationSet) -> dict[str, float]:
    """How much better than copying the dry clip the (items, channels, bands, frames) reconstruction is.

    skill/EFFECT is 1 - MSE(model) / MSE(dry copied): 1 perfect, 0 no better than copying, negative worse.
    `skill/mean` averages the effects (dry, where copying is perfect, is left out); `beats_dry` counts those above 0.
    """
    effects = np.array(evaluation_set.effects)
    skills = {}
    for effect in (name for name in EFFECT_NAMES if name in evaluation_set.effects):
        items = np.flatnonzero(effects == effect)
        wet = evaluation_set.wet[items]
        skills[effect] = _skill(_mse(reconstructed_wet[items], wet), _mse(evaluation_set.dry[items], wet))
    values = np.array(list(skills.values()))
    each = {f"skill/{effect}": skill for effect, skill in skills.items()}
    return each | {"skill/mean": float(values.mean()), "beats_dry": float((values > 0).sum())}


def _skill(model_mse: float, copy_mse: float) -> float:
    return 0.0 if model_mse == copy_mse else 1.0 - model_mse / max(copy_mse, 1e-12)


def _mse(left: Spectrograms, right: Spectrograms) -> float:
    return float(np.square(left - right).mean(dtype=np.float64))


def pca_embedding(
    train_dry: Spectrograms,
    train_wet: Spectrograms,
    evaluation_set: EvaluationSet,
    latent_size: int,
    input: Input,
) -> npt.NDArray[np.float64]:
    """(items, latent_size): the control, principal components of the input that the model sees.

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
