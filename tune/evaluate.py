"""`fxsweep evaluate`: a model's scores on recordings it never heard, beside what costs no training, or beside other models."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from trainables.blocks import InlineSource
from trainables.configs import AudioConfig, EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.corpus import load_corpus
from trainables.effects import resolve_backend
from trainables.effects.names import EFFECT_NAMES
from trainables.effects.selection import nine
from trainables.evaluation import measure
from trainables.evaluation_set import evaluation_hash
from trainables.judge import reconstruct
from trainables.judged_audio import JudgedAudio, never_heard, pairs_of_clips, render_judged
from trainables.knobs import KnobScore, knob_scores
from trainables.outcomes import Estimate, Outcome
from trainables.rendering import make_plan
from trainables.skill import skill_outcomes
from tune.errors import InvalidInput
from tune.evaluation_controls import seed_study_control, untrained_controls
from tune.registry import LoadedModel, load_embedder

MODEL = "model"
CLIPS_A_BATCH = 16
FEWEST_SETTINGS = 4  # two in each half

Embeddings = npt.NDArray[np.floating]
Outcomes = Mapping[str, Outcome]
Rival = Callable[[JudgedAudio, int], Embeddings]


@dataclass(frozen=True)
class Question:
    """What is asked of a model.

    Attributes:
        audio: a folder of recordings, or "synthetic": those of the built-in corpus that the model has not heard.
        backend: whose nine effects; "" for those that the model was trained with.
        settings: random settings of each effect, each on two recordings.
        seed: of settings and clips.
    """

    audio: str = "synthetic"
    backend: str = ""
    settings: int = 40
    seed: int = 0


@dataclass(frozen=True)
class Evaluation:
    """What came out, and what it was measured on.

    Attributes:
        outcomes: by column (MODEL, each rival, each control), then by score; all over the same items.
        knobs: by column.
        rivals: which of the columns are other models.
        knows_training: whether the model's card tells what it was trained on; else nobody can say that it never heard these.
    """

    outcomes: Mapping[str, Outcomes]
    knobs: Mapping[str, tuple[KnobScore, ...]]
    rivals: tuple[str, ...]
    evaluation_hash: str
    backend: str
    recordings: tuple[str, ...]
    items: int
    knows_training: bool

    def estimates(self, column: str) -> dict[str, Estimate]:
        """Values with their intervals; of the model also `unseen_gain`, what it is above the untrained encoder."""
        found = {name: outcome.estimate() for name, outcome in self.outcomes[column].items()}
        gain = self.leads("unseen_accuracy").get("untrained") if column == MODEL else None
        return found | ({"unseen_gain": gain} if gain else {})

    def leads(self, name: str) -> dict[str, Estimate]:
        """By how much the model's score is above that of each other column that has it."""
        ours = self.outcomes[MODEL].get(name)
        others = {column: outcomes[name] for column, outcomes in self.outcomes.items() if name in outcomes and column != MODEL}
        return {column: ours.lead_over(other) for column, other in others.items()} if ours else {}


def evaluate(tracking_uri: str, reference: str, question: Question, against: Sequence[str] = ()) -> Evaluation:
    """Scores of a registered or pulled model, of its rivals and of the controls, all on the same takes.

    Args:
        against: other models, registered or pulled, or `package.module:function` (see `imported_rival`).

    Raises:
        InvalidInput: no such model or rival. InputError: recordings that the model knows, or too few.
    """
    if question.settings < FEWEST_SETTINGS:
        raise InvalidInput(f"--settings {question.settings}: at least {FEWEST_SETTINGS} of each effect are needed. Raise it.")
    model = load_embedder(tracking_uri, reference)
    rivals = {name: _rival(tracking_uri, name) for name in against}
    config = _config(model, question)
    audio = AudioConfig(
        path=question.audio,
        sample_rate=config.sample_rate,
        clip_samples=config.clip_samples,
        channels=config.channels,  # type: ignore[arg-type]
    )
    heard = model.heard_recordings()
    corpus = never_heard(load_corpus(audio, question.seed), heard, leave_out=question.audio == "synthetic")
    backend = resolve_backend(question.backend or model.metadata["backend"] or "auto")
    plan = make_plan(corpus, audio, config.front_end, nine(backend), question.seed)
    source = InlineSource(corpus, plan)
    judged = render_judged(config, source)
    asked = judged.as_spectrograms
    embeddings = {MODEL: _of_model(model, judged)}
    embeddings |= {name: rival(judged, config.sample_rate) for name, rival in rivals.items()}
    embeddings |= untrained_controls(config, asked) | seed_study_control(config, asked, audio, nine(backend), corpus)
    outcomes = {name: measure(values, asked, config.held_out_effects) for name, values in embeddings.items()}
    outcomes[MODEL] |= _skill(model, embeddings[MODEL], judged)
    knobs = {effect: source.renderer.effects[effect].parameters for effect in config.effects}
    return Evaluation(
        outcomes=outcomes,
        knobs={name: knob_scores(values, asked, knobs) for name, values in embeddings.items()},
        rivals=tuple(rivals),
        evaluation_hash=evaluation_hash(plan, config),
        backend=backend,
        recordings=tuple(sorted(set(asked.recordings))),
        items=len(judged.wet),
        knows_training=bool(heard),
    )


def imported_rival(path: str) -> Rival:
    """An embedding of somebody else: `package.module:function`.

    The function is called with dry and wet, each (items, channels, samples) float32, and the sample rate in Hz, and
    answers with (items, size) numbers.

    Raises:
        InvalidInput: it cannot be imported.
    """
    module, _, function = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise InvalidInput(f"--against '{path}': {error}. Install its package, and write package.module:function.") from error
    return lambda judged, sample_rate: np.asarray(found(judged.dry, judged.wet, sample_rate))


def _rival(tracking_uri: str, name: str) -> Rival:
    if ":" in name:
        return imported_rival(name)
    model = load_embedder(tracking_uri, name)
    return lambda judged, sample_rate: _of_model(model, judged)


def _of_model(model: LoadedModel, judged: JudgedAudio) -> Embeddings:
    with_dry, mono = model.metadata["input"] != "wet", model.metadata["channels"] == 1
    batches = pairs_of_clips(judged, CLIPS_A_BATCH, with_dry)
    return np.concatenate([model.predict(batch[:, :, 0] if mono else batch) for batch in batches])


def _skill(model: LoadedModel, embeddings: Embeddings, judged: JudgedAudio) -> Outcomes:
    """Of a model that has its decoder with it."""
    if model.whole is None:
        return {}
    _, vae = model.whole
    wet = reconstruct(vae, embeddings.astype(np.float32), judged.as_spectrograms)
    return skill_outcomes(wet, judged.as_spectrograms)


def _config(model: LoadedModel, question: Question) -> TrialConfig:
    """Of a trial whose evaluation set and untrained encoder are those that are asked for."""
    trained = tuple(effect for effect in EFFECT_NAMES if effect in model.metadata["trained_effects"])
    return replace(
        model.whole[0] if model.whole else _told_config(model.metadata),
        evaluation=EvaluationConfig(settings_per_effect=question.settings),
        trained_effects=trained,
        held_out_effects=tuple(effect for effect in EFFECT_NAMES if effect not in trained),
        effects=EFFECT_NAMES,
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
