"""Both values of a sound at once, and why one is missing."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from trainables.audio import Audio
from trainables.rendering.takes import Block
from trainables.timbre.brightness_model import brightness_of
from trainables.timbre.depth_model import depth_of
from trainables.timbre.signal import Signal, Unmeasurable, prepare


@dataclass(frozen=True)
class Timbre:
    """What is heard of a sound.

    Attributes:
        brightness, depth: about 0 to 100, and not limited to that; NaN where the model has no value.
        reasons: why a value is NaN: "silent" for both, "depth: no onset above -40 dB" for one. Empty if there are both.
    """

    brightness: float
    depth: float
    reasons: tuple[str, ...] = ()


def timbre(audio: Audio, sample_rate: int) -> Timbre:
    """Brightness and depth of a sound.

    Args:
        audio: (1 or 2, samples) float32; channels are averaged.
        sample_rate: in Hz.
    """
    try:
        signal = prepare(audio, sample_rate)
    except Unmeasurable as reason:
        return Timbre(math.nan, math.nan, (str(reason),))
    bright, why_not_bright = _tried(brightness_of, "brightness", signal)
    deep, why_not_deep = _tried(depth_of, "depth", signal)
    return Timbre(bright, deep, why_not_bright + why_not_deep)


def block_timbres(block: Block, sample_rate: int) -> list[Timbre]:
    """Of each wet clip of a block of audio, on one thread: the other cores train."""
    with threadpool_limits(limits=1):
        return [timbre(wet, sample_rate) for wet in block.wet]


def _tried(model: Callable[[Signal], float], name: str, signal: Signal) -> tuple[float, tuple[str, ...]]:
    try:
        value = model(signal)
    except Unmeasurable as reason:
        return math.nan, (f"{name}: {reason}",)
    return (value, ()) if math.isfinite(value) else (math.nan, (f"{name}: not finite",))


def brightness(audio: Audio, sample_rate: int) -> float:
    """Apparent brightness, see `timbre`; NaN where there is no value."""
    return _alone(brightness_of, audio, sample_rate)


def depth(audio: Audio, sample_rate: int) -> float:
    """Apparent depth, see `timbre`; NaN where there is no value."""
    return _alone(depth_of, audio, sample_rate)


def _alone(model: Callable[[Signal], float], audio: Audio, sample_rate: int) -> float:
    try:
        return _tried(model, "", prepare(audio, sample_rate))[0]
    except Unmeasurable:
        return math.nan
