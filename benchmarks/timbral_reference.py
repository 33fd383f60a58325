"""Brightness and depth of timbre_sounds.py by the original package: rewrites tests/timbral_models_values.json.

It runs in an environment of its own, because the package asks for one that can no longer be built:

    python -m venv .venv-timbral
    .venv-timbral/bin/pip install numpy==2.4.6 scipy==1.17.1 librosa==0.11.0 soxr==1.1.0 soundfile pyloudnorm six
    .venv-timbral/bin/pip install --no-deps timbral_models==0.4.0
    .venv-timbral/bin/python benchmarks/timbral_reference.py

The package calls librosa by position, as was possible before librosa 0.10; here those calls are passed on by name.
Nothing else of it is changed. It resamples what is below 44,100 Hz, with librosa's own default.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import timbral_models
from timbral_models import timbral_util

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.timbre_sounds import fingerprint, sounds
from trainables.audio import Audio

VALUES = Path(__file__).parent.parent / "tests" / "timbral_models_values.json"


def mend() -> None:
    """Calls by position become calls by name."""
    detect, strength, resample = librosa.onset.onset_detect, librosa.onset.onset_strength, librosa.core.resample
    librosa.onset.onset_detect = lambda y, sr, **others: detect(y=y, sr=sr, **others)
    librosa.onset.onset_strength = lambda y, sr, **others: strength(y=y, sr=sr, **others)
    librosa.core.resample = lambda y, orig_sr, target_sr: resample(y, orig_sr=orig_sr, target_sr=target_sr)


def values(audio: Audio, sample_rate: int) -> dict[str, Any]:
    """Both values, and the onsets that depth is made with, in samples at the rate that the package works at."""
    samples = audio.T.astype(np.float64) if len(audio) > 1 else audio[0].astype(np.float64)
    return {
        "sound": fingerprint(audio),
        "brightness": float(timbral_models.timbral_brightness(samples, fs=sample_rate)),
        "depth": float(timbral_models.timbral_depth(samples, fs=sample_rate)),
        "onsets": onsets(samples, sample_rate),
    }


def onsets(samples: Any, sample_rate: int) -> list[int]:
    """As timbral_depth finds them."""
    mono, rate = timbral_util.file_read(samples, sample_rate)
    for _ in range(3):
        mono = timbral_util.filter_audio_highpass(mono, crossover=20, fs=rate)
    mono = mono * (1.0 / max(abs(mono)))
    envelope = timbral_util.sample_and_hold_envelope_calculation(mono, rate)
    return [int(onset) for onset in timbral_util.calculate_onsets(mono, envelope, rate)]


def main() -> None:
    mend()
    measured = {name: values(audio, sample_rate) for name, (audio, sample_rate) in sounds().items()}
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in measured.items())
    VALUES.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
