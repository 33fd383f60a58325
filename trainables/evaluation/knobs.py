"""How well an embedding tells each knob's position, in the knob's own unit, against always guessing the mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from trainables.effects.names import DRY
from trainables.evaluation.evaluation_set import EvaluationSet
from trainables.evaluation.outcomes import Estimate, Outcome
from trainables.evaluation.probes import Floats, Integers
from trainables.evaluation.settings_probe import tell_settings
from trainables.parameters import Parameter


@dataclass(frozen=True)
class KnobScore:
    """One knob.

    Attributes:
        r2: 1 - squared error / that of guessing the mean: 1 perfect, 0 and below useless.
        error, mean_error: root mean square of ours and of guessing the mean, in `unit`.
    """

    effect: str
    knob: str
    unit: str
    r2: Estimate
    error: float
    mean_error: float


def knob_scores(
    embeddings: npt.NDArray[np.floating], evaluation_set: EvaluationSet, parameters: Mapping[str, Sequence[Parameter]]
) -> tuple[KnobScore, ...]:
    """Of (items, size) embeddings; every knob that was turned, in its effect's order.

    Args:
        parameters: of each effect, in the order of the evaluation set's settings.
    """
    effects = np.array(evaluation_set.effects)
    with threadpool_limits(1):
        return tuple(
            score
            for effect in evaluation_set.classes
            if effect != DRY
            for score in _of_effect(effect, np.flatnonzero(effects == effect), embeddings, evaluation_set, parameters[effect])
        )


def _of_effect(
    effect: str, items: Integers, embeddings: npt.NDArray[np.floating], asked: EvaluationSet, parameters: Sequence[Parameter]
) -> list[KnobScore]:
    settings = np.stack([asked.settings[item] for item in items]).astype(np.float64)
    turned = np.flatnonzero(np.ptp(settings, axis=0) > 0) if settings.size else np.array([], dtype=np.int64)
    if not turned.size:
        return []
    folds, recordings = asked.folds[items], np.array(asked.recordings)[items]
    values = np.asarray(embeddings, dtype=np.float64)[items]
    told = tell_settings(values, settings[:, turned], asked.setting_ids[items], folds).told
    return [
        _of_knob(effect, parameters[knob], told[:, place], settings[:, knob], folds, recordings)
        for place, knob in enumerate(turned)
    ]


def _of_knob(
    effect: str, parameter: Parameter, told: Floats, settings: Floats, folds: Integers, recordings: np.ndarray
) -> KnobScore:
    guess, truth = (np.array([parameter.denormalize(float(value)) for value in of]) for of in (told, settings))
    mean = np.where(folds == 0, truth[folds == 1].mean(), truth[folds == 0].mean())
    ours, theirs = np.square(guess - truth), np.square(mean - truth)
    r2 = Outcome(theirs - ours, theirs, recordings).estimate()
    return KnobScore(effect, parameter.name, parameter.unit, r2, float(ours.mean() ** 0.5), float(theirs.mean() ** 0.5))
