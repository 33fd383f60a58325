"""What an effect really does, measured: every knob, and its behaviour as a whole.

Clips, draws and positions are fixed, so that the same build always gives the same figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from trainables.audio import Audio
from trainables.effects.effect import Effect, apply
from trainables.effects.measured.behaviour import Behaviour, measure_behaviour
from trainables.effects.measured.knob_measurement import KnobMeasurement, measure_knob
from trainables.effects.measured.probe_clips import Clips, Effort
from trainables.errors import InputError


@dataclass(frozen=True)
class Measurement:
    """The measured half of a manifest: one KnobMeasurement for each parameter, in their order."""

    behaviour: Behaviour
    knobs: tuple[KnobMeasurement, ...]


def measure(effect: Effect, clips: Clips, effort: Effort) -> Measurement:
    """Seconds for most effects.

    Raises:
        InputError: the effect takes neither mono nor stereo at the clips' sample rate.
        TakeFailed: a plugin that hung or crashed.
    """
    taken = _taken(effect, clips)
    knobs = tuple(measure_knob(effect, knob, taken, effort) for knob in effect.parameters)
    return Measurement(measure_behaviour(effect, taken), knobs)


def _taken(effect: Effect, clips: Clips) -> Clips:
    """The clips with as many channels as the effect takes."""
    refusals = [_refusal(effect, sounds[0], clips.sample_rate) for sounds in (clips.mono, clips.stereo)]
    if all(refusals):
        raise refusals[-1] or AssertionError
    return replace(clips, mono=() if refusals[0] else clips.mono, stereo=() if refusals[1] else clips.stereo)


def _refusal(effect: Effect, dry: Audio, sample_rate: int) -> InputError | None:
    try:
        apply(effect, dry, sample_rate, {})
    except InputError as error:
        return error
    return None
