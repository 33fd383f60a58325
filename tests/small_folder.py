"""A small folder of recordings, for tests of what opens one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from trainables.configs import AudioConfig

RATE, CLIP = 16000, 8192
SUFFIXES = ("wav", "flac", "ogg")


def write_noise(path: Path, seed: int, seconds: float = 1.0, channels: int = 1, sample_rate: int = RATE) -> Path:
    """White noise in the container of the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = 0.1 * np.random.default_rng(seed).standard_normal((int(seconds * sample_rate), channels))
    soundfile.write(path, noise.astype(np.float32), sample_rate)
    return path


def write_folder(folder: Path, count: int = 9) -> Path:
    """Recordings `0.wav`, `1.flac`, `2.ogg`, `3.wav` ...; every fourth is stereo at another rate."""
    for i in range(count):
        other = i % 4 == 3
        write_noise(folder / f"{i}.{SUFFIXES[i % 3]}", i, channels=1 + other, sample_rate=22050 if other else RATE)
    return folder


def small_audio(path: Path | str, channels: int = 1) -> AudioConfig:
    return AudioConfig(path=str(path), sample_rate=RATE, clip_samples=CLIP, channels=channels)
