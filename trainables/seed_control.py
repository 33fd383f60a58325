"""The control that the seed study would have been: a VAE that hears the wet clip alone (K. Grant, 2023)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from trainables.accelerator import on_cpu
from trainables.batches import Examples
from trainables.configs import TrialConfig
from trainables.evaluation_set import EvaluationSet
from trainables.judge import embed
from trainables.learner import Learner
from trainables.ranks import ALONE
from trainables.schedule import control_portions
from trainables.source import Source, fetch

NAME = "wet_vae"
PASSES = 8  # over the same thousand clips: as many items as the seed study heard in its 27 epochs


def wet_config(config: TrialConfig) -> TrialConfig:
    """A plain VAE of the same size, and with the same spectrograms, as the model that it stands beside."""
    model = replace(config.model, input="wet", contrastive_weight=0.0, reconstruction_weight=1.0, perceptual_weight=0.0)
    return replace(on_cpu(config), model=model)


def control_examples(config: TrialConfig, source: Source) -> Examples:
    """At most a thousand training clips of every effect of the sweep, also of those that the trial held out.

    So the control is the same for every split, and the trial's split no excuse.
    """
    return fetch(source, control_portions(replace(config, trained_effects=config.effects)))


def wet_vae_embedding(config: TrialConfig, examples: Examples, evaluation_set: EvaluationSet) -> npt.NDArray[np.float32]:
    """(items, latent_size) mean embeddings of the evaluation set, by a wet-only VAE trained on `examples` here and now.

    It never hears the evaluation set; the same config and examples give the same embeddings.
    """
    learner = Learner(wet_config(config), ALONE)
    for epoch in range(PASSES):
        learner.train(examples, epoch)
    return embed(learner.averaged, evaluation_set)
