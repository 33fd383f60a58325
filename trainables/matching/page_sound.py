"""Sounds of a page that is listened to: MP3 as data URIs, and pictures of waveform and spectrogram."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import matplotlib
import numpy as np
import soundfile
import soxr
from matplotlib.figure import Figure

from trainables.audio import Audio
from trainables.configs import FrontEndConfig
from trainables.features import HIGHEST_SHARE, FrontEnd, spectrograms

PAGES = Path(__file__).parent / "pages"  # their files
MOST_SECONDS = 12.0
PAGE_RATE = 44100
FADE_SECONDS = 0.01
FEWEST_SAMPLES = 4096
PICTURE_INCHES = (7.2, 2.3)
BANDS = 96


def first_seconds(audio: Audio, sample_rate: int) -> Audio:
    """What a page has room for: at most MOST_SECONDS."""
    return audio[:, : int(MOST_SECONDS * sample_rate)]


def sound_uri(audio: Audio, sample_rate: int) -> str:
    """The first 12 seconds of (channels, samples) within -1 to 1, as a data URI of an MP3."""
    part = first_seconds(audio, sample_rate)
    if sample_rate != PAGE_RATE:
        part = soxr.resample(part.T, sample_rate, PAGE_RATE).T.astype(np.float32)
    file = io.BytesIO()
    how = {"format": "MP3", "subtype": "MPEG_LAYER_III", "compression_level": 0.5, "bitrate_mode": "AVERAGE"}
    soundfile.write(file, _faded(part).T.clip(-1.0, 1.0), PAGE_RATE, **how)
    return f"data:audio/mpeg;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def picture_uri(audio: Audio, sample_rate: int) -> str:
    """Waveform above, log-mel spectrogram below, of the first 12 seconds, as a data URI of a PNG."""
    part = first_seconds(audio, sample_rate).mean(axis=0, keepdims=True)
    part = np.pad(part, ((0, 0), (0, max(0, FEWEST_SAMPLES - part.shape[1]))))
    seconds = part.shape[1] / sample_rate
    with matplotlib.rc_context({"font.size": 8}):
        figure = Figure(figsize=PICTURE_INCHES, layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1, 2))
        above.plot(np.arange(part.shape[1]) / sample_rate, part[0], linewidth=0.4, color="#3b6ea5")
        above.set(ylim=(-1.0, 1.0), yticks=[])
        config = FrontEndConfig(bands=BANDS)
        mel = spectrograms(FrontEnd(config, sample_rate), part)[0]
        below.imshow(mel, origin="lower", aspect="auto", extent=(0.0, seconds, 0.0, 1.0), cmap="magma", vmin=-1.5, vmax=2.0)
        below.set(yticks=[], xlabel="seconds", ylabel=heard_range(config, sample_rate))
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=100, metadata={"Software": None})
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def heard_range(config: FrontEndConfig, sample_rate: int) -> str:
    """`30 Hz to 20 kHz`: what a picture shows of a recording at that rate."""
    highest = min(config.high_hz, HIGHEST_SHARE * sample_rate)
    return f"{config.low_hz:g} Hz to {highest / 1000:.3g} kHz"


def _faded(audio: Audio) -> Audio:
    samples = min(int(FADE_SECONDS * PAGE_RATE), audio.shape[1] // 2)
    ramp = np.linspace(0.0, 1.0, samples, dtype=np.float32)
    faded = audio.astype(np.float32)
    faded[:, :samples] *= ramp
    faded[:, faded.shape[1] - samples :] *= ramp[::-1]
    return faded
