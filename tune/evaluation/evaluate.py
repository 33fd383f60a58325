"""`fxsweep evaluate`: a model's scores on recordings it never heard, beside what costs no training, or beside other models."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt

from trainables.corpus.corpus import Corpus
from trainables.effects.selection import nine
from trainables.evaluation.evaluation import measure
from trainables.evaluation.judged_audio import JudgedAudio
from trainables.evaluation.knobs import KnobScore, knob_scores
from trainables.evaluation.outcomes import Estimate, Outcome
from trainables.evaluation.skill import skill_outcomes
from trainables.training.judge import reconstruct
from tune.errors import InvalidInput
from tune.evaluation.evaluation_controls import controls
from tune.evaluation.unheard_clips import Question, check_question, embed_judged, render_unheard
from tune.models.loaded_model import LoadedModel
from tune.models.registry import load_embedder
from tune.told_steps import Tell, untold

MODEL = "model"

Embeddings = npt.NDArray[np.floating]
Outcomes = Mapping[str, Outcome]
Rival = Callable[[JudgedAudio, int], Embeddings]


@dataclass(frozen=True)
class Evaluation:
    """What came out, and what it was measured on.

    Attributes:
        outcomes: by column (MODEL, each rival, each control), then by score; all over the same items.
        knobs: by column.
        rivals: which of the columns are other models.
        items: clips, in all.
        items_of_an_effect: of them.
        knows_training: whether the model's card tells what it was trained on; else nobody can say that it never heard these.
        chosen_on: how many of the recordings are those that the model's sweep compared its trials on.
        remarks: sentences on what is missing, and why, and on what nobody can know.
    """

    outcomes: Mapping[str, Outcomes]
    knobs: Mapping[str, tuple[KnobScore, ...]]
    rivals: tuple[str, ...]
    evaluation_hash: str
    backend: str
    recordings: tuple[str, ...]
    items: int
    items_of_an_effect: int
    knows_training: bool
    chosen_on: int
    remarks: tuple[str, ...] = ()

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


def evaluate(
    tracking_uri: str, reference: str, question: Question, against: Sequence[str] = (), tell: Tell = untold
) -> Evaluation:
    """Scores of a registered or pulled model, of its rivals and of the controls, all on the same takes.

    Args:
        against: other models, registered or pulled, or `package.module:function` (see `imported_rival`).
        tell: is told what is being done.

    Raises:
        InvalidInput: no such model or rival. InputError: recordings that the model knows, or too few.
    """
    check_question(question)
    model = load_embedder(tracking_uri, reference)
    others = {name: _registered_rival(tracking_uri, name, model) for name in against if ":" not in name}
    imported = {name: imported_rival(name) for name in against if ":" in name}
    unheard = render_unheard(model, question, list(others.values()), tell)
    config, judged, asked = unheard.config, unheard.judged, unheard.judged.as_spectrograms
    tell(f"embedding {len(judged.wet)} clips by {', '.join([reference, *against])}")
    embeddings = {MODEL: embed_judged(model, judged)}
    embeddings |= {name: embed_judged(other, judged) for name, other in others.items()}
    embeddings |= {name: rival(judged, config.sample_rate) for name, rival in imported.items()}
    tell("making the controls, and training the seed study's model")
    made = controls(config, asked, nine(unheard.backend), unheard.corpus, known_architecture=model.whole is not None)
    embeddings |= made.embeddings
    tell(f"scoring {len(embeddings)} embeddings")
    outcomes = {name: measure(values, asked, config.held_out_effects) for name, values in embeddings.items()}
    outcomes[MODEL] |= _skill(model, embeddings[MODEL], judged)
    return Evaluation(
        outcomes=outcomes,
        knobs={name: knob_scores(values, asked, unheard.knobs) for name, values in embeddings.items()},
        rivals=tuple(against),
        evaluation_hash=unheard.evaluation_hash,
        backend=unheard.backend,
        recordings=tuple(sorted(set(asked.recordings))),
        items=len(judged.wet),
        items_of_an_effect=2 * question.settings,
        knows_training=unheard.knows_training,
        chosen_on=sum(recording.content_id in model.chosen_on() for recording in unheard.corpus.recordings),
        remarks=(
            *made.missing,
            *_unknown_training([*imported, *(name for name, other in others.items() if not other.heard_recordings())]),
            *_namesakes(unheard.corpus, model.heard_recordings()),
        ),
    )


def imported_rival(path: str) -> Rival:
    """An embedding of somebody else: `package.module:function`.

    The function is called with dry and wet, each (items, channels, samples) float32, and the sample rate in Hz, and
    answers with (items, size) numbers.

    Raises:
        InvalidInput: it cannot be imported; when it is called, it fails or answers with something else.
    """
    module, _, function = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), function)
    except Exception as error:  # whatever somebody else's code may raise when it is imported
        raise InvalidInput(f"--against '{path}': {error}. Install its package, and write package.module:function.") from error
    return lambda judged, sample_rate: _asked(path, found, judged, sample_rate)


def _asked(path: str, rival: Callable[..., Any], judged: JudgedAudio, sample_rate: int) -> Embeddings:
    try:
        answer = np.asarray(rival(judged.dry, judged.wet, sample_rate), dtype=np.float64)
    except Exception as error:  # whatever somebody else's code may raise
        raise InvalidInput(
            f"--against '{path}': failed with {type(error).__name__}: {error}. It is called with dry and wet, each "
            f"{judged.wet.shape} float32, and the sample rate {sample_rate}, and must answer with numbers of shape "
            f"({len(judged.wet)}, size)."
        ) from error
    if answer.ndim != 2 or len(answer) != len(judged.wet) or not answer.size or not np.isfinite(answer).all():
        what = f"numbers of shape {answer.shape}" + ("" if np.isfinite(answer).all() else ", some not finite")
        raise InvalidInput(
            f"--against '{path}': answered with {what}, where one finite vector for each clip is needed: "
            f"({len(judged.wet)}, size). Mend it."
        )
    return answer


def _unknown_training(rivals: Sequence[str]) -> list[str]:
    return [f"Nobody can tell whether {' and '.join(rivals)} heard these recordings in training."] if rivals else []


def _namesakes(corpus: Corpus, heard: Mapping[str, str]) -> list[str]:
    """A recording is known by its samples, so in another format or cut it is not recognised; its name may be."""
    stems = {PurePosixPath(name).stem.casefold() for name in heard.values()}
    found = [recording.name for recording in corpus.recordings if PurePosixPath(recording.name).stem.casefold() in stems]
    if not found:
        return []
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return [
        f"'{found[0]}'{more} of these recordings have the names of some that the model was trained on, with other samples: if "
        "they are the same in another format, take them out, because they flatter."
    ]


def _registered_rival(tracking_uri: str, name: str, model: LoadedModel) -> LoadedModel:
    """One that hears clips as the model does.

    Raises:
        InvalidInput: it hears others.
    """
    rival = load_embedder(tracking_uri, name)
    for key in ("sample_rate", "clip_samples", "channels"):
        ours, theirs = model.metadata[key], rival.metadata[key]
        if ours != theirs:
            raise InvalidInput(f"--against {name}: its {key} is {theirs} and the model's is {ours}. Compare models of one kind.")
    return rival


def _skill(model: LoadedModel, embeddings: Embeddings, judged: JudgedAudio) -> Outcomes:
    """Of a model that has its decoder with it."""
    if model.whole is None:
        return {}
    _, vae = model.whole
    wet = reconstruct(vae, embeddings.astype(np.float32), judged.as_spectrograms)
    return skill_outcomes(wet, judged.as_spectrograms)
