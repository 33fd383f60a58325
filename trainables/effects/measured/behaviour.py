"""What an effect does beside what its knobs say, measured: latency, tail, memory, motion, and what it depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal, TypeVar, get_args

import numpy as np
import soxr

from trainables.audio import Audio, rms
from trainables.effects.effect import Effect, NotFinite, apply
from trainables.effects.measured.hearing import bands_db, distance_db
from trainables.effects.measured.probe_clips import Clips, drawn_settings
from trainables.parameters import Settings, complete

DRAWS = 6
INAUDIBLE = 1e-3  # -60 dB
BURST_SAMPLES = 4096
PART_SAMPLES = 32768  # of a clip
ROUNDING = 10.0**-4.5  # -90 dB
ONSET = 1e-4  # -80 dB: where an effect's answer begins
LONGEST_TAIL_SECONDS = 4.0
OTHER_BLOCK_SAMPLES = 512
SETTLING_SAMPLES = 4 * 8192  # silence after which a follower has forgotten how it started
SHIFT_SAMPLES = 8192  # a whole block, so that what is done once a block is not taken for motion
HIGHEST_COMPARED_HZ = 6300.0  # what half the sample rate carries, with room for its filters

T = TypeVar("T")
Memory = Literal["none", "fades", "lasts"]
MEMORIES = get_args(Memory)  # from the shortest on


@dataclass(frozen=True)
class Behaviour:
    """One effect, at its default and at settings drawn as a sweep would: the worst of them.

    Attributes:
        latency_samples: from the start of a sound to the first trace of it (-80 dB of the peak); the least of
            all settings, so that an effect's own echo is not taken for latency. Below 0 it comes early.
        tail_seconds: from the end of a sound until what follows stays below -60 dB of its peak; at most 4, which
            means 4 or more.
        memory: whether what came before shapes what comes now: never ("none"), for a while ("fades"), or still
            after 4 seconds ("lasts").
        moves: whether the same sound comes out otherwise a block later: it has an oscillator, or frames of its own.
        repeats: whether the same sound comes out the same, byte for byte.
        block_difference_db: how far below the output the difference is when it is run in blocks of 512 samples
            instead of its own; None if it is below -90 dB, which is rounding.
        rate_difference_db: distance (see hearing.py), up to 6.3 kHz, of its outputs at the clips' sample rate and
            at half of that for the same settings: median over settings. The resampling alone makes a few tenths.
    """

    latency_samples: int
    tail_seconds: float
    memory: Memory
    moves: bool
    repeats: bool
    block_difference_db: float | None
    rate_difference_db: float


@dataclass(frozen=True, eq=False)
class _Trial:
    """An effect with one setting, and the clip it is tried on: (channels, samples)."""

    effect: Effect
    settings: Settings
    clip: Audio
    sample_rate: int

    def wet(self, *parts: Audio) -> Audio:
        """What comes out for these, one after another."""
        return apply(self.effect, np.concatenate(parts, axis=1), self.sample_rate, self.settings)

    def silence(self, samples: int) -> Audio:
        return np.zeros((len(self.clip), samples), np.float32)


def measure_behaviour(effect: Effect, clips: Clips) -> Behaviour:
    """See Behaviour; in mono where the effect takes that."""
    sounds = clips.mono or clips.stereo
    settings = [{}, *drawn_settings(effect, DRAWS - 1)]
    trials = [_Trial(effect, s, sounds[i % len(sounds)][:, :PART_SAMPLES], clips.sample_rate) for i, s in enumerate(settings)]
    return Behaviour(
        latency_samples=min(_finite(_latency, trials), default=0),
        tail_seconds=max(_finite(_tail_seconds, trials), default=0.0),
        memory=max(_finite(_memory, trials), default="none", key=MEMORIES.index),
        moves=any(_finite(_moves, trials)),
        repeats=all(_finite(_repeats, trials)),
        block_difference_db=max(filter(None, _finite(_block_difference_db, trials)), default=None),
        rate_difference_db=float(np.median(list(_finite(_rate_difference_db, trials)) or [0.0])),
    )


def _finite(measure: Callable[[_Trial], T], trials: Sequence[_Trial]) -> Iterator[T]:
    """What each trial measures, but for those whose output is not finite."""
    for trial in trials:
        with suppress(NotFinite):
            yield measure(trial)


def _latency(trial: _Trial) -> int:
    """Against what comes out for silence, which need not be nothing."""
    burst = np.random.default_rng(0).normal(0.0, 0.1, (len(trial.clip), BURST_SAMPLES)).astype(np.float32)
    around = trial.silence(BURST_SAMPLES)
    answer = np.abs(trial.wet(around, burst, around) - trial.wet(around, around, around)).max(0)
    return int(np.argmax(answer > ONSET * answer.max())) - BURST_SAMPLES


def _tail_seconds(trial: _Trial) -> float:
    rest = trial.silence(round(LONGEST_TAIL_SECONDS * trial.sample_rate))
    wet = np.abs(trial.wet(trial.clip, rest)).max(0)
    after = np.flatnonzero(wet[trial.clip.shape[1] :] > INAUDIBLE * wet.max())
    return float(after[-1] + 1) / trial.sample_rate if after.size else 0.0


def _memory(trial: _Trial) -> Memory:
    times = 1 + round(LONGEST_TAIL_SECONDS * trial.sample_rate / trial.clip.shape[1])
    now, past = np.tile(trial.clip, times), trial.clip[:, ::-1]
    heard, unheard = (trial.wet(before, now)[:, past.shape[1] :] for before in (past, np.zeros_like(past)))
    if np.array_equal(heard, unheard):
        return "none"
    end = trial.clip.shape[1] // 4
    return "fades" if _relative(heard[:, -end:], unheard[:, -end:]) < INAUDIBLE else "lasts"


def _moves(trial: _Trial) -> bool:
    first, later = (trial.wet(trial.silence(SETTLING_SAMPLES + more), trial.clip) for more in (0, SHIFT_SAMPLES))
    half = trial.clip.shape[1] // 2
    return _relative(first[:, -half:], later[:, -half:]) >= INAUDIBLE


def _repeats(trial: _Trial) -> bool:
    return np.array_equal(trial.wet(trial.clip), trial.wet(trial.clip))


def _block_difference_db(trial: _Trial) -> float | None:
    settings = complete(trial.effect.parameters, trial.settings)
    other = trial.effect.process(trial.clip, trial.sample_rate, settings, block_samples=OTHER_BLOCK_SAMPLES)
    difference = _relative(trial.wet(trial.clip), other)
    return 20.0 * float(np.log10(difference)) if difference > ROUNDING else None


def _rate_difference_db(trial: _Trial) -> float:
    """Both hear what half the sample rate carries, so that only the effect differs."""
    half = trial.sample_rate // 2
    low = _resampled(trial.clip, trial.sample_rate, half)
    high = _resampled(low, half, trial.sample_rate)
    sounds = [
        bands_db(apply(trial.effect, dry, rate, trial.settings), rate, HIGHEST_COMPARED_HZ)
        for dry, rate in ((low, half), (high, trial.sample_rate))
    ]
    frames = min(sound.shape[2] for sound in sounds)
    return distance_db(*(sound[:, :, :frames] for sound in sounds))


def _resampled(audio: Audio, from_rate: int, to_rate: int) -> Audio:
    resampled: Audio = soxr.resample(audio.T, from_rate, to_rate).T
    return np.ascontiguousarray(resampled)


def _relative(one: Audio, other: Audio) -> float:
    """RMS of the difference over that of the louder, at most about 2."""
    return rms(one - other) / max(rms(one), rms(other), 1e-12)
