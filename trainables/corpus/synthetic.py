"""The built-in corpus: short musical recordings made from fixed seeds, so that everything runs with no download.

Seven families of four: plucked strings, organ, electric piano, bass, drums, voice and noise textures. Each
recording has its own scale, tempo, rhythm and tone colour; pauses are part of the music.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import soxr

from trainables.audio import Audio
from trainables.corpus import instruments, notes, oscillators
from trainables.corpus.instruments import Instrument
from trainables.corpus.notes import Note, beat, melody, swells
from trainables.corpus.oscillators import Sound
from trainables.digests import digest

SYNTHETIC = "synthetic"
RECORDINGS_PER_FAMILY = 4
PEAK = 0.7
HIGHEST_RATE = 48000  # nothing above 22 kHz would be heard, so faster rates are resampled from it


@dataclass(frozen=True)
class Family:
    """A kind of recording: what it plays and with which instrument."""

    name: str
    compose: Callable[[np.random.Generator, float], list[Note]]
    play: Instrument


FAMILIES = (
    Family("pluck", partial(melody, lowest=48), instruments.pluck),
    Family("organ", partial(melody, lowest=48, voices=3), instruments.organ),
    Family("piano", partial(melody, lowest=48, voices=2), instruments.electric_piano),
    Family("bass", partial(melody, lowest=28), instruments.bass),
    Family("drums", beat, instruments.drums),
    Family("voice", partial(melody, lowest=45), instruments.voice),
    Family("texture", swells, instruments.texture),
)


def recording_names() -> list[str]:
    """What `synthesize` makes, by name."""
    return [f"{family.name}/{number}" for family in FAMILIES for number in range(1, RECORDINGS_PER_FAMILY + 1)]


def synthesis_version() -> str:
    """Changes with everything that might shape a sample: this code, and the libraries under it."""
    files = (Path(str(module.__file__)) for module in (instruments, notes, oscillators))
    code = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (Path(__file__), *files)]
    return digest({"code": code, "numpy": np.__version__, "soxr": soxr.__version__})


def synthesize(sample_rate: int, seconds: float) -> dict[str, Audio]:
    """All 28 recordings by name, each (1, samples) float32 with a peak of 0.7, on the steps of 16-bit audio.

    The steps make the bytes independent of a processor's last bit in a sine.
    """
    return {
        f"{family.name}/{number}": _recording(family, number, sample_rate, seconds)
        for family in FAMILIES
        for number in range(1, RECORDINGS_PER_FAMILY + 1)
    }


def _recording(family: Family, number: int, sample_rate: int, seconds: float) -> Audio:
    random = np.random.default_rng([number, *family.name.encode()])
    colour = (random.random(3) + number / RECORDINGS_PER_FAMILY) % 1.0
    own_rate = min(sample_rate, HIGHEST_RATE)
    mixed = np.zeros(round(seconds * own_rate))
    for note in family.compose(random, seconds):
        sound = note.velocity * family.play(note, colour, own_rate, random)
        start = int(note.start_seconds * own_rate)
        mixed[start : start + sound.size] += sound[: mixed.size - start]
    return _to_steps(mixed if own_rate == sample_rate else soxr.resample(mixed, own_rate, sample_rate, quality="HQ"))


def _to_steps(mixed: Sound) -> Audio:
    steps: Audio = np.rint(mixed * (PEAK * 32768.0 / np.abs(mixed).max())).astype(np.float32)
    return steps[None] / np.float32(32768.0)
