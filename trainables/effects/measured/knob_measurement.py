"""What one knob of an effect really does, measured: how far it can be heard once clips are brought to equal level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from trainables.audio import Audio
from trainables.effects.effect import Effect, NotFinite, apply
from trainables.effects.measured.hearing import AUDIBLE_DB, SILENCE_DB, bands_db, distance_db, level_db
from trainables.effects.measured.probe_clips import Clips, Effort, drawn_settings
from trainables.parameters import Parameter, Settings


@dataclass(frozen=True)
class Heard:
    """How far a knob moves the sound from one position to the farthest other one, in dB: of clips the median and the most."""

    median_db: float
    most_db: float

    @property
    def audible(self) -> bool:
        """In most clips."""
        return self.median_db >= AUDIBLE_DB

    @property
    def ever(self) -> bool:
        """In any clip."""
        return self.most_db >= AUDIBLE_DB


@dataclass(frozen=True)
class KnobMeasurement:
    """One knob over its whole travel, the other free knobs drawn at random, frozen ones at their default.

    Attributes:
        name: the parameter's.
        mono, stereo: how far it is heard at equal level; None if the effect does not take so many channels.
        level_db: how far it moves the level alone: highest less lowest, median over clips.
        steps: distinct outputs over `Effort.step_positions` equally spaced positions; few of them are a staircase.
    """

    name: str
    mono: Heard | None
    stereo: Heard | None
    level_db: float
    steps: int


@dataclass(frozen=True)
class _Travel:
    """Over the positions of a knob, for one clip: the largest distance of two, and highest less lowest level."""

    distance_db: float
    level_db: float


def measure_knob(effect: Effect, knob: Parameter, clips: Clips, effort: Effort) -> KnobMeasurement:
    """See KnobMeasurement. Outputs that are not finite are left out, and silent ones count for the level only."""
    mono, stereo = (_travels(effect, knob, sounds, clips.sample_rate, effort) for sounds in (clips.mono, clips.stereo))
    levels_db = [travel.level_db for travel in mono or stereo]
    sounds = clips.mono if any(travel.distance_db for travel in mono) else clips.stereo or clips.mono
    steps = _count_steps(effect, knob, sounds[0], clips.sample_rate, effort.step_positions)
    return KnobMeasurement(knob.name, _heard(mono), _heard(stereo), float(np.median(levels_db or [0.0])), steps)


def _heard(travels: Sequence[_Travel]) -> Heard | None:
    distances_db = [travel.distance_db for travel in travels]
    return Heard(float(np.median(distances_db)), max(distances_db)) if distances_db else None


def _travels(effect: Effect, knob: Parameter, clips: Sequence[Audio], sample_rate: int, effort: Effort) -> list[_Travel]:
    """One for each clip, every clip with settings of its own."""
    positions = len(knob.choices) or effort.positions
    travels = []
    for dry, settings in zip(clips, drawn_settings(effect, len(clips)), strict=True):
        levels_db, sounds = [], []
        for wet in _along(effect, knob, dry, sample_rate, settings, positions):
            levels_db.append(level_db(wet))
            if levels_db[-1] > SILENCE_DB:
                sounds.append(bands_db(wet, sample_rate))
        if levels_db:
            distances_db = [distance_db(one, other) for one, other in combinations(sounds, 2)]
            travels.append(_Travel(max(distances_db, default=0.0), max(levels_db) - min(levels_db)))
    return travels


def _along(effect: Effect, knob: Parameter, dry: Audio, sample_rate: int, settings: Settings, positions: int) -> Iterator[Audio]:
    """The finite outputs at equally spaced positions of a knob."""
    for position in np.linspace(0.0, 1.0, positions):
        with suppress(NotFinite):
            yield apply(effect, dry, sample_rate, {**settings, knob.name: knob.denormalize(float(position))})


def _count_steps(effect: Effect, knob: Parameter, dry: Audio, sample_rate: int, positions: int) -> int:
    """Distinct outputs, the most of two draws, because one may leave the knob without anything to work on."""
    most = 0
    for settings in drawn_settings(effect, 2):
        most = max(most, len({wet.tobytes() for wet in _along(effect, knob, dry, sample_rate, settings, positions)}))
        if most == positions:
            break
    return most
