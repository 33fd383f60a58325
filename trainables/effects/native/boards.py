"""Effects made of pedalboard's processors: built afresh for every clip, run in fixed blocks, named by their own code."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pedalboard as pb

from trainables.audio import Audio
from trainables.effects.effect import BLOCK_SAMPLES, Effect, identify
from trainables.effects.native.code_identity import code_of
from trainables.effects.native.knobs import Table
from trainables.parameters import Settings

SHORTEST_SAMPLES = 64  # a (2, 1) array could be read as one channel of two samples
HIGHEST_CUTOFF = 0.45  # of the sample rate; above half of it first-order filters blow up

Build = Callable[[Settings, int], list[pb.Plugin]]  # every setting, sample rate in Hz -> processors in their order


def board_effect(table: Table, build: Build) -> Effect:
    """The effect with this table's knobs whose processors `build` makes."""
    code = f"{pb.__version__}\n{code_of(process_board)}\n{code_of(build)}"
    identity = identify("pedalboard", code, table.parameters, BLOCK_SAMPLES)
    return Effect(table.effect, table.title, "pedalboard", table.parameters, identity, partial(process_board, build))


def process_board(build: Build, dry: Audio, sample_rate: int, settings: Settings, *, block_samples: int = BLOCK_SAMPLES) -> Audio:
    """(channels, samples) through what `build` makes, the same shape. Zeros after a very short clip change nothing in it."""
    samples = dry.shape[1]
    long_enough = dry if samples >= SHORTEST_SAMPLES else np.pad(dry, ((0, 0), (0, SHORTEST_SAMPLES - samples)))
    board = pb.Pedalboard(build(settings, sample_rate))
    wet = board(long_enough, sample_rate, buffer_size=block_samples, reset=True)
    return np.ascontiguousarray(wet[:, :samples], np.float32)


def audible(cutoff_hz: float, sample_rate: int) -> float:
    """The cutoff, or the highest that a filter can have at this sample rate."""
    return min(cutoff_hz, HIGHEST_CUTOFF * sample_rate)
