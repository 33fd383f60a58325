"""The knobs of the pedalboard backend's nine effects, in physical units."""

from __future__ import annotations

from dataclasses import replace

from trainables.effects.native.knobs import CAPPED, DAMPING, Table, decibels, hertz, milliseconds, ratio, share
from trainables.parameters import Parameter


def _level() -> Parameter:
    """Only the level: lost when clips are brought to equal level, hence frozen."""
    return Parameter("output_db", -20.0, 20.0, 0.0, "dB", frozen=True, meaning="output level")


TABLES = (
    Table(
        "multiband",
        "Multiband compressor",
        (
            hertz("low_crossover_hz", 60.0, 500.0, 200.0, "crossover of low and mid bands"),
            hertz("high_crossover_hz", 1500.0, 8000.0, 3000.0, f"crossover of mid and high bands, {CAPPED}"),
            decibels("low_threshold_db", -50.0, 0.0, -30.0, "level above which the low band is compressed"),
            decibels("mid_threshold_db", -50.0, 0.0, -30.0, "level above which the mid band is compressed"),
            decibels("high_threshold_db", -50.0, 0.0, -30.0, "level above which the high band is compressed"),
            ratio("ratio", 1.5, 20.0, 4.0, "compression ratio of all bands"),
            milliseconds("attack_ms", 0.1, 100.0, 5.0, "time until all but 0.2 % of a rise is followed"),
            milliseconds("release_ms", 10.0, 1000.0, 100.0, "time until all but 0.2 % of a fall is followed"),
            decibels("low_gain_db", -12.0, 12.0, 0.0, "level of the low band"),
            decibels("mid_gain_db", -12.0, 12.0, 0.0, "level of the mid band"),
            decibels("high_gain_db", -12.0, 12.0, 0.0, "level of the high band"),
        ),
    ),
    Table(
        "overdrive",
        "Overdrive",
        (
            decibels("drive_db", 0.0, 40.0, 20.0, "gain before the hyperbolic tangent"),
            hertz("tone_hz", 500.0, 16000.0, 6000.0, f"low-pass after it, first order, {CAPPED}"),
            _level(),
        ),
    ),
    Table(
        "ambience",
        "Reverb",
        (
            share("room_size", 0.5, "how long it rings: 0 short, 1 longest"),
            replace(share("damping", 0.5, DAMPING), rate_dependent=True),
            share("mix", 0.33, "reverb in the mix; none at 0"),
            Parameter("width", 0.0, 1.0, 1.0, frozen=True, meaning="stereo width; in mono only the level of the reverb"),
        ),
    ),
    Table(
        "delay",
        "Delay",
        (
            milliseconds("delay_ms", 10.0, 700.0, 250.0, "time of the echo, on both channels"),
            share("feedback", 0.4, "level of each echo against the one before", high=0.9),
            share("mix", 0.5, "echoes in the mix; none at 0"),
        ),
    ),
    Table(
        "flanger",
        "Flanger",
        (
            hertz("rate_hz", 0.05, 5.0, 0.5, "rate of the sweep"),
            share("depth", 0.5, "depth of the sweep"),
            milliseconds("delay_ms", 1.0, 5.0, 1.5, "delay around which it sweeps"),
            share("feedback", 0.3, "feedback, with its sign", low=-0.9, high=0.9),
            share("mix", 0.5, "delayed signal in the mix; none at 0"),
        ),
    ),
    Table(
        "limiter",
        "Limiter",
        (
            decibels("threshold_db", -40.0, 0.0, -16.0, "no sample passes this level"),
            milliseconds("release_ms", 5.0, 500.0, 100.0, "release time"),
            milliseconds("lookahead_ms", 0.2, 20.0, 5.0, "how far ahead of a peak it sets in"),
            _level(),
        ),
    ),
    Table(
        "leslie",
        "Rotary speaker",
        (
            hertz("rate_hz", 0.5, 8.0, 6.0, "turns a second of the horn; the drum is a sixth slower"),
            share("drum_depth", 0.5, "vibrato below the crossover"),
            share("horn_depth", 0.5, "vibrato above the crossover"),
            hertz("crossover_hz", 300.0, 1500.0, 800.0, "crossover of drum and horn"),
            share("mix", 0.5, "share of the turning sound", low=0.1),
        ),
    ),
    Table(
        "combo",
        "Amplifier and speaker",
        (
            decibels("drive_db", 0.0, 40.0, 20.0, "gain before the hyperbolic tangent"),
            hertz("highpass_hz", 40.0, 400.0, 100.0, "high-pass before the distortion"),
            hertz("lowpass_hz", 1500.0, 12000.0, 5000.0, f"low-pass after the speaker, {CAPPED}"),
            share("cabinet", 1.0, "share of the speaker's impulse response"),
            _level(),
        ),
    ),
    Table(
        "loudness",
        "Bass shelf",
        (
            decibels("gain_db", -18.0, 18.0, 9.0, "gain below the cutoff; flat at 0"),
            hertz("cutoff_hz", 40.0, 400.0, 150.0, "where the shelf ends"),
            ratio("q", 0.4, 1.2, 0.7071, "steepness of the shelf"),
        ),
    ),
)
