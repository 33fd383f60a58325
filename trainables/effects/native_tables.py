"""The knobs of the pedalboard backend's nine effects, in physical units."""

from __future__ import annotations

from dataclasses import dataclass

from trainables.parameters import Parameter


@dataclass(frozen=True)
class Table:
    """An effect's name, its title and its knobs."""

    effect: str
    title: str
    parameters: tuple[Parameter, ...]


def _db(name: str, low: float, high: float, default: float, meaning: str) -> Parameter:
    return Parameter(name, low, high, default, "dB", meaning=meaning)


def _hz(name: str, low: float, high: float, default: float, meaning: str) -> Parameter:
    return Parameter(name, low, high, default, "Hz", "log", meaning=meaning)


def _ms(name: str, low: float, high: float, default: float, meaning: str) -> Parameter:
    return Parameter(name, low, high, default, "ms", "log", meaning=meaning)


def _share(name: str, default: float, meaning: str, low: float = 0.0, high: float = 1.0) -> Parameter:
    return Parameter(name, low, high, default, meaning=meaning)


def _level() -> Parameter:
    """Only the level: lost when clips are brought to equal level, hence frozen."""
    return Parameter("output_db", -20.0, 20.0, 0.0, "dB", frozen=True, meaning="output level")


_CAPPED = "at most 0.45 of the sample rate"
TABLES = (
    Table(
        "multiband",
        "Multiband compressor",
        (
            _hz("low_crossover_hz", 60.0, 500.0, 200.0, "crossover of low and mid bands"),
            _hz("high_crossover_hz", 1500.0, 8000.0, 3000.0, f"crossover of mid and high bands, {_CAPPED}"),
            _db("low_threshold_db", -50.0, 0.0, -30.0, "level above which the low band is compressed"),
            _db("mid_threshold_db", -50.0, 0.0, -30.0, "level above which the mid band is compressed"),
            _db("high_threshold_db", -50.0, 0.0, -30.0, "level above which the high band is compressed"),
            Parameter("ratio", 1.5, 20.0, 4.0, "", "log", meaning="compression ratio of all bands"),
            _ms("attack_ms", 0.1, 100.0, 5.0, "attack time of all bands"),
            _ms("release_ms", 10.0, 1000.0, 100.0, "release time of all bands"),
            _db("low_gain_db", -12.0, 12.0, 0.0, "level of the low band"),
            _db("mid_gain_db", -12.0, 12.0, 0.0, "level of the mid band"),
            _db("high_gain_db", -12.0, 12.0, 0.0, "level of the high band"),
        ),
    ),
    Table(
        "overdrive",
        "Overdrive",
        (
            _db("drive_db", 0.0, 40.0, 20.0, "gain before the hyperbolic tangent"),
            _hz("tone_hz", 500.0, 16000.0, 6000.0, f"low-pass after it, first order, {_CAPPED}"),
            _level(),
        ),
    ),
    Table(
        "ambience",
        "Reverb",
        (
            _share("room_size", 0.5, "how long it rings: 0 short, 1 longest"),
            _share("damping", 0.5, "damping of high frequencies"),
            _share("mix", 0.33, "reverb in the mix; none at 0"),
            Parameter("width", 0.0, 1.0, 1.0, frozen=True, meaning="stereo width; in mono only the level of the reverb"),
        ),
    ),
    Table(
        "delay",
        "Delay",
        (
            _ms("delay_ms", 10.0, 700.0, 250.0, "time of the echo, on both channels"),
            _share("feedback", 0.4, "level of each echo against the one before", high=0.9),
            _share("mix", 0.5, "echoes in the mix; none at 0"),
        ),
    ),
    Table(
        "flanger",
        "Flanger",
        (
            _hz("rate_hz", 0.05, 5.0, 0.5, "rate of the sweep"),
            _share("depth", 0.5, "depth of the sweep"),
            _ms("delay_ms", 1.0, 5.0, 1.5, "delay around which it sweeps"),
            _share("feedback", 0.3, "feedback, with its sign", low=-0.9, high=0.9),
            _share("mix", 0.5, "delayed signal in the mix; none at 0"),
        ),
    ),
    Table(
        "limiter",
        "Limiter",
        (
            _db("threshold_db", -40.0, 0.0, -16.0, "no sample passes this level"),
            _ms("release_ms", 5.0, 500.0, 100.0, "release time"),
            _ms("lookahead_ms", 0.2, 20.0, 5.0, "how far ahead of a peak it sets in"),
            _level(),
        ),
    ),
    Table(
        "leslie",
        "Rotary speaker",
        (
            _hz("rate_hz", 0.5, 8.0, 6.0, "turns a second of the horn; the drum is a sixth slower"),
            _share("drum_depth", 0.5, "vibrato below the crossover"),
            _share("horn_depth", 0.5, "vibrato above the crossover"),
            _hz("crossover_hz", 300.0, 1500.0, 800.0, "crossover of drum and horn"),
            _share("mix", 0.5, "share of the turning sound", low=0.1),
        ),
    ),
    Table(
        "combo",
        "Amplifier and speaker",
        (
            _db("drive_db", 0.0, 40.0, 20.0, "gain before the hyperbolic tangent"),
            _hz("highpass_hz", 40.0, 400.0, 100.0, "high-pass before the distortion"),
            _hz("lowpass_hz", 1500.0, 12000.0, 5000.0, f"low-pass after the speaker, {_CAPPED}"),
            _share("cabinet", 1.0, "share of the speaker's impulse response"),
            _level(),
        ),
    ),
    Table(
        "loudness",
        "Bass shelf",
        (
            _db("gain_db", -18.0, 18.0, 9.0, "gain below the cutoff; flat at 0"),
            _hz("cutoff_hz", 40.0, 400.0, 150.0, "where the shelf ends"),
            Parameter("q", 0.4, 1.2, 0.7071, "", "log", meaning="steepness of the shelf"),
        ),
    ),
)
