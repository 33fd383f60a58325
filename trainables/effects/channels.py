"""Mono or stereo audio through a plugin of any layout.

A mono plugin treats the channels of stereo audio one by one. Mono goes to both inputs of a stereo plugin and comes back
as the mean of its outputs. Where only the inputs are mono, they are given the mean; where only the outputs are,
both channels are given the one. Further inputs are silent, further outputs are dropped.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from trainables.audio import Audio

Run = Callable[[Audio], Audio]  # (inputs, samples) -> (outputs, samples), each time through a fresh state


def through(run: Run, dry: Audio, inputs: int, outputs: int) -> Audio:
    """`dry` through `run`, in the shape of `dry`.

    Args:
        run: the plugin, with its own number of inputs and outputs.
        dry: (1 or 2, samples) float32.
        inputs, outputs: how many the plugin has, at least one of each.
    """
    if inputs == outputs == 1:
        return np.concatenate([run(channel[None]) for channel in dry])
    return _as_channels(run(_as_inputs(dry, inputs)), dry.shape[0])


def _as_inputs(dry: Audio, inputs: int) -> Audio:
    if inputs == 1:
        return _mean(dry)
    both = np.repeat(dry, 2, axis=0) if dry.shape[0] == 1 else dry
    return np.pad(both, ((0, inputs - 2), (0, 0)))


def _as_channels(wet: Audio, channels: int) -> Audio:
    if channels == 1:
        return _mean(wet[:2])
    return np.repeat(wet, 2, axis=0) if wet.shape[0] == 1 else wet[:2]


def _mean(audio: Audio) -> Audio:
    """Of one or two channels, (1, samples)."""
    return audio if audio.shape[0] == 1 else (audio[:1] + audio[1:]) * np.float32(0.5)
