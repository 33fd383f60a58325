"""The sounds on which our brightness and depth are compared with the original package's (timbral_reference.py).

They are on the steps of 16-bit audio, so that a processor's last bit in a sine changes no sample.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from trainables.audio import Audio
from trainables.corpus.synthetic import synthesize

CLIP_SAMPLES = 65536
RATE = 44100
# Recordings of the built-in corpus, and the how-manieth clip of each, from 0.
CORPUS_CLIPS = {"pluck/1": 1, "organ/2": 0, "piano/3": 1, "bass/1": 1, "drums/4": 1, "voice/2": 1, "texture/3": 1}
OTHER_RATES = {"melody": 22050, "drums/4": 22050, "voice/2": 16000, "bursts": 48000, "bass/1": 48000, "pluck/1": 96000}

Wave = npt.NDArray[np.float64]


@cache
def sounds() -> dict[str, tuple[Audio, int]]:
    """Every sound by name: (channels, samples) float32 and its sample rate in Hz; some are played at another rate, too."""
    made = {name: _steps(wave) for name, wave in _made_up().items()} | _corpus_clips()
    played_otherwise = {f"{name} at {sample_rate} Hz": (made[name], sample_rate) for name, sample_rate in OTHER_RATES.items()}
    return {name: (audio, RATE) for name, audio in made.items()} | played_otherwise


def fingerprint(audio: Audio) -> int:
    """Of every sample, so that other values for another sound are not taken for a mistake of the model."""
    return zlib.crc32(audio.tobytes())


def _made_up() -> dict[str, Wave]:
    random = np.random.default_rng(0)
    noise = random.standard_normal(CLIP_SAMPLES)
    melody = _at([_decaying((f_hz, 2 * f_hz), 8.0) for f_hz in (110.0, 147.0, 196.0, 262.0, 330.0, 440.0)], 10000)
    clicks = _at([noise[:64] * 0.5**n for n in range(8)], 8000, 300)
    slow = np.linspace(0.0, 1.0, CLIP_SAMPLES)
    return {
        "tone": _tone(440.0),
        "low tone": _tone(41.2) + 0.3 * _tone(82.4),
        "white noise": noise,
        "brown noise": np.cumsum(noise - noise.mean()),
        "decaying bass": _decaying((55.0, 110.0, 165.0), 5.0),
        "chord": _decaying((220.0, 277.2, 329.6, 440.0), 3.0),
        "melody": melody,
        "melody in noise": melody + 0.02 * noise,
        "clicks": clicks,
        "sweep": np.sin(2 * np.pi * 60.0 * 100.0**slow * slow),
        "crescendo": slow**3 * noise,
        "bursts": noise * (np.arange(CLIP_SAMPLES) % 16384 < 3000),
        "quiet echo": _at([_decaying((700.0,), 60.0), 0.004 * _decaying((90.0,), 60.0)], 30000, 2000),
        "subsonic": _tone(8.0) + 0.1 * _tone(1000.0),
        "short": _decaying((330.0,), 20.0, 3000),
        "stereo": np.stack([melody, _at([_decaying((98.0,), 4.0), _decaying((1500.0,), 9.0)], 22000, 5000)]),
    }


def _corpus_clips() -> dict[str, Audio]:
    recordings = synthesize(RATE, 3 * CLIP_SAMPLES / RATE)
    return {name: recordings[name][:, clip * CLIP_SAMPLES :][:, :CLIP_SAMPLES] for name, clip in CORPUS_CLIPS.items()}


def _tone(frequency_hz: float) -> Wave:
    return np.sin(2 * np.pi * frequency_hz * np.arange(CLIP_SAMPLES) / RATE)


def _decaying(frequencies_hz: Sequence[float], decay_per_second: float, samples: int = CLIP_SAMPLES) -> Wave:
    time_seconds = np.arange(samples) / RATE
    partials = sum(np.sin(2 * np.pi * frequency_hz * time_seconds) for frequency_hz in frequencies_hz)
    return np.exp(-decay_per_second * time_seconds) * partials


def _at(waves: Sequence[Wave], apart_samples: int, first_sample: int = 0) -> Wave:
    mixed = np.zeros(CLIP_SAMPLES)
    for number, wave in enumerate(waves):
        start = first_sample + number * apart_samples
        mixed[start : start + wave.size] += wave[: mixed.size - start]
    return mixed


def _steps(wave: Wave) -> Audio:
    steps: Audio = np.rint(np.atleast_2d(wave) * (0.7 * 32768.0 / np.abs(wave).max())).astype(np.float32)
    return steps / np.float32(32768.0)
