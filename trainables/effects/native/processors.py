"""Pedalboard's own processors, each an effect by itself, beside the nine of native.py.

Left out: Delay, because the nine's `delay` is that and nothing more; BrickwallLimiter, because their `limiter` is that
and a frozen level; JUCE's Limiter, because it adds make-up gain and clips; Convolution, which needs a file; and Invert.
"""

from __future__ import annotations

from functools import partial

import pedalboard as pb

from trainables.effects.effect import Effect
from trainables.effects.native.boards import Build, audible, board_effect
from trainables.effects.native.processor_tables import LADDER_MODES, RESAMPLERS, TABLES
from trainables.errors import InputError
from trainables.parameters import Settings

MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
MP3_CEILING_DB = 40.0  # its encoder ends the process when samples are some 100 dB above full scale


def load() -> dict[str, Effect]:
    """Every single processor by name, in alphabetical order; backend "pedalboard"."""
    return {table.effect: board_effect(table, _BUILDS[table.effect]) for table in TABLES}


def _plain(kind: type[pb.Plugin], settings: Settings, sample_rate: int) -> list[pb.Plugin]:
    return [kind(**settings)]


def _filter(kind: type[pb.Plugin], settings: Settings, sample_rate: int) -> list[pb.Plugin]:
    cutoff_hz = audible(settings["cutoff_frequency_hz"], sample_rate)
    return [kind(**{**settings, "cutoff_frequency_hz": cutoff_hz})]


def _phaser(settings: Settings, sample_rate: int) -> list[pb.Plugin]:
    centre_hz = audible(settings["centre_frequency_hz"], sample_rate)
    return [pb.Phaser(**{**settings, "centre_frequency_hz": centre_hz})]


def _ladder(settings: Settings, sample_rate: int) -> list[pb.Plugin]:
    mode = pb.LadderFilter.Mode.__members__[LADDER_MODES[round(settings["mode"])]]
    cutoff_hz = audible(settings["cutoff_hz"], sample_rate)
    return [pb.LadderFilter(mode, cutoff_hz, settings["resonance"], settings["drive"])]


def _gsm(settings: Settings, sample_rate: int) -> list[pb.Plugin]:
    return [pb.GSMFullRateCompressor(_resampler(settings))]


def _resample(settings: Settings, sample_rate: int) -> list[pb.Plugin]:
    return [pb.Resample(min(settings["target_sample_rate"], sample_rate), _resampler(settings))]


def _mp3(settings: Settings, sample_rate: int) -> list[pb.Plugin]:
    if sample_rate not in MP3_RATES:
        known = ", ".join(map(str, MP3_RATES))
        raise InputError(f"mp3 at {sample_rate} Hz", f"knows only {known}.", "Set audio.sample_rate to one of these.")
    return [pb.Clipping(MP3_CEILING_DB), pb.MP3Compressor(settings["vbr_quality"])]


def _resampler(settings: Settings) -> pb.Resample.Quality:
    return pb.Resample.Quality.__members__[RESAMPLERS[round(settings["quality"])]]


_BUILDS: dict[str, Build] = {
    "bitcrush": partial(_plain, pb.Bitcrush),
    "chorus": partial(_plain, pb.Chorus),
    "clipping": partial(_plain, pb.Clipping),
    "compressor": partial(_plain, pb.Compressor),
    "distortion": partial(_plain, pb.Distortion),
    "gain": partial(_plain, pb.Gain),
    "gsm": _gsm,
    "high_shelf": partial(_filter, pb.HighShelfFilter),
    "highpass": partial(_filter, pb.HighpassFilter),
    "ladder": _ladder,
    "low_shelf": partial(_filter, pb.LowShelfFilter),
    "lowpass": partial(_filter, pb.LowpassFilter),
    "mp3": _mp3,
    "noise_gate": partial(_plain, pb.NoiseGate),
    "peak_filter": partial(_filter, pb.PeakFilter),
    "phaser": _phaser,
    "pitch_shift": partial(_plain, pb.PitchShift),
    "resample": _resample,
    "reverb": partial(_plain, pb.Reverb),
}
