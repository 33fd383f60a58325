"""Clips that a model has never heard, rendered to look at it from outside: to score it, or to draw its map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from trainables.configs import AudioConfig, EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.corpus.synthetic import SYNTHETIC
from trainables.effects import resolve_backend
from trainables.effects.names import EFFECT_NAMES
from trainables.effects.selection import nine
from trainables.errors import nearest
from trainables.evaluation.evaluation_set import evaluation_hash
from trainables.evaluation.judged_audio import JudgedAudio, never_heard, pairs_of_clips, render_judged
from trainables.parameters import Parameter
from trainables.rendering.blocks import InlineSource
from trainables.rendering.rendering import make_plan
from trainables.training.accelerator import on_cpu
from tune.errors import InvalidInput
from tune.models.loaded_model import LoadedModel
from tune.told_steps import Tell, untold

CLIPS_A_BATCH = 16
FEWEST_SETTINGS = 4  # two in each half


@dataclass(frozen=True)
class Question:
    """What is asked of a model.

    Attributes:
        audio: a folder of recordings, or "synthetic": those of the built-in corpus that the model has not heard.
        backend: whose nine effects; "" for those that the model was trained with.
        settings: random settings of each effect, each on two recordings.
        seed: of settings and clips.
        effects: which of the nine.
    """

    audio: str = SYNTHETIC
    backend: str = ""
    settings: int = 40
    seed: int = 0
    effects: tuple[str, ...] = EFFECT_NAMES


@dataclass(frozen=True)
class Unheard:
    """What answers a question.

    Attributes:
        config: of a trial whose evaluation set these clips are.
        corpus: the recordings that they are of.
        judged: the clips.
        knobs: parameters of each effect.
        backend: whose effects.
        knows_training: whether the model's card tells what it was trained on; else nobody can say that it never heard these.
    """

    config: TrialConfig
    corpus: Corpus
    judged: JudgedAudio
    knobs: Mapping[str, Sequence[Parameter]]
    evaluation_hash: str
    backend: str
    knows_training: bool


def render_unheard(model: LoadedModel, question: Question, rivals: Sequence[LoadedModel] = (), tell: Tell = untold) -> Unheard:
    """The clips that are asked for, through the effects, at the model's rate and length; no rival has heard them either.

    Raises:
        InvalidInput: too few settings, or no such effect. InputError: recordings that the model knows, or too few.
    """
    check_question(question)
    config, heard = _config(model, question), model.heard_recordings()
    for rival in rivals:
        heard = heard | rival.heard_recordings()
    tell(f"reading {question.audio}")
    audio, corpus = _corpus(config, question, heard, "this model or one beside it" if rivals else "this model")
    backend = resolve_backend(question.backend or model.metadata["backend"] or "auto")
    choices = [choice for choice in nine(backend) if choice.name in question.effects]
    plan = make_plan(corpus, audio, config.front_end, choices, question.seed)
    source = InlineSource(corpus, plan)
    tell(f"rendering clips of {len(corpus.recordings)} recordings through {len(choices)} {backend} effects")
    return Unheard(
        config=config,
        corpus=corpus,
        judged=render_judged(config, source),
        knobs={effect: source.renderer.effects[effect].parameters for effect in config.effects},
        evaluation_hash=evaluation_hash(plan, config),
        backend=backend,
        knows_training=bool(model.heard_recordings()),
    )


def check_question(question: Question) -> None:
    """Refuses what cannot be asked of any model, before anything is loaded."""
    if question.audio != SYNTHETIC and not Path(question.audio).expanduser().is_dir():
        raise InvalidInput(f"--audio {question.audio}: is no folder. Name a folder of recordings, or '{SYNTHETIC}'.")
    if question.settings < FEWEST_SETTINGS:
        raise InvalidInput(f"--settings {question.settings}: at least {FEWEST_SETTINGS} of each effect are needed. Raise it.")


def embed_judged(model: LoadedModel, judged: JudgedAudio) -> npt.NDArray[np.floating]:
    """(items, latent_size)."""
    with_dry, mono = model.metadata["input"] != "wet", model.metadata["channels"] == 1
    batches = pairs_of_clips(judged, CLIPS_A_BATCH, with_dry)
    return np.concatenate([model.predict(batch[:, :, 0] if mono else batch) for batch in batches])


def given_effects(text: str | None) -> tuple[str, ...]:
    """`a,b,c`, in the order of the nine; all of them if nothing is said.

    Raises:
        InvalidInput: one is not of the nine, or there is none.
    """
    if text is None:
        return EFFECT_NAMES
    names = {name.strip() for name in text.split(",") if name.strip()}
    for name in sorted(names - set(EFFECT_NAMES)):
        raise InvalidInput(f"--effects '{name}': is not one of the nine. {nearest(name, EFFECT_NAMES)}")
    if not names:
        raise InvalidInput(f"--effects '{text}': names no effect. {nearest('', EFFECT_NAMES)}")
    return tuple(name for name in EFFECT_NAMES if name in names)


def _corpus(config: TrialConfig, question: Question, heard: Mapping[str, str], by: str) -> tuple[AudioConfig, Corpus]:
    audio = AudioConfig(
        path=question.audio,
        sample_rate=config.sample_rate,
        clip_samples=config.clip_samples,
        channels=config.channels,  # type: ignore[arg-type]
    )
    return audio, never_heard(load_corpus(audio, question.seed), heard, leave_out=question.audio == SYNTHETIC, by=by)


def _config(model: LoadedModel, question: Question) -> TrialConfig:
    """Of a trial whose evaluation set and untrained encoder are those that are asked for."""
    trained = tuple(effect for effect in EFFECT_NAMES if effect in model.metadata["trained_effects"])
    return replace(
        on_cpu(model.whole[0] if model.whole else _told_config(model.metadata)),
        evaluation=EvaluationConfig(settings_per_effect=question.settings),
        trained_effects=trained,
        held_out_effects=tuple(effect for effect in EFFECT_NAMES if effect not in trained),
        effects=question.effects,
        seed=question.seed,
    )


def _told_config(metadata: Mapping[str, Any]) -> TrialConfig:
    """As far as the metadata of a model without its decoder tell."""
    return TrialConfig(
        model=VaeConfig(latent_size=metadata["latent_size"], input=metadata["input"]),
        train=TrainConfig(),
        evaluation=EvaluationConfig(),
        front_end=FrontEndConfig(),
        sample_rate=metadata["sample_rate"],
        clip_samples=metadata["clip_samples"],
        channels=metadata["channels"],
        trained_effects=(),
        held_out_effects=(),
    )
