"""Which effects a match may use, and what a model believes of their knobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import soxr

from trainables.audio import Audio
from trainables.effects import load_effects, resolve_backend
from trainables.effects.effect import Effect
from trainables.effects.selection import load_choice
from trainables.effects.sources import load_effect
from trainables.errors import nearest
from trainables.matching.features import FeatureExtractor
from trainables.matching.matcher import see_reference
from trainables.matching.matcher_file import MatchedEffect
from trainables.matching.mixture import Belief
from trainables.matching.pairing import Reference
from tune.errors import InvalidInput
from tune.matching.match_audio import MatchAudio
from tune.models.matcher_model import LoadedMatcher

AUTO = "auto"
CHAIN = "chain"


@dataclass(frozen=True)
class Candidate:
    """An effect that may be set.

    Attributes:
        source: what `fxsweep render` calls it.
        backend: whose effects plain names in the source mean.
    """

    source: str
    backend: str
    effect: Effect


def candidates(source: str, backend: str, model: LoadedMatcher | None) -> dict[str, Candidate]:
    """The effects to try, by name: the one that is named, or with "auto" all that the model knows, or the nine.

    Raises:
        InvalidInput: the model was not trained on it, or on another build. InputError: it cannot be loaded.
    """
    if model is not None:
        return _known(source, model)
    resolved = resolve_backend(backend)
    if source == AUTO:
        return {name: Candidate(name, resolved, effect) for name, effect in load_effects(resolved).items()}
    return {source: Candidate(source, resolved, load_effect(source, resolved))}


def beliefs(model: LoadedMatcher | None, tried: Mapping[str, Candidate], audio: MatchAudio) -> dict[str, Belief | None]:
    """What the model believes of each effect's knobs; nothing without a model."""
    if model is None:
        return dict.fromkeys(tried)
    matcher = model.kept.matcher
    hearing, reference = matcher.hearing, audio.reference
    rates = reference.sample_rate, hearing.sample_rate
    dry = None if reference.dry is None else _resampled(reference.dry, *rates)
    at_rate = Reference(_resampled(reference.wet, *rates), dry, hearing.sample_rate)
    seen = see_reference(FeatureExtractor(hearing.sample_rate), hearing, at_rate, _resampled(audio.dry, *rates))
    mode = "blind" if dry is None else "paired"
    return {name: matcher.belief(mode, name, seen) for name in tried}  # type: ignore[arg-type]  # mypy widens the two words


def _known(source: str, model: LoadedMatcher) -> dict[str, Candidate]:
    effects = model.kept.effects
    wanted = tuple(effects) if source == AUTO else (source,)
    for name in wanted:
        if name not in effects:
            raise InvalidInput(
                f"--effect '{name}': the model was not trained on it. {nearest(name, effects)} Without --model any will do."
            )
    return {name: _candidate(name, effects[name]) for name in wanted}


def _candidate(name: str, known: MatchedEffect) -> Candidate:
    effect = load_choice(known.choice)
    knobs = tuple(p.name for p in effect.parameters if not p.frozen)
    if knobs != known.knobs:
        raise InvalidInput(
            f"--effect '{name}': has the knobs {', '.join(knobs)} here, and the model was trained to set "
            f"{', '.join(known.knobs)}. "
            "Install the build that it was trained with, or leave --model out."
        )
    return Candidate(known.choice.source, known.choice.backend, effect)


def _resampled(audio: Audio, own_rate: int, sample_rate: int) -> Audio:
    if own_rate == sample_rate:
        return audio
    return np.ascontiguousarray(soxr.resample(audio.T, own_rate, sample_rate, quality="HQ").T, np.float32)
