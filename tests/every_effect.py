"""Every effect that must have what all effects have, by its source; and what is known of some of them."""

import hashlib
import itertools
from collections.abc import Mapping
from contextlib import suppress
from functools import cache

import numpy as np
import pytest
from signals import noise

from trainables.effects import apply
from trainables.effects.effect import NotFinite
from trainables.effects.names import EFFECT_NAMES
from trainables.effects.native import processor_tables
from trainables.effects.sources import load_effect
from trainables.parameters import draw

SOURCES = (
    *(f"mda:{name}" for name in EFFECT_NAMES),
    *(f"pedalboard:{name}" for name in EFFECT_NAMES),
    *(f"pedalboard:{table.effect}" for table in processor_tables.TABLES),
    "mda:overdrive > pedalboard:phaser > mda:delay",
    "lv2:http://drobilla.net/plugins/mda/RingMod",
    "vst3:/usr/lib/vst3/ZamCompX2.vst3",
)


class Effects(Mapping):
    """By source; each is loaded when it is first asked for, because plugins of others take seconds."""

    def __init__(self):
        self._load = cache(lambda source: load_effect(source, "pedalboard"))

    def __getitem__(self, source):
        return self._load(source)

    def __iter__(self):
        return iter(SOURCES)

    def __len__(self):
        return len(SOURCES)


EFFECTS = Effects()
# Those that need what comes later in a clip.
LOOKS_AHEAD = {f"pedalboard:{name}" for name in ("limiter", "pitch_shift", "mp3", "gsm", "resample")}
# Sample rates that a format does not know.
REFUSED_RATES = {"pedalboard:mp3": (96000, 192000)}

LOUDEST = (np.nan, np.inf, 3e38, 1e20)

every_effect = pytest.mark.parametrize("source", SOURCES)


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


def takes(effect):
    """(dry, settings): mono and stereo, drawn and at a corner."""
    settings = [*drawn(effect, 2), corners(effect, 1)[0]]
    return [(noise(1 + i % 2, 9000, seed=i), s) for i, s in enumerate(settings)]


def rendered(source):
    """Hash of an effect's takes, in hex."""
    effect = EFFECTS[source]
    return hashlib.sha256(b"".join(apply(effect, dry, 44100, s).tobytes() for dry, s in takes(effect))).hexdigest()


def poison(source):
    """Leave in memory what another effect makes of audio that no effect should be given, and the audio itself."""
    effect = EFFECTS[source]
    for loudest in LOUDEST:
        alternating = np.full((2, 9000), loudest, np.float32) * np.resize([1, -1], 9000).astype(np.float32)
        with np.errstate(all="ignore"), suppress(NotFinite):
            effect.process(alternating, 44100, {p.name: p.high for p in effect.parameters})


def digests(backwards=False, poisoners=()):
    """Of every effect, in or against the order of the sources, each after the poisoners."""
    found = {}
    for source in sorted(EFFECTS, reverse=backwards):
        for poisoner in poisoners:
            poison(poisoner)
        found[source] = rendered(source)
    return found
