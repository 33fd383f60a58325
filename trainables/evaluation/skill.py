"""How much better than copying the dry clip a reconstruction is."""

from __future__ import annotations

import numpy as np

from trainables.effects.names import DRY
from trainables.evaluation.evaluation_set import EvaluationSet
from trainables.evaluation.outcomes import Outcome, flat
from trainables.evaluation.probes import Floats
from trainables.rendering.takes import Spectrograms

INAUDIBLE = 1e-12  # the error of copying below which an effect did nothing that a model could have foretold


def skill_outcomes(reconstructed_wet: Spectrograms, evaluation_set: EvaluationSet) -> dict[str, Outcome]:
    """Of the (items, channels, bands, frames) reconstruction.

    skill/EFFECT is 1 - MSE(model) / MSE(dry copied): 1 perfect, 0 no better than copying, negative worse.
    skill/mean averages the effects; dry, where copying is perfect, is left out. An effect that changed nothing
    counts by the size of the model's error alone.
    """
    effects, recordings = np.array(evaluation_set.effects), np.array(evaluation_set.recordings)
    copied, ours = (_errors(of, evaluation_set.wet) for of in (evaluation_set.dry, reconstructed_wet))
    each = {}
    for effect in (name for name in evaluation_set.classes if name != DRY):
        of = effects == effect
        floor = np.maximum(copied[of], INAUDIBLE)
        each[effect] = Outcome(copied[of] - ours[of], floor, recordings[of])
    return {f"skill/{effect}": outcome for effect, outcome in each.items()} | {"skill/mean": _mean(list(each.values()))}


def skill_scores(reconstructed_wet: Spectrograms, evaluation_set: EvaluationSet) -> dict[str, float]:
    """The values of `skill_outcomes`, `skill/mean` with its interval; `beats_dry` counts the effects above 0."""
    scores = flat(skill_outcomes(reconstructed_wet, evaluation_set), ("skill/mean",))
    beaten = sum(value > 0 for name, value in scores.items() if not name.startswith("skill/mean"))
    return scores | {"beats_dry": float(beaten)}


def _errors(predicted: Spectrograms, wet: Spectrograms) -> Floats:
    """(items,) mean squared error per pixel, item by item so that no difference of all is held."""
    return np.array([np.square(a - b).mean(dtype=np.float64) for a, b in zip(predicted, wet, strict=True)])


def _mean(each: list[Outcome]) -> Outcome:
    """Every effect weighs the same: its parts and wholes as shares of its whole."""
    return Outcome(
        np.concatenate([one.parts / one.wholes.sum() for one in each]),
        np.concatenate([one.wholes / one.wholes.sum() for one in each]),
        np.concatenate([one.recordings for one in each]),
    )
