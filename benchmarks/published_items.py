"""Items of the published style transfer system's evaluation (see published_protocol.py), made of our own recordings.

A clip of twice 131,072 samples at 24 kHz, its peak at -12 dBFS, both ends faded; every tenth left as it is, the others through
the effect at settings drawn evenly, anew while the result is silent or too unlike; its peak at -12 dBFS again. One half is the
input and what is right, the other half the reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.fft import dct, rfft

from trainables.audio import Audio
from trainables.configs import AudioConfig
from trainables.corpus.clips import content_id
from trainables.corpus.corpus import load_corpus
from trainables.corpus.recordings import Unusable, decode, find_recordings
from trainables.corpus.synthetic import SYNTHETIC
from trainables.effects.effect import Effect, apply
from trainables.errors import InputError, TakeFailed
from trainables.matching.contest import Item
from trainables.matching.knob_space import KnobSpace
from trainables.parameters import draw

SAMPLE_RATE, HALF_SAMPLES = 24_000, 131_072
PEAK = 10.0 ** (-12.0 / 20.0)
FADE_SAMPLES = 1102  # 50 ms, at the rate that was assumed there
DRY_SHARE = 0.1
SILENT_POWER = 1e-5
LEAST_LIKENESS = 0.75  # mean cosine of 30 coefficients of 60 mel bands
FRAME = 400  # samples
PASSAGES, TRIES = 200, 100


@dataclass(frozen=True, eq=False)
class Sound:
    """A recording at 24 kHz, (1, samples)."""

    name: str
    samples: Audio
    content_id: str


def sounds(path: str, heard: Mapping[str, str]) -> tuple[Sound, ...]:
    """The recordings of a folder, or the built-in ones, that are long enough.

    Args:
        heard: content ids, with names, of what a model was trained on; those of a folder are refused.

    Raises:
        InputError: none is long enough, or a model has heard one.
    """
    found = _built_in(set(heard.values())) if path == SYNTHETIC else list(_folder(Path(path)))
    known = [sound.name for sound in found if sound.content_id in heard]
    if known:
        raise InputError(f"recording '{known[0]}'", "was heard in training.", "Give recordings that it has never heard.")
    left = tuple(sound for sound in found if sound.samples.shape[1] > 2 * HALF_SAMPLES)
    if not left:
        rule = f"holds no unheard recording of {2 * HALF_SAMPLES / SAMPLE_RATE:.1f} s or more."
        raise InputError(f"audio path '{path}'", rule, "Give longer ones.")
    return left


def passage(sound: Sound, random: np.random.Generator) -> Audio | None:
    """(1, twice HALF_SAMPLES) of which neither half is silent, its peak at -12 dBFS; None if there hardly is any."""
    for _ in range(PASSAGES):
        start = int(random.integers(sound.samples.shape[1] - 2 * HALF_SAMPLES))
        clip = sound.samples[:, start : start + 2 * HALF_SAMPLES]
        if all(not silent(half) for half in halves(clip)):
            return faded(peaked(clip))
    return None


def make_item(effect: Effect, dry: Audio, recording: str, random: np.random.Generator) -> Item:
    """The task that is made of a passage; `untouched` is left at 0, because the metric is the caller's."""
    space, settings = KnobSpace(effect.parameters), None
    wet = dry.copy()
    if random.random() >= DRY_SHARE:
        wet, settings = _effected(effect, dry, random)
    wet = peaked(wet)
    side = int(random.integers(2))
    (one, other), (target, reference) = (_from(halves(sound), side) for sound in (dry, wet))
    point = space.point(settings) if settings else space.defaults
    return Item(one, target, other, reference, point, (recording, recording), "same", 0.0)


def halves(clip: Audio) -> tuple[Audio, Audio]:
    """The first and the second."""
    middle = clip.shape[1] // 2
    return clip[:, :middle], clip[:, middle:]


def peaked(clip: Audio) -> Audio:
    """Its peak at -12 dBFS; silence stays silent."""
    peak = float(np.abs(clip).max())
    return clip * np.float32(PEAK / peak) if peak > 0.0 else clip


def faded(clip: Audio) -> Audio:
    """Both ends faded in a straight line."""
    ramp, shaped = np.linspace(0.0, 1.0, FADE_SAMPLES, dtype=np.float32), clip.copy()
    shaped[:, :FADE_SAMPLES] *= ramp
    shaped[:, -FADE_SAMPLES:] *= ramp[::-1]
    return shaped


def silent(clip: Audio) -> bool:
    """Whether its mean square is below 1e-5."""
    return float(np.square(clip, dtype=np.float64).mean()) < SILENT_POWER


def likeness(one: Audio, other: Audio) -> float:
    """The mean over frames of the cosine between 30 mel-frequency cepstral coefficients: 1 of the same sound."""
    ours, theirs = coefficients(one), coefficients(other)
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return float((np.sum(ours * theirs, axis=1) / np.maximum(lengths, 1e-12)).mean())


def coefficients(clip: Audio) -> npt.NDArray[np.float64]:
    """(frames, 30): frames of 400 samples, 200 apart; 60 mel bands in dB, none more than 80 below the loudest."""
    frames = np.lib.stride_tricks.sliding_window_view(clip[0].astype(np.float64), FRAME)[:: FRAME // 2]
    power = np.square(np.abs(rfft(frames * np.hanning(FRAME + 1)[:-1], axis=1)))
    levels = 10.0 * np.log10(power @ triangles().T + 1e-10)
    return np.asarray(dct(np.maximum(levels, levels.max() - 80.0), norm="ortho", axis=1)[:, :30], dtype=np.float64)


@cache
def triangles() -> npt.NDArray[np.float64]:
    """(60, bins) mel bands from 0 Hz to half the rate, each 1 at its middle: what the cosine depends on is their sum."""
    mels = np.linspace(0.0, 2595.0 * np.log10(1.0 + SAMPLE_RATE / 2 / 700.0), 62)
    edges = 700.0 * (10.0 ** (mels / 2595.0) - 1.0)
    hz, apart = np.arange(FRAME // 2 + 1) * SAMPLE_RATE / FRAME, np.diff(edges)[:, None]
    rise, fall = (hz - edges[:-2, None]) / apart[:-1], (edges[2:, None] - hz) / apart[1:]
    return np.asarray(np.maximum(0.0, np.minimum(rise, fall)), dtype=np.float64)


def _effected(effect: Effect, dry: Audio, random: np.random.Generator) -> tuple[Audio, dict[str, float] | None]:
    for _ in range(TRIES):
        settings = draw(effect.parameters, random)
        try:
            wet = apply(effect, dry, SAMPLE_RATE, settings)
        except (InputError, TakeFailed):
            continue
        if not silent(wet) and likeness(dry, wet) >= LEAST_LIKENESS:
            return wet, settings
    return dry.copy(), None


def _from(pair: tuple[Audio, Audio], side: int) -> tuple[Audio, Audio]:
    return (np.ascontiguousarray(pair[side]), np.ascontiguousarray(pair[1 - side]))


def _built_in(heard: set[str]) -> list[Sound]:
    """Without those of these names: their length depends on the clips, and so does their content id."""
    made = load_corpus(AudioConfig(sample_rate=SAMPLE_RATE, clip_samples=2 * HALF_SAMPLES), 0).recordings
    return [Sound(one.name, np.asarray(one.samples), one.content_id) for one in made if one.name not in heard]


def _folder(folder: Path) -> Iterator[Sound]:
    for found in find_recordings(folder):
        try:
            samples = decode(found.path, SAMPLE_RATE, 1)
        except Unusable:
            continue
        yield Sound(found.name, samples, content_id(samples))
