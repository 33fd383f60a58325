"""What is measured of a foreign plugin when it is loaded: how quick it is, and which knobs only change the level."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from trainables.audio import Audio, rms
from trainables.effects.effect import Process
from trainables.parameters import Parameter, Settings, draw

SAMPLE_RATE = 44100
SHORT_SECONDS = 0.2
SLOW_SECONDS, SLOW_TRIES = 0.5, 3
TURNED_SECONDS = 0.8
CONTEXTS = 14  # settings of the other knobs: they may have to stand just right for a knob to do anything
TOLERANCE = 1e-3  # -60 dB
SILENCE = 1e-7

Change = Literal["nothing", "level", "more"]


@dataclass(frozen=True)
class IdleKnobs:
    """Names of continuous knobs that teach nothing.

    Attributes:
        level: those that change the level and nothing else.
        nothing: those that change no sample.
    """

    level: frozenset[str]
    nothing: frozenset[str]


def quickest_take_seconds(process: Process, parameters: Sequence[Parameter]) -> float:
    """How long a short take lasts, the best of a few if the first is slow: the machine may be busy with something else."""
    defaults, dry = {p.name: p.default for p in parameters}, bursts(SHORT_SECONDS, 2)
    quickest = math.inf
    for _ in range(SLOW_TRIES):
        start = time.monotonic()
        process(dry, SAMPLE_RATE, defaults)
        quickest = min(quickest, time.monotonic() - start)
        if quickest < SLOW_SECONDS:
            break
    return quickest


def idle_knobs(process: Process, parameters: Sequence[Parameter], channels: int) -> IdleKnobs:
    """The free continuous knobs that change nothing, or nothing but the level, wherever the others stand.

    Each is turned with the others at their defaults, then at random settings, lists and toggles included, until that
    gives an output which is no multiple of what it was.

    Args:
        process: the plugin.
        parameters: all of its knobs.
        channels: how many of them it treats at a time; two of a mono plugin would only take twice the time.
    """
    random = np.random.default_rng(2)
    left = [p for p in parameters if not p.frozen]
    level: set[str] = set()
    for number in range(CONTEXTS):
        context = {p.name: p.default for p in parameters} if number == 0 else _anywhere(parameters, random)
        changes = _changes(process, context, left, channels)
        left = [p for p in left if changes[p.name] != "more"]
        level |= {p.name for p in left if changes[p.name] == "level"}
    idle = frozenset(p.name for p in left)
    return IdleKnobs(idle & level, idle - level)


def bursts(seconds: float, channels: int) -> Audio:
    """Noise whose level falls by 40 dB, twice: (channels, samples)."""
    samples = int(seconds * SAMPLE_RATE)
    falling = 10.0 ** (-2.0 * (2.0 * np.arange(samples) / samples % 1.0))
    noise = np.random.default_rng(3).standard_normal((channels, samples))
    bursts: Audio = (0.25 * falling * noise).astype(np.float32)
    return bursts


def _changes(process: Process, context: Settings, turned: Sequence[Parameter], channels: int) -> dict[str, Change]:
    """What it changes to turn each of the knobs alone by about half its range, within a context."""
    if not turned:
        return {}
    dry = bursts(TURNED_SECONDS, channels)
    before = process(dry, SAMPLE_RATE, context)
    return {p.name: _change(before, process(dry, SAMPLE_RATE, _turn(context, p))) for p in turned}


def _turn(context: Settings, parameter: Parameter) -> dict[str, float]:
    stands = parameter.normalize(context[parameter.name])
    return {**context, parameter.name: parameter.denormalize(stands + 0.45 if stands < 0.5 else stands - 0.45)}


def _change(before: Audio, after: Audio) -> Change:
    if np.array_equal(before, after, equal_nan=True):
        return "nothing"
    return "level" if _are_multiples(before, after) else "more"


def _are_multiples(one: Audio, other: Audio) -> bool:
    """Up to the tolerance, after the time that a smoothed knob may take; silence is a multiple of everything."""
    settled, other_settled = (wet[:, wet.shape[1] // 4 :] for wet in (one, other))
    levels = rms(settled), rms(other_settled)
    if not np.isfinite(levels).all() or min(levels) < SILENCE:
        return bool(np.isfinite(levels).all())
    gain = np.vdot(settled, other_settled) / np.vdot(settled, settled)
    return rms(other_settled - gain * settled) < TOLERANCE * levels[1]


def _anywhere(parameters: Sequence[Parameter], random: np.random.Generator) -> dict[str, float]:
    return draw([replace(p, frozen=False) for p in parameters], random)
