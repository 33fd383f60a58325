"""The nine effects composed of pedalboard's own processors: the nearest counterparts, with no system package.

Every range here is ours, because pedalboard declares none: inside them nothing turns non-finite at any sample
rate from 8 to 192 kHz. What they are not: the flanger does not pass through zero delay, the rotary speaker has
vibrato but no tremolo.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
import pedalboard as pb

from trainables.audio import Audio
from trainables.effects.effect import Effect
from trainables.effects.native.boards import HIGHEST_CUTOFF, Build, audible, board_effect
from trainables.effects.native.nine_tables import TABLES
from trainables.parameters import Settings


def load() -> dict[str, Effect]:
    """The nine effects by name."""
    return {table.effect: board_effect(table, _BUILDS[table.effect]) for table in TABLES}


def _multiband(s: Settings, sample_rate: int) -> list[pb.Plugin]:
    low, high = s["low_crossover_hz"], audible(s["high_crossover_hz"], sample_rate)

    def compressed(band: str, filters: list[pb.Plugin]) -> pb.Pedalboard:
        compressor = pb.Compressor(s[f"{band}_threshold_db"], s["ratio"], s["attack_ms"], s["release_ms"])
        return pb.Pedalboard([*filters, compressor, pb.Gain(s[f"{band}_gain_db"])])

    below, above = partial(_twice, pb.LowpassFilter), partial(_twice, pb.HighpassFilter)
    bands = {"low": below(low), "mid": above(low) + below(high), "high": above(high)}
    return [pb.Mix([compressed(band, filters) for band, filters in bands.items()])]


def _overdrive(s: Settings, sample_rate: int) -> list[pb.Plugin]:
    return [pb.Distortion(s["drive_db"]), pb.LowpassFilter(audible(s["tone_hz"], sample_rate)), pb.Gain(s["output_db"])]


def _ambience(s: Settings, sample_rate: int) -> list[pb.Plugin]:
    """JUCE doubles the dry level itself, so that half of it is unity."""
    mix = s["mix"]
    return [pb.Reverb(s["room_size"], s["damping"], wet_level=mix, dry_level=0.5 * (1.0 - mix), width=s["width"])]


def _delay(s: Settings, sample_rate: int) -> list[pb.Plugin]:
    return [pb.Delay(s["delay_ms"] / 1000.0, s["feedback"], s["mix"])]


def _flanger(s: Settings, sample_rate: int) -> list[pb.Plugin]:
    return [pb.Chorus(s["rate_hz"], s["depth"], s["delay_ms"], s["feedback"], s["mix"])]


def _limiter(s: Settings, sample_rate: int) -> list[pb.Plugin]:
    limiter = pb.BrickwallLimiter(s["threshold_db"], s["release_ms"], s["lookahead_ms"])
    return [limiter, pb.Gain(s["output_db"])]


def _leslie(s: Settings, sample_rate: int) -> list[pb.Plugin]:
    """Two rotors: below the crossover a drum, slower by a sixth, above it a horn."""
    rate_hz, crossover_hz = s["rate_hz"], s["crossover_hz"]
    drum = [*_twice(pb.LowpassFilter, crossover_hz), pb.Chorus(rate_hz * 5 / 6, s["drum_depth"], 4.0, 0.0, s["mix"])]
    horn = [*_twice(pb.HighpassFilter, crossover_hz), pb.Chorus(rate_hz, s["horn_depth"], 2.0, 0.0, s["mix"])]
    return [pb.Mix([pb.Pedalboard(drum), pb.Pedalboard(horn)])]


def _combo(s: Settings, sample_rate: int) -> list[pb.Plugin]:
    return [
        pb.HighpassFilter(s["highpass_hz"]),
        pb.Distortion(s["drive_db"]),
        pb.Convolution(cabinet(sample_rate), s["cabinet"], sample_rate),
        pb.LowpassFilter(audible(s["lowpass_hz"], sample_rate)),
        pb.Gain(s["output_db"]),
    ]


def _loudness(s: Settings, sample_rate: int) -> list[pb.Plugin]:
    return [pb.LowShelfFilter(s["cutoff_hz"], s["gain_db"], s["q"])]


@lru_cache(maxsize=8)
def cabinet(sample_rate: int) -> Audio:
    """Impulse response of a made-up loudspeaker cabinet: (1, 50 ms) float32, the same sound at every sample rate.

    Forty resonances between 80 Hz and 5 kHz, the higher the shorter; their pitches and signs come from a fixed seed.
    """
    random = np.random.default_rng(412)
    frequencies_hz = 80.0 * (5000.0 / 80.0) ** np.sort(random.random(40))
    weights = random.choice([-1.0, 1.0], 40) * (frequencies_hz < HIGHEST_CUTOFF * sample_rate)
    seconds = np.arange(int(0.05 * sample_rate)) / sample_rate
    decays = np.exp(-np.outer(60.0 + 0.6 * frequencies_hz, seconds))
    response = weights @ (decays * np.sin(2.0 * np.pi * np.outer(frequencies_hz, seconds)))
    normalised: Audio = (response / np.abs(response).max()).astype(np.float32)[None]
    return normalised


def _twice(kind: Callable[[float], pb.Plugin], cutoff_hz: float) -> list[pb.Plugin]:
    return [kind(cutoff_hz), kind(cutoff_hz)]


_BUILDS: dict[str, Build] = {
    "multiband": _multiband,
    "overdrive": _overdrive,
    "ambience": _ambience,
    "delay": _delay,
    "flanger": _flanger,
    "limiter": _limiter,
    "leslie": _leslie,
    "combo": _combo,
    "loudness": _loudness,
}
