"""What is measured of a model that it does not learn from: validation loss, scores, and those of the controls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import numpy.typing as npt
import torch

from trainables.configs import TrialConfig
from trainables.evaluation.controls import pca_embedding, random_embedding, statistics_pca_embedding
from trainables.evaluation.evaluation import EvaluationSet, evaluation_requests, gather, score, unseen_outcome
from trainables.evaluation.outcomes import Outcome
from trainables.evaluation.skill import skill_scores
from trainables.models.vae import Vae
from trainables.rendering.schedule import Portion, control_portions, effect_of_epoch, own_validation_portions, validation_portions
from trainables.rendering.source import Source, Stopwatch, fetch
from trainables.training.batches import Examples
from trainables.training.learner import Learner, build_model

ITEMS_AT_ONCE = 64
ACTIVE_VARIANCE = 0.01  # a latent dimension whose mean varies more is in use (Burda, Grosse & Salakhutdinov 2016)

Scores = dict[str, float]


@dataclass(frozen=True)
class Verdict:
    """What the judge says after an epoch.

    Attributes:
        validation: parts of the validation loss.
        controls: `untrained/SCORE` and `pca/SCORE`, what costs no training.
        scores: those of the model if it is the best so far, else None.
    """

    validation: Scores
    controls: Scores
    scores: Scores | None


class Judge:
    """Knows the validation and evaluation examples; they are fetched when first needed."""

    def __init__(self, config: TrialConfig, source: Source) -> None:
        self.config, self.source = config, source
        self._of_one_effect: dict[str, Examples] = {}

    def verdict(self, learner: Learner, epoch: int, best_loss: float, controls: Scores, watch: Stopwatch) -> Verdict:
        """Scores the model of epoch number `epoch` (from 0) if its validation loss is below `best_loss`.

        `controls` are made if there are none yet.
        """
        with watch("render_wait"):
            unseen, own, evaluation_set = self._validation, self._own_validation(epoch), self._evaluation_set
        with watch("validate"):
            validation = self._validate(learner, unseen, own)
        controls = controls or self._controls(watch)
        if not validation["loss"] < best_loss:
            return Verdict(validation, controls, None)
        with watch("evaluate"):
            scores = model_scores(learner.averaged, self.config, evaluation_set, self._untrained_unseen)
        return Verdict(validation, controls, scores)

    def _validate(self, learner: Learner, unseen: Examples, own: Examples | None) -> Scores:
        """The parts of the loss that decides; where the schedule knows two losses, both beside it."""
        of_all = learner.validate(unseen)
        if own is None:
            return of_all
        of_one = learner.validate(own)
        deciding = of_one if self.config.train.validate_on == "epoch_effect" else of_all
        return deciding | {"all_effects_loss": of_all["loss"], "epoch_effect_loss": of_one["loss"]}

    def _own_validation(self, epoch: int) -> Examples | None:
        if self.config.train.effect_schedule != "per_epoch":
            return None
        effect = effect_of_epoch(self.config, epoch)
        if effect not in self._of_one_effect:
            self._of_one_effect[effect] = self._examples(own_validation_portions(self.config, epoch))
        return self._of_one_effect[effect]

    @cached_property
    def _validation(self) -> Examples:
        return self._examples(validation_portions(self.config))

    def _examples(self, portions: list[Portion]) -> Examples:
        return fetch(self.source, portions, timbre=self.config.model.perceptual_weight > 0.0)

    @cached_property
    def _evaluation_set(self) -> EvaluationSet:
        requests = evaluation_requests(self.config)
        return gather(self.source.blocks(requests))

    @cached_property
    def _untrained_unseen(self) -> Outcome | None:
        held_out, asked = self.config.held_out_effects, self._evaluation_set
        return unseen_outcome(embed(build_model(self.config), asked), asked, held_out) if len(held_out) > 1 else None

    def _controls(self, watch: Stopwatch) -> Scores:
        with watch("render_wait"):
            examples = fetch(self.source, control_portions(self.config))
        with watch("evaluate"):
            return control_scores(self.config, self._evaluation_set, examples)


def control_scores(config: TrialConfig, evaluation_set: EvaluationSet, examples: Examples) -> Scores:
    """Scores of the untrained encoder (the weights that training starts from) and of what controls.py makes.

    All see the same input and have the same size; principal components are fitted on `examples`.
    """
    dry, wet = examples.stack(range(len(examples.dry)))
    size, seen = config.model.latent_size, config.model.input
    controls: dict[str, npt.NDArray[np.floating]] = {
        "untrained": embed(build_model(config), evaluation_set),
        "pca": pca_embedding(dry, wet, evaluation_set, size, seen),
        "statistics_pca": statistics_pca_embedding(dry, wet, evaluation_set, size, seen),
        "random": random_embedding(evaluation_set, size, seen, config.seed),
    }
    return {
        f"{control}/{name}": value
        for control, embeddings in controls.items()
        for name, value in score(embeddings, evaluation_set, config.held_out_effects).items()
    }


def model_scores(
    model: Vae, config: TrialConfig, evaluation_set: EvaluationSet, untrained_unseen: Outcome | None = None
) -> Scores:
    """`score` of the mean embeddings, `skill_scores` of what is decoded from them, `active_dimensions`, and `unseen_gain`.

    The last is by how much `unseen_accuracy` is above that of the untrained encoder, with the interval of the difference.
    """
    embeddings = embed(model, evaluation_set)
    wet = reconstruct(model, embeddings, evaluation_set)
    active = float((embeddings.var(axis=0) > ACTIVE_VARIANCE).sum())
    scores = score(embeddings, evaluation_set, config.held_out_effects)
    gain = _unseen_gain(unseen_outcome(embeddings, evaluation_set, config.held_out_effects), untrained_unseen)
    return scores | skill_scores(wet, evaluation_set) | gain | {"active_dimensions": active}


def _unseen_gain(ours: Outcome | None, untrained: Outcome | None) -> Scores:
    if ours is None or untrained is None:
        return {}
    gain = ours.lead_over(untrained)
    return {"unseen_gain": gain.value, "unseen_gain_low": gain.low, "unseen_gain_high": gain.high}


@torch.no_grad()
def embed(model: Vae, evaluation_set: EvaluationSet) -> npt.NDArray[np.float32]:
    """(items, latent_size) mean embeddings of the evaluation set."""
    device, dry, wet = _device(model), torch.from_numpy(evaluation_set.dry), torch.from_numpy(evaluation_set.wet)
    parts = [model.embed(dry[chunk].to(device), wet[chunk].to(device)) for chunk in _chunks(len(dry))]
    return cast(npt.NDArray[np.float32], torch.cat(parts).cpu().numpy())


@torch.no_grad()
def reconstruct(model: Vae, embeddings: npt.NDArray[np.float32], evaluation_set: EvaluationSet) -> npt.NDArray[np.float32]:
    """The evaluation set's wet spectrograms as the model decodes (items, latent_size) embeddings, given the dry ones."""
    device, latent, dry = _device(model), torch.from_numpy(embeddings), torch.from_numpy(evaluation_set.dry)
    parts = [model.decode(latent[chunk].to(device), dry[chunk].to(device)).cpu() for chunk in _chunks(len(dry))]
    return cast(npt.NDArray[np.float32], torch.cat(parts).numpy())


def _device(model: Vae) -> torch.device:
    return next(model.parameters()).device


def _chunks(items: int) -> Iterator[slice]:
    return (slice(start, start + ITEMS_AT_ONCE) for start in range(0, items, ITEMS_AT_ONCE))
