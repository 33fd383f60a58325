"""What a model is compared with by `fxsweep evaluate`: controls that cost no training, and the seed study's model.

What cannot be made is told, and never silently left out of the table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

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
NO_UNTRAINED = (
    "No control `untrained`, no `unseen_gain` and no `skill`: the model's folder has no vae.safetensors, so nobody knows its "
    "architecture."
)
TOO_FEW = (
    "No control `wet_vae`: it is trained on the built-in corpus, of which {left} recordings are not evaluated here, and "
    f"{FEWEST} are needed. Evaluate on a folder to have it: --audio DIR."
)
DIVERGED = "No control `wet_vae`: its training diverged."


@dataclass(frozen=True)
class Controls:
    """Embeddings of the evaluation set by name, and sentences on the controls that could not be made."""

    embeddings: Mapping[str, Embeddings]
    missing: tuple[str, ...] = ()


def controls(
    config: TrialConfig, asked: EvaluationSet, effects: Collection[EffectChoice], evaluated: Corpus, known_architecture: bool
) -> Controls:
    """All of them.

    Args:
        effects: what the seed study's model hears.
        evaluated: recordings that it must not be trained on.
        known_architecture: whether `config` tells the model's; else there is no telling what it was before training.
    """
    free = untrained_controls(config, asked) if known_architecture else _without_training(config, asked)
    seed_study = _seed_study_control(config, asked, effects, evaluated)
    found = {**free, **seed_study.embeddings}
    return Controls(found, (*(() if known_architecture else (NO_UNTRAINED,)), *seed_study.missing))


def untrained_controls(config: TrialConfig, asked: EvaluationSet) -> dict[str, Embeddings]:
    """Those that cost no training: the untrained encoder, components, statistics and a random projection."""
    return {"untrained": embed(build_model(config), asked), **_without_training(config, asked)}


def _without_training(config: TrialConfig, asked: EvaluationSet) -> dict[str, Embeddings]:
    """Components are fitted on the evaluation set itself, which favours them."""
    size, seen = config.model.latent_size, config.model.input
    return {
        "pca": pca_embedding(asked.dry, asked.wet, asked, size, seen),
        "statistics_pca": statistics_pca_embedding(asked.dry, asked.wet, asked, size, seen),
        "statistics": statistics_embedding(asked, seen),
        "random": random_embedding(asked, size, seen, config.seed),
    }


def _seed_study_control(
    config: TrialConfig, asked: EvaluationSet, effects: Collection[EffectChoice], evaluated: Corpus
) -> Controls:
    """The seed study's wet-only VAE, trained here on recordings of the built-in corpus that are not evaluated."""
    audio = replace(evaluated.audio, path=SYNTHETIC, add_synthetic=False)
    built_in = load_corpus(audio, config.seed)
    known = {recording.content_id for recording in evaluated.recordings}
    left = tuple(replace(r, partition="train") for r in built_in.recordings if r.content_id not in known)
    if len(left) < FEWEST:
        return Controls({}, (TOO_FEW.format(left=len(left)),))
    corpus = replace(built_in, recordings=left)
    source = InlineSource(corpus, make_plan(corpus, audio, config.front_end, tuple(effects), config.seed))
    training = replace(config, train=replace(config.train, items_per_epoch=MOST_ITEMS))
    try:
        return Controls({NAME: wet_vae_embedding(training, control_examples(training, source), asked)})
    except FloatingPointError:
        return Controls({}, (DIVERGED,))
