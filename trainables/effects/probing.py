"""What is measured of a foreign plugin when it is loaded: whether it gives the same bytes again, and which knobs are only level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from trainables.audio import Audio, rms
from trainables.effects.effect import Process
from trainables.parameters import Parameter, Settings, draw

SAMPLE_RATE = 44100
OTHER_SAMPLE_RATE = 48000
CONTEXTS = 5  # random settings of the other knobs, beside their defaults
POSITIONS = (0.05, 0.5, 0.93)  # of the knob in its range; not its ends, which are silent or the same in some
TOLERANCE = 1e-3  # -60 dB
SILENCE = 1e-7


def repeats_itself(process: Process, parameters: Sequence[Parameter], restart: Callable[[], None]) -> bool:
    """Whether a take has the same bytes after other takes, and in another process.

    Args:
        process: the plugin.
        restart: ends the plugin's process.
    """
    random = np.random.default_rng(1)
    settings, others = _anywhere(parameters, random), _anywhere(parameters, random)
    dry = _bursts(0.4)
    first = process(dry, SAMPLE_RATE, settings)
    process(dry[:1], OTHER_SAMPLE_RATE, others)
    process(dry[::-1], SAMPLE_RATE, others)
    after_others = process(dry, SAMPLE_RATE, settings)
    restart()
    return all(np.array_equal(first, again, equal_nan=True) for again in (after_others, process(dry, SAMPLE_RATE, settings)))


def level_only(process: Process, parameters: Sequence[Parameter]) -> frozenset[str]:
    """Names of the continuous knobs that change nothing, or nothing but the level, wherever the others stand.

    Every knob is turned with the others at their defaults, and then at random settings, lists and toggles included, until
    two of its positions give outputs that are no multiples of each other.
    """
    random = np.random.default_rng(2)
    defaults = {p.name: p.default for p in parameters}
    contexts = [defaults, *(_anywhere(parameters, random) for _ in range(CONTEXTS))]
    turned = [p for p in parameters if not p.frozen]
    return frozenset(p.name for p in turned if all(_is_level(process, p, context) for context in contexts))


def _is_level(process: Process, parameter: Parameter, context: Settings) -> bool:
    dry = _bursts(1.0)
    first, *others = (
        process(dry, SAMPLE_RATE, {**context, parameter.name: parameter.denormalize(position)}) for position in POSITIONS
    )
    return all(_are_multiples(first, other) for other in others)


def _are_multiples(one: Audio, other: Audio) -> bool:
    """Up to the tolerance, after the time that a smoothed knob may take; silence is a multiple of everything."""
    one, other = (wet[:, wet.shape[1] // 4 :].astype(np.float64) for wet in (one, other))
    levels = rms(one), rms(other)
    if not np.isfinite(levels).all() or min(levels) < SILENCE:
        return bool(np.isfinite(levels).all())
    gain = np.vdot(one, other) / np.vdot(one, one)
    return bool(rms(other - gain * one) < TOLERANCE * levels[1])


def _anywhere(parameters: Sequence[Parameter], random: np.random.Generator) -> dict[str, float]:
    return draw([replace(p, frozen=False) for p in parameters], random)


def _bursts(seconds: float) -> Audio:
    """Stereo noise whose level falls by 40 dB four times: (2, samples)."""
    samples = int(seconds * SAMPLE_RATE)
    falling = 10.0 ** (-2.0 * (4.0 * np.arange(samples) / samples % 1.0))
    noise = np.random.default_rng(3).standard_normal((2, samples))
    bursts: Audio = (0.25 * falling * noise).astype(np.float32)
    return bursts
