"""Scores of an embedding on the sweep's fixed evaluation set, and the controls that it must beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from trainables import probes
from trainables.effects.names import DRY
from trainables.evaluation_set import EvaluationSet, evaluation_hash, evaluation_requests, gather
from trainables.settings_probe import settings_errors
from trainables.takes import Spectrograms

__all__ = [
    "EvaluationSet",
    "evaluation_hash",
    "evaluation_requests",
    "gather",
    "score",
    "skill_scores",
]


def score(embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet, held_out: Sequence[str]) -> dict[str, float]:
    """Scores of (items, size) mean embeddings; `NAME_low` and `NAME_high` are 95 % intervals over recordings.

    probe_accuracy: which of the effects or dry, by logistic regression (chance: 1 / classes, 0.1 for nine effects).
    probe_recall/EFFECT: the same, among the items of one effect.
    unseen_accuracy: the held-out effects among themselves; absent if there are fewer than two.
    knn_accuracy: as probe_accuracy, by the ten nearest neighbours.
    retrieval: how often the same settings on another recording are in the nearest tenth of the
        effect's items (chance 0.1, needs no labels).
    retrieval_rank: the median rank of the same settings, as a share (0 best, chance 0.5).
    retrieval/EFFECT: the same, among the items of one effect.
    recording_leakage: how often a linear classifier tells which recording was used, fitted on other settings of the same
        recordings; of `recording_chance`, the share of the most frequent one, a good embedding is not far above. Low is good.
    silhouette: how much nearer an item's own class is than the next, -1 to 1 (Rousseeuw 1987).
    settings_r2: how strongly: the share of the variance of an effect's settings that ridge regression
        explains (1 perfect, 0 none), over all effects and, as settings_r2/EFFECT, each.

    Raises:
        ValueError: not one finite vector for each item.
    """
    values = _checked(embeddings, evaluation_set)
    labels = evaluation_set.labels
    with threadpool_limits(1):  # matrices this small only wait for each other's threads
        return {
            **_which_effect(values, labels, evaluation_set),
            **_unseen(values, labels, evaluation_set, held_out),
            **_same_settings(values, labels, evaluation_set),
            **_how_strongly(values, evaluation_set),
            **_which_recording(values, evaluation_set),
            "silhouette": probes.silhouette(values, labels),
        }


def _checked(embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet) -> probes.Floats:
    values = np.asarray(embeddings, dtype=np.float64)
    if values.ndim != 2 or len(values) != len(evaluation_set.effects) or not np.isfinite(values).all():
        raise ValueError(
            f"embeddings {values.shape}: one finite vector is needed for each of {len(evaluation_set.effects)} items"
        )
    return values


def _which_effect(values: probes.Floats, labels: probes.Integers, evaluation_set: EvaluationSet) -> dict[str, float]:
    linear = probes.linear_probe(values, labels, evaluation_set.folds) == labels
    neighbours = probes.nearest_neighbours(values, labels, evaluation_set.folds) == labels
    return {
        **_share("probe_accuracy", linear, evaluation_set.recordings),
        **_share("knn_accuracy", neighbours, evaluation_set.recordings),
        **{f"probe_recall/{name}": float(linear[labels == label].mean()) for label, name in enumerate(evaluation_set.classes)},
    }


def _unseen(
    values: probes.Floats, labels: probes.Integers, evaluation_set: EvaluationSet, held_out: Sequence[str]
) -> dict[str, float]:
    if len(set(held_out)) < 2:
        return {}
    asked = np.isin(labels, [evaluation_set.classes.index(effect) for effect in held_out])
    correct = probes.linear_probe(values[asked], labels[asked], evaluation_set.folds[asked]) == labels[asked]
    return _share("unseen_accuracy", correct, np.array(evaluation_set.recordings)[asked])


def _same_settings(values: probes.Floats, labels: probes.Integers, evaluation_set: EvaluationSet) -> dict[str, float]:
    effected = labels != evaluation_set.classes.index(DRY)
    ranks = probes.partner_ranks(values, labels, evaluation_set.setting_ids)[effected]
    hits, effects = ranks < probes.TOP_SHARE, labels[effected]
    found = _share("retrieval", hits, np.array(evaluation_set.recordings)[effected])
    each = {f"retrieval/{evaluation_set.classes[label]}": float(hits[effects == label].mean()) for label in np.unique(effects)}
    return found | each | {"retrieval_rank": float(np.median(ranks))}


def _which_recording(values: probes.Floats, evaluation_set: EvaluationSet) -> dict[str, float]:
    """Within each fold, half of the settings ask and half are known; a setting has both its items on one side."""
    names, recordings = np.unique(evaluation_set.recordings, return_inverse=True)
    right, most = np.zeros(len(recordings), dtype=bool), 0
    for fold in (0, 1):
        inside = np.flatnonzero(evaluation_set.folds == fold)
        told = probes.linear_probe(values[inside], recordings[inside], evaluation_set.setting_ids[inside] % 2)
        right[inside] = told == recordings[inside]
        most += np.bincount(recordings[inside], minlength=len(names)).max()
    return _share("recording_leakage", right, evaluation_set.recordings) | {"recording_chance": float(most / len(recordings))}


def _how_strongly(values: probes.Floats, evaluation_set: EvaluationSet) -> dict[str, float]:
    effects, ids, folds = np.array(evaluation_set.effects), evaluation_set.setting_ids, evaluation_set.folds
    told, mean = np.zeros(len(effects)), np.zeros(len(effects))
    scores = {}
    for effect in (name for name in evaluation_set.classes if name != DRY):
        items = np.flatnonzero(effects == effect)
        settings = np.stack([evaluation_set.settings[item] for item in items]).astype(np.float64)
        turned = settings[:, np.ptp(settings, axis=0) > 0]
        if not turned.size:
            continue
        told[items], mean[items] = settings_errors(values[items], turned, ids[items], folds[items])
        scores[f"settings_r2/{effect}"] = float(1 - told[items].sum() / mean[items].sum())
    counted = mean > 0
    recordings = np.array(evaluation_set.recordings)[counted]
    return scores | _ratio("settings_r2", (mean - told)[counted], mean[counted], recordings) if scores else {}


def _share(name: str, correct: npt.NDArray[np.bool_], recordings: Sequence[str] | npt.NDArray[np.str_]) -> dict[str, float]:
    return _ratio(name, correct.astype(np.float64), np.ones(len(correct)), np.asarray(recordings))


def _ratio(name: str, parts: probes.Floats, wholes: probes.Floats, recordings: npt.NDArray[np.str_]) -> dict[str, float]:
    low, high = probes.interval(parts, wholes, recordings, np.random.default_rng(0))
    return {name: float(parts.sum() / wholes.sum()), f"{name}_low": low, f"{name}_high": high}


def skill_scores(reconstructed_wet: Spectrograms, evaluation_set: EvaluationSet) -> dict[str, float]:
    """How much better than copying the dry clip the (items, channels, bands, frames) reconstruction is.

    skill/EFFECT is 1 - MSE(model) / MSE(dry copied): 1 perfect, 0 no better than copying, negative worse.
    `skill/mean` averages the effects (dry, where copying is perfect, is left out); `beats_dry` counts those above 0.
    """
    effects = np.array(evaluation_set.effects)
    skills = {}
    for effect in (name for name in evaluation_set.classes if name != DRY):
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
