"""What a model is compared with by `fxsweep evaluate`: controls that cost no training, and the seed study's model."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from trainables.configs import TrialConfig
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.corpus.synthetic import SYNTHETIC
from trainables.effects.selection import EffectChoice
from trainables.evaluation.controls import pca_embedding, random_embedding, statistics_embedding, statistics_pca_embedding
from trainables.evaluation.evaluation_set import EvaluationSet
from trainables.evaluation.seed_control import MOST_ITEMS, NAME, control_examples, wet_vae_embedding
from trainables.rendering.blocks import InlineSource
from trainables.rendering.rendering import make_plan
from trainables.training.judge import embed
from trainables.training.learner import build_model

Embeddings = npt.NDArray[np.floating]
FEWEST = 4  # recordings to train the seed study's model on


def untrained_controls(config: TrialConfig, asked: EvaluationSet) -> dict[str, Embeddings]:
    """What costs no training. Components are fitted on the evaluation set itself, which favours them."""
    size, seen = config.model.latent_size, config.model.input
    return {
        "untrained": embed(build_model(config), asked),
        "pca": pca_embedding(asked.dry, asked.wet, asked, size, seen),
        "statistics_pca": statistics_pca_embedding(asked.dry, asked.wet, asked, size, seen),
        "statistics": statistics_embedding(asked, seen),
        "random": random_embedding(asked, size, seen, config.seed),
    }


def seed_study_control(
    config: TrialConfig, asked: EvaluationSet, effects: Collection[EffectChoice], evaluated: Corpus
) -> dict[str, Embeddings]:
    """The seed study's wet-only VAE, trained here on recordings of the built-in corpus that are not evaluated.

    Nothing if too few of them are left.
    """
    audio = replace(evaluated.audio, path=SYNTHETIC, add_synthetic=False)
    built_in = load_corpus(audio, config.seed)
    known = {recording.content_id for recording in evaluated.recordings}
    left = tuple(replace(r, partition="train") for r in built_in.recordings if r.content_id not in known)
    if len(left) < FEWEST:
        return {}
    corpus = replace(built_in, recordings=left)
    source = InlineSource(corpus, make_plan(corpus, audio, config.front_end, tuple(effects), config.seed))
    training = replace(config, train=replace(config.train, items_per_epoch=MOST_ITEMS))
    return {NAME: wet_vae_embedding(training, control_examples(training, source), asked)}
