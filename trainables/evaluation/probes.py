"""How much an embedding knows: probes across two folds that share neither a recording nor a setting.

Each takes milliseconds, so that they can run after every epoch.
"""

from __future__ import annotations

import warnings

import numpy as np
import numpy.typing as npt
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import silhouette_samples

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

NEIGHBOURS = 10
TOP_SHARE = 0.1  # a partner counts as found among this share of the candidates
PENALTY = 0.1  # C of the logistic regression: 0.03 to 1 scored the same within a point with 400 items a side


def standardize(embeddings: Floats, like: Floats) -> Floats:
    """(items, size) with the mean and deviation of `like` removed; a dimension that is constant there becomes 0."""
    deviation = like.std(axis=0)
    alive = deviation > 1e-12 * np.abs(like).max(initial=1e-300)
    return np.where(alive, (embeddings - like.mean(axis=0)) / np.where(alive, deviation, 1.0), 0.0)


def linear_probe(embeddings: Floats, labels: Integers, folds: Integers) -> Integers:
    """(items,) labels as logistic regression tells them, each item by the probe fitted on the other fold."""
    predicted = np.empty_like(labels)
    for fold in (0, 1):
        known, asked = folds != fold, folds == fold
        if len(np.unique(labels[known])) < 2:
            predicted[asked] = labels[known][:1]
            continue
        probe = LogisticRegression(C=PENALTY, max_iter=500)
        with warnings.catch_warnings():  # 500 steps on hundreds of columns are near enough; few items of many classes are meant
            warnings.simplefilter("ignore", ConvergenceWarning)
            warnings.filterwarnings("ignore", message="The number of unique classes")
            probe.fit(standardize(embeddings[known], embeddings[known]), labels[known])
        predicted[asked] = probe.predict(standardize(embeddings[asked], embeddings[known]))
    return predicted


def nearest_neighbours(embeddings: Floats, labels: Integers, folds: Integers) -> Integers:
    """(items,) labels as the majority of the ten nearest items of the other fold (cosine) has them."""
    predicted = np.empty_like(labels)
    classes = int(labels.max()) + 1
    for fold in (0, 1):
        known, asked = folds != fold, folds == fold
        like = embeddings[known]
        similarity = cosine(standardize(embeddings[asked], like), standardize(like, like))
        nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :NEIGHBOURS]
        votes = np.eye(classes)[labels[known][nearest]].sum(axis=1)
        predicted[asked] = votes.argmax(axis=1)
    return predicted


def partner_ranks(embeddings: Floats, groups: Integers, setting_ids: Integers) -> Floats:
    """(items,) where the other item of the same setting ranks among the items of the same group.

    0 is nearest, 0.5 what chance gives, 1 farthest (cosine on standardised embeddings); NaN for an
    item without a partner. Ties share their mean rank, so that a constant embedding finds nothing.
    """
    ranks = np.full(len(embeddings), np.nan)
    scaled = standardize(embeddings, embeddings)
    for group in np.unique(groups):
        members = np.flatnonzero(groups == group)
        ranks[members] = _ranks(cosine(scaled[members], scaled[members]), setting_ids[members])
    return ranks


def _ranks(similarity: Floats, setting_ids: Integers) -> Floats:
    items = len(setting_ids)
    others = ~np.eye(items, dtype=bool)
    partners = (setting_ids[:, None] == setting_ids[None, :]) & others
    to_partner = similarity[np.arange(items), partners.argmax(axis=1)][:, None]
    nearer = ((similarity > to_partner) & others).sum(axis=1)
    tied = ((similarity == to_partner) & others).sum(axis=1) - 1
    return np.where(partners.any(axis=1), (nearer + 0.5 * tied) / max(items - 2, 1), np.nan)


def silhouettes(embeddings: Floats, labels: Integers) -> Floats:
    """(items,) (distance to the nearest other class - to one's own) / the larger (Rousseeuw 1987); 0 if nothing is told apart."""
    scaled = standardize(embeddings, embeddings)
    return np.asarray(silhouette_samples(scaled, labels) if scaled.any() else np.zeros(len(labels)), dtype=np.float64)


def cosine(left: Floats, right: Floats) -> Floats:
    """(a, b) cosines between the rows of (a, size) and (b, size); 0 where a row is zero."""
    return np.asarray(_unit(left) @ _unit(right).T, dtype=np.float64)


def _unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1.0)
