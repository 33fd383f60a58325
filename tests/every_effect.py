"""Every effect that must have what all effects have, by its source; and what is known of some of them."""

import itertools

import numpy as np
import pytest

from trainables.effects import mda, native, processors
from trainables.parameters import draw

EFFECTS = {f"{e.backend}:{name}": e for backend in (mda, native, processors) for name, e in backend.load().items()}

# Those that need what comes later in a clip.
LOOKS_AHEAD = {f"pedalboard:{name}" for name in ("limiter", "pitch_shift", "mp3", "gsm", "resample")}
# Sample rates that a format does not know.
REFUSED_RATES = {"pedalboard:mp3": (96000, 192000)}

every_effect = pytest.mark.parametrize("source", EFFECTS)


def drawn(effect, count, seed=0):
    """Settings as a sweep draws them."""
    random = np.random.default_rng(seed)
    return [draw(effect.parameters, random) for _ in range(count)]


def corners(effect, count=16):
    """Corners of the box of the free knobs and of the box of all knobs: every one, or `count` at random, of each."""
    boxes = ([p for p in effect.parameters if not p.frozen], effect.parameters)
    return [corner for knobs in boxes for corner in _corners(knobs, count)]


def _corners(knobs, count):
    ends = itertools.product((0, 1), repeat=len(knobs))
    if 2 ** len(knobs) > count:
        ends = np.random.default_rng(0).integers(2, size=(count, len(knobs))).tolist()
    return [{p.name: (p.low, p.high)[end] for p, end in zip(knobs, corner, strict=True)} for corner in ends]
