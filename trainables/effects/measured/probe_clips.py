"""What effects are measured with: clips of the built-in corpus, and settings drawn once and for all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from trainables.audio import Audio, rms
from trainables.configs import AudioConfig
from trainables.corpus.clips import CLIP_PEAK, CLIP_RMS, cut_clip
from trainables.corpus.corpus import load_corpus
from trainables.effects.effect import Effect
from trainables.parameters import draw

SEED = 20
SHARED_WITH_THE_OTHER_SIDE = 0.5


@dataclass(frozen=True)
class Effort:
    """How thoroughly to measure.

    Attributes:
        clips: how many clips, each with settings of its own.
        positions: of a knob that is heard; lists are heard at every choice.
        step_positions: of a knob, among which distinct outputs are counted.
    """

    clips: int = 12
    positions: int = 5
    step_positions: int = 65


@dataclass(frozen=True, eq=False)
class Clips:
    """As many mono clips (1, samples) as stereo ones (2, samples), float32, with an RMS of 0.1."""

    sample_rate: int
    mono: tuple[Audio, ...]
    stereo: tuple[Audio, ...]

    def first(self, count: int) -> Clips:
        return replace(self, mono=self.mono[:count], stereo=self.stereo[:count])


def probe_clips(count: int) -> Clips:
    """Clips of 65536 samples at 44.1 kHz, of every family of the built-in corpus in turn; at least 2, for the stereo ones."""
    audio = AudioConfig()
    recordings = sorted(load_corpus(audio, seed=0).recordings, key=lambda recording: recording.name.split("/")[::-1])
    chosen = recordings[:count]
    mono = [cut_clip(r, int(r.starts[len(r.starts) // 2]), audio.clip_samples) for r in chosen]
    return Clips(audio.sample_rate, tuple(mono), tuple(_wide(mono[i], mono[i - 1]) for i in range(count)))


def _wide(one: Audio, other: Audio) -> Audio:
    """Two recordings played at once, each leaning to a side, so that mid and side differ."""
    share = np.float32(SHARED_WITH_THE_OTHER_SIDE)
    both = np.concatenate([one + share * other, share * one + other])
    return both * np.float32(min(CLIP_RMS / rms(both), CLIP_PEAK / float(np.abs(both).max())))


def drawn_settings(effect: Effect, count: int) -> list[dict[str, float]]:
    """Settings as a sweep would draw them, the same ones each time."""
    random = np.random.default_rng(SEED)
    return [draw(effect.parameters, random) for _ in range(count)]
