"""The control that the seed study would have been: a VAE that hears the wet clip alone (K. Grant, 2023)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from trainables.configs import TrainConfig, TrialConfig, VaeConfig
from trainables.evaluation.evaluation_set import EvaluationSet
from trainables.rendering.schedule import CONTROL_ITEMS, shared_control_portions
from trainables.rendering.source import Source, fetch
from trainables.training.batches import Examples
from trainables.training.judge import embed
from trainables.training.learner import Learner
from trainables.training.ranks import ALONE

NAME = "wet_vae"
MOST_ITEMS = 8 * CONTROL_ITEMS  # more than the seed study heard in its 27 epochs


def wet_config(config: TrialConfig) -> TrialConfig:
    """A plain VAE of the same size, and with the same spectrograms, as the model that it stands beside.

    Nothing else of the trial's settings is in it, so that trials of one size share it.
    """
    model = VaeConfig(latent_size=config.model.latent_size, widths=config.model.widths, input="wet", contrastive_weight=0.0)
    return replace(config, model=model, train=TrainConfig())


def control_examples(config: TrialConfig, source: Source) -> Examples:
    """Training clips of every effect of the sweep, also of those that the trial held out.

    So the control is the same for every split, and the trial's split no excuse.
    """
    return fetch(source, shared_control_portions(config))


def wet_vae_embedding(config: TrialConfig, examples: Examples, evaluation_set: EvaluationSet) -> npt.NDArray[np.float32]:
    """(items, latent_size) mean embeddings of the evaluation set, by a wet-only VAE trained on `examples` here and now.

    It never hears the evaluation set, and hears at most as much as a trial; the same config and examples give the
    same embeddings.
    """
    learner = Learner(wet_config(config), ALONE)
    for epoch in range(-(-min(MOST_ITEMS, _budget(config)) // len(examples.dry))):
        learner.train(examples, epoch)
    return embed(learner.averaged, evaluation_set)


def _budget(config: TrialConfig) -> int:
    """How many items a trial hears at most."""
    return config.train.items_per_epoch * config.train.max_epochs
