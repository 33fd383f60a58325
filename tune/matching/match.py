"""`fxsweep match`: an input made to sound like a reference by setting a real effect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trainables.audio import Audio
from trainables.effects import apply
from trainables.effects.effect import Effect
from trainables.effects.names import DRY
from trainables.errors import InputError, TakeFailed
from trainables.matching.deciding import Task
from trainables.matching.decision import USUAL, Manner, Ranked, Reason
from trainables.matching.excerpt import excerpt, excerpt_of
from trainables.matching.knob_space import knob_space
from trainables.matching.pairing import level_beyond
from tune.effects.apply_effect import check_output, write_audio
from tune.errors import InvalidInput
from tune.matching.match_audio import MatchAudio, read_match_audio
from tune.matching.match_choice import Given, choose
from tune.matching.match_effects import Candidate
from tune.matching.match_files import check_written
from tune.models.matcher_model import LoadedMatcher
from tune.told_steps import Tell, untold

FULL_SCALE = 0.9999  # no output is amplified beyond it


@dataclass(frozen=True)
class MatchRequest:
    """What is asked.

    Attributes:
        source, reference, reference_dry: files; without the last the reference is heard blind.
        effect: a source (trainables/effects/sources.py), "auto" or "chain" (match_choice.py).
        backend: whose effects plain names mean.
        renders: how many the search may spend.
        output: the file to write; settings go beside it, as .json.
        manner: how the search goes about it.
        page: a page to write, too.
    """

    source: Path
    reference: Path
    reference_dry: Path | None
    effect: str
    backend: str
    renders: int
    output: Path
    seed: int = 0
    manner: Manner = USUAL
    page: Path | None = None

    @property
    def settings_file(self) -> Path:
        """Where the settings go."""
        return self.output.with_suffix(".json")

    @property
    def given(self) -> tuple[Path, ...]:
        """What is read."""
        return (self.source, self.reference, *([self.reference_dry] if self.reference_dry else []))

    @property
    def written(self) -> dict[str, Path]:
        """What is written, by what a message calls it."""
        page = {"--page": self.page} if self.page else {}
        return {"output": self.output, "the output's settings": self.settings_file, **page}


@dataclass(frozen=True)
class Matched:
    """What was done.

    Attributes:
        effect: a source, or "dry".
        mode: "paired" or "blind".
        settings: physical values by knob name; none where nothing was done.
        gain_db: what the output was amplified by after the effect.
        held_back_db: by how much that is less than the reference's own level asks for, because the output would clip.
        reason: why nothing was done, if there is another one than that nothing nearer was found.
        distance: what was listened by (trainables/matching/ears.py), and `unit`, which some have not.
        distance_before, distance_after: to the reference in paired mode; blind what is expected of the distance to what is right.
        ranking: the effects that were tried: paired the nearest first, blind the likeliest to have made the reference.
    """

    effect: str
    backend: str
    mode: str
    settings: Mapping[str, float]
    units: Mapping[str, str]
    gain_db: float
    held_back_db: float
    did_nothing: bool
    reason: Reason
    distance: str
    unit: str
    distance_before: float
    distance_after: float
    renders: int
    ranking: tuple[str, ...]
    output: str
    settings_file: str

    def facts(self) -> dict[str, Any]:
        """As JSON has them."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__}

    @property
    def ratio(self) -> float:
        """What is left of the distance."""
        return self.distance_after / self.distance_before if self.distance_before > 0.0 else 1.0


def match_file(
    request: MatchRequest, model: LoadedMatcher | None = None, tell: Tell = untold
) -> tuple[Matched, MatchAudio, Audio]:
    """Listens, decides, renders the whole input, and writes audio and settings.

    Returns:
        What was done, what was heard, and the result, (channels, samples) float32.

    Raises:
        InputError, InvalidInput: nothing was written.
    """
    check_output(request.output, request.source)
    check_written(request.written, request.given)
    tell("reading the recordings")
    audio = read_match_audio(request.source, request.reference, request.reference_dry)
    heard = excerpt(audio.reference)
    task = Task(excerpt_of(audio.dry, heard.sample_rate), heard, request.renders, request.manner)
    chosen, ranked = choose(request.effect, request.backend, task, Given(audio, model, request.seed), tell)
    tell(f"rendering {request.source.name}")
    done, result = _rendered(request, chosen, audio, ranked)
    write_audio(request.output, result, audio.reference.sample_rate)
    request.settings_file.write_text(json.dumps(done.facts(), indent=1) + "\n", encoding="utf-8")
    return done, audio, result


@dataclass(frozen=True)
class _Level:
    """What a result is amplified by, in dB, and by how much that is less than wanted."""

    gain_db: float = 0.0
    held_back_db: float = 0.0


def _rendered(request: MatchRequest, chosen: Candidate, audio: MatchAudio, ranked: Ranked) -> tuple[Matched, Audio]:
    """What was done, and the input after it."""
    if ranked.decision.does_nothing:
        return _matched(request, chosen, audio, ranked, {}, _Level()), audio.dry
    settings = knob_space(chosen.source, chosen.effect.parameters).settings(ranked.decision.point)
    try:
        wet = apply(chosen.effect, audio.dry, audio.reference.sample_rate, settings)
        level = _level(_wanted_db(chosen.effect, audio, wet, settings), wet)
    except (InputError, TakeFailed) as error:
        raise InvalidInput(f"effect '{chosen.source}': {error} Nothing was written.") from error
    return _matched(request, chosen, audio, ranked, settings, level), wet * np.float32(10.0 ** (level.gain_db / 20.0))


def _wanted_db(effect: Effect, audio: MatchAudio, wet: Audio, settings: Mapping[str, float]) -> float:
    """Paired, what the reference was amplified by beyond the effect; blind, what brings the result to its level."""
    heard = excerpt(audio.reference)
    if heard.dry is not None:
        return level_beyond(heard.wet, apply(effect, heard.dry, heard.sample_rate, settings))
    return level_beyond(audio.reference.wet, wet)


def _level(wanted_db: float, wet: Audio) -> _Level:
    """As much of it as full scale leaves room for."""
    room_db = 20.0 * float(np.log10(FULL_SCALE / max(float(np.abs(wet).max()), 1e-9)))
    return _Level(min(wanted_db, room_db), max(0.0, wanted_db - room_db))


def _matched(
    request: MatchRequest, chosen: Candidate, audio: MatchAudio, ranked: Ranked, settings: Mapping[str, float], level: _Level
) -> Matched:
    decision, effect = ranked.decision, chosen.effect
    nothing = decision.does_nothing
    return Matched(
        effect=DRY if nothing else chosen.source,
        backend=chosen.backend,
        mode="blind" if audio.reference.dry is None else "paired",
        settings=settings,
        units={p.name: p.unit for p in effect.parameters if p.name in settings},
        gain_db=level.gain_db,
        held_back_db=level.held_back_db,
        did_nothing=nothing,
        reason=decision.reason if nothing else "",
        distance=request.manner.ear.name,
        unit=request.manner.ear.unit,
        distance_before=decision.distance_before,
        distance_after=decision.distance_before if nothing else decision.distance_after,
        renders=ranked.renders,
        ranking=ranked.ranking,
        output=str(request.output),
        settings_file=str(request.settings_file),
    )
