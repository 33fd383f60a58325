"""How strongly: ridge regression from an embedding to one effect's settings, across the two folds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainables.evaluation.probes import Floats, Integers, standardize

RIDGES = (1.0, 10.0, 100.0, 1000.0, 10000.0)


@dataclass(frozen=True)
class Told:
    """(items, parameters) settings in 0..1, as an embedding tells them, and as their mean over the other fold does."""

    told: Floats
    mean: Floats


def tell_settings(embeddings: Floats, settings: Floats, setting_ids: Integers, folds: Integers) -> Told:
    """Guesses (items, parameters) settings in 0..1, each item's by what was fitted on the other fold.

    Every setting is that of exactly two items.
    """
    told, mean = np.empty_like(settings), np.empty_like(settings)
    for fold in (0, 1):
        known = np.flatnonzero(folds != fold)
        known, asked = known[np.argsort(setting_ids[known], kind="stable")], folds == fold
        centre = settings[known].mean(axis=0)
        like = embeddings[known]
        change = _ridge(standardize(like, like), settings[known] - centre, standardize(embeddings[asked], like))
        told[asked], mean[asked] = np.clip(centre + change, 0.0, 1.0), centre
    return Told(told, mean)


def _ridge(known: Floats, settings: Floats, asked: Floats) -> Floats:
    """Settings of `asked` from centred examples of which each two neighbours share a setting."""
    kernel = known @ known.T
    ridge = min(RIDGES, key=lambda value: _left_out_error(kernel, settings, value))
    return np.asarray(asked @ (known.T @ np.linalg.solve(kernel + ridge * np.eye(len(kernel)), settings)), dtype=np.float64)


def _left_out_error(kernel: Floats, settings: Floats, ridge: float) -> float:
    """Error on each pair when it is left out: (I - H)^-1 r on its block of the hat matrix H and the residuals r.

    A single item left out would be told by its partner, which has the same settings.
    """
    items = len(kernel)
    hat = np.linalg.solve(kernel + ridge * np.eye(items), kernel) + 1.0 / items
    pairs = np.arange(items).reshape(-1, 2)
    blocks = np.eye(2) - hat[pairs[:, :, None], pairs[:, None, :]]
    return float(np.square(np.linalg.solve(blocks, (settings - hat @ settings)[pairs])).sum())
