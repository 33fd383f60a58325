"""`fxsweep match`: an input made to sound like a reference by setting a real effect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trainables.audio import Audio
from trainables.effects import apply, resolve_backend
from trainables.effects.effect import Effect
from trainables.effects.sources import load_effect
from trainables.errors import InputError, TakeFailed
from trainables.matching.decision import Decision, decide_paired
from trainables.matching.excerpt import excerpt
from trainables.matching.knob_space import knob_space
from trainables.matching.pairing import level_beyond
from tune.apply_effect import check_output, write_audio
from tune.errors import InvalidInput
from tune.match_audio import MatchAudio, read_match_audio
from tune.told_steps import Tell, untold


@dataclass(frozen=True)
class MatchRequest:
    """What is asked.

    Attributes:
        source, reference, reference_dry: files; without the last the reference is heard blind.
        effect: a source (trainables/effects/sources.py).
        backend: whose effects plain names mean.
        renders: how many the search may spend.
        output: the file to write; settings go beside it, as .json.
    """

    source: Path
    reference: Path
    reference_dry: Path | None
    effect: str
    backend: str
    renders: int
    output: Path
    seed: int = 0


@dataclass(frozen=True)
class Matched:
    """What was done.

    Attributes:
        settings: physical values by knob name; of an effect that was not used none.
        gain_db: what the output was amplified by after the effect.
    """

    effect: str
    backend: str
    mode: str
    settings: Mapping[str, float]
    units: Mapping[str, str]
    gain_db: float
    did_nothing: bool
    distance_before: float
    distance_after: float
    renders: int
    output: str
    settings_file: str

    def facts(self) -> dict[str, Any]:
        """As JSON has them."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}

    @property
    def ratio(self) -> float:
        """What is left of the distance."""
        return self.distance_after / self.distance_before if self.distance_before > 0.0 else 1.0


def match_file(request: MatchRequest, tell: Tell = untold) -> Matched:
    """Listens, decides, renders the whole input, and writes audio and settings.

    Raises:
        InputError, InvalidInput: nothing was written.
    """
    check_output(request.output, request.source)
    backend = resolve_backend(request.backend)
    effect = load_effect(request.effect, backend)
    tell("reading the recordings")
    audio = read_match_audio(request.source, request.reference, request.reference_dry)
    decision = _decision(request, effect, audio, tell)
    tell(f"rendering {request.source.name}")
    done = _matched(request, effect, audio, decision)
    write_audio(request.output, _result(effect, audio, done), audio.reference.sample_rate)
    Path(done.settings_file).write_text(json.dumps(done.facts(), indent=1) + "\n", encoding="utf-8")
    return done


def _decision(request: MatchRequest, effect: Effect, audio: MatchAudio, tell: Tell) -> Decision:
    space, random = knob_space(request.effect, effect.parameters), np.random.default_rng(request.seed)
    heard = excerpt(audio.reference)
    tell(f"searching {space.size} knobs of {effect.title}, {request.renders} renders")
    return decide_paired(effect, space, heard, request.renders, random)


def _matched(request: MatchRequest, effect: Effect, audio: MatchAudio, decision: Decision) -> Matched:
    space = knob_space(request.effect, effect.parameters)
    nothing = decision.does_nothing
    settings = {} if nothing else space.settings(decision.point)
    return Matched(
        effect="dry" if nothing else request.effect,
        backend=resolve_backend(request.backend),
        mode="blind" if audio.reference.dry is None else "paired",
        settings=settings,
        units={p.name: p.unit for p in effect.parameters if p.name in settings},
        gain_db=0.0 if nothing else _gain_db(effect, audio, settings),
        did_nothing=nothing,
        distance_before=decision.distance_before,
        distance_after=decision.distance_before if nothing else decision.distance_after,
        renders=decision.renders,
        output=str(request.output),
        settings_file=str(request.output.with_suffix(".json")),
    )


def _gain_db(effect: Effect, audio: MatchAudio, settings: Mapping[str, float]) -> float:
    """What the reference was amplified by beyond the effect."""
    heard = excerpt(audio.reference)
    if heard.dry is None:
        return 0.0
    return level_beyond(heard.wet, apply(effect, heard.dry, heard.sample_rate, settings))


def _result(effect: Effect, audio: MatchAudio, done: Matched) -> Audio:
    if done.did_nothing:
        return audio.dry
    try:
        wet = apply(effect, audio.dry, audio.reference.sample_rate, done.settings)
    except (InputError, TakeFailed) as error:
        raise InvalidInput(f"effect '{done.effect}': {error} Nothing was written.") from error
    return wet * np.float32(10.0 ** (done.gain_db / 20.0))

