"""Scores of an embedding on the sweep's fixed evaluation set, and the controls that it must beat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from trainables.effects.names import DRY
from trainables.evaluation import probes
from trainables.evaluation.evaluation_set import EvaluationSet, evaluation_hash, evaluation_requests, gather
from trainables.evaluation.outcomes import Outcome, flat, share
from trainables.evaluation.settings_probe import tell_settings

__all__ = [
    "EvaluationSet",
    "evaluation_hash",
    "evaluation_requests",
    "gather",
    "measure",
    "score",
    "unseen_outcome",
]

WITH_INTERVAL = (
    "probe_accuracy", "knn_accuracy", "seen_accuracy", "unseen_accuracy", "retrieval", "settings_r2", "recording_leakage",
)  # fmt: skip
Outcomes = dict[str, Outcome]


def score(embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet, held_out: Sequence[str]) -> dict[str, float]:
    """The values of `measure`; `NAME_low` and `NAME_high` are 95 % intervals over recordings of the main ones."""
    return flat(measure(embeddings, evaluation_set, held_out), WITH_INTERVAL)


def measure(embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet, held_out: Sequence[str]) -> Outcomes:
    """Scores of (items, size) mean embeddings.

    probe_accuracy: which of the effects or dry, by logistic regression (chance: 1 / classes, 0.1 for nine effects).
    probe_recall/EFFECT: the same, among the items of one effect.
    seen_accuracy, unseen_accuracy: the effects that are not held out, and those that are, each among themselves; absent if
        there are fewer than two.
    knn_accuracy: as probe_accuracy, by the ten nearest neighbours.
    retrieval: how often the same settings on another recording are in the nearest tenth of the
        effect's items (chance 0.1, needs no labels).
    retrieval_rank: the median rank of the same settings, as a share of the effect's other items (0 best, chance 0.5).
    retrieval/EFFECT, retrieval_rank/EFFECT: the same, among the items of one effect.
    recording_leakage: how often a linear classifier tells which recording was used, fitted on other settings of the same
        recordings; of `recording_chance`, the share of the most frequent one, a good embedding is not far above. Low is good.
    silhouette: how much nearer an item's own class is than the next, -1 to 1 (Rousseeuw 1987).
    settings_r2: how strongly: the share of the variance of an effect's settings that ridge regression
        explains (1 perfect, 0 none), over all effects and, as settings_r2/EFFECT, each.

    Raises:
        ValueError: not one finite vector for each item.
    """
    values = _checked(embeddings, evaluation_set)
    with threadpool_limits(1):  # matrices this small only wait for each other's threads
        return {
            **_which_effect(values, evaluation_set),
            **_seen_and_unseen(values, evaluation_set, held_out),
            **_same_settings(values, evaluation_set),
            **_how_strongly(values, evaluation_set),
            **_which_recording(values, evaluation_set),
            **_how_separate(values, evaluation_set),
        }


def outcome_of(
    name: str, embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet, held_out: Sequence[str]
) -> Outcome | None:
    """Of `measure` probe_accuracy, knn_accuracy, retrieval or unseen_accuracy alone; None if there is none."""
    values = _checked(embeddings, evaluation_set)
    with threadpool_limits(1):
        if name == "unseen_accuracy":
            return _among_themselves(values, evaluation_set, held_out)
        return (_same_settings if name == "retrieval" else _which_effect)(values, evaluation_set).get(name)


def unseen_outcome(
    embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet, held_out: Sequence[str]
) -> Outcome | None:
    """`unseen_accuracy` of `measure` alone; None if there are fewer than two held-out effects."""
    with threadpool_limits(1):
        return _among_themselves(_checked(embeddings, evaluation_set), evaluation_set, held_out)


def _checked(embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet) -> probes.Floats:
    values = np.asarray(embeddings, dtype=np.float64)
    if values.ndim != 2 or len(values) != len(evaluation_set.effects) or not np.isfinite(values).all():
        raise ValueError(
            f"embeddings {values.shape}: one finite vector is needed for each of {len(evaluation_set.effects)} items"
        )
    return values


def _which_effect(values: probes.Floats, asked: EvaluationSet) -> Outcomes:
    labels, recordings = asked.labels, np.array(asked.recordings)
    linear = probes.linear_probe(values, labels, asked.folds) == labels
    neighbours = probes.nearest_neighbours(values, labels, asked.folds) == labels
    recall = {
        f"probe_recall/{name}": share(linear[labels == label], recordings[labels == label])
        for label, name in enumerate(asked.classes)
    }
    return {"probe_accuracy": share(linear, recordings), "knn_accuracy": share(neighbours, recordings), **recall}


def _seen_and_unseen(values: probes.Floats, asked: EvaluationSet, held_out: Sequence[str]) -> Outcomes:
    seen = [name for name in asked.classes if name != DRY and name not in held_out]
    found = {
        "seen_accuracy": _among_themselves(values, asked, seen),
        "unseen_accuracy": _among_themselves(values, asked, held_out),
    }
    return {name: outcome for name, outcome in found.items() if outcome}


def _among_themselves(values: probes.Floats, asked: EvaluationSet, effects: Sequence[str]) -> Outcome | None:
    if len(set(effects)) < 2:
        return None
    labels = asked.labels
    among = np.isin(labels, [asked.classes.index(effect) for effect in effects])
    correct = probes.linear_probe(values[among], labels[among], asked.folds[among]) == labels[among]
    return share(correct, np.array(asked.recordings)[among])


def _same_settings(values: probes.Floats, asked: EvaluationSet) -> Outcomes:
    effects = np.array(asked.effects)
    effected = effects != DRY
    ranks = probes.partner_ranks(values, asked.labels, asked.setting_ids)[effected]
    effects, recordings = effects[effected], np.array(asked.recordings)[effected]
    among = {"": np.ones(len(effects), dtype=bool)} | {f"/{name}": effects == name for name in asked.classes if name != DRY}
    found = {f"retrieval{name}": share(ranks[of] < probes.TOP_SHARE, recordings[of]) for name, of in among.items()}
    return found | {f"retrieval_rank{name}": _median(ranks[of], recordings[of]) for name, of in among.items()}


def _median(values: probes.Floats, recordings: npt.NDArray[np.str_]) -> Outcome:
    return Outcome(values, np.ones(len(values)), recordings, "median")


def _which_recording(values: probes.Floats, asked: EvaluationSet) -> Outcomes:
    """Within each fold, half of the settings ask and half are known; a setting has both its items on one side."""
    _, recordings = np.unique(asked.recordings, return_inverse=True)
    right, frequent = np.zeros(len(recordings), dtype=bool), np.zeros(len(recordings), dtype=bool)
    for fold in (0, 1):
        inside = np.flatnonzero(asked.folds == fold)
        told = probes.linear_probe(values[inside], recordings[inside], asked.setting_ids[inside] % 2)
        right[inside] = told == recordings[inside]
        frequent[inside] = recordings[inside] == np.bincount(recordings[inside]).argmax()
    return {"recording_leakage": share(right, asked.recordings), "recording_chance": share(frequent, asked.recordings)}


def _how_separate(values: probes.Floats, asked: EvaluationSet) -> Outcomes:
    each = probes.silhouettes(values, asked.labels)
    return {"silhouette": Outcome(each, np.ones(len(each)), np.array(asked.recordings))}


def _how_strongly(values: probes.Floats, asked: EvaluationSet) -> Outcomes:
    effects, recordings = np.array(asked.effects), np.array(asked.recordings)
    told, mean = np.zeros(len(effects)), np.zeros(len(effects))
    for effect in (name for name in asked.classes if name != DRY):
        items = np.flatnonzero(effects == effect)
        settings = np.stack([asked.settings[item] for item in items]).astype(np.float64)
        turned = settings[:, np.ptp(settings, axis=0) > 0]
        if turned.size:
            guess = tell_settings(values[items], turned, asked.setting_ids[items], asked.folds[items])
            told[items], mean[items] = (np.square(of - turned).sum(axis=1) for of in (guess.told, guess.mean))
    among = {"": mean > 0} | {f"/{name}": (effects == name) & (mean > 0) for name in asked.classes}
    return {f"settings_r2{name}": Outcome((mean - told)[of], mean[of], recordings[of]) for name, of in among.items() if of.any()}
