"""Which effects others have too, and the settings at which each does nearly the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Number = float | int


@dataclass(frozen=True)
class Shared:
    """An effect of ours and what is nearest to it.

    Attributes:
        source: of ours, with its backend.
        settings: of ours; what is not named keeps its default.
        transform: class of audiomentations, or "".
        arguments: of its constructor.
        sox: words of its command line, or none.
        notes: by peer, what differs, or why we are slower.
    """

    source: str
    settings: Mapping[str, float]
    transform: str = ""
    arguments: Mapping[str, Number | str] = field(default_factory=dict)
    sox: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)


def _fixed(**values: Number) -> dict[str, Number | str]:
    """Arguments that leave a random transform no choice: `bit_depth=6` is min_bit_depth=6 and max_bit_depth=6."""
    return {f"{end}_{name}": value for name, value in values.items() for end in ("min", "max")}


ONE_CALL = {"audiomentations": "a single numpy call; ours checks both clips and flushes denormals"}
TANH = "ours takes a precise tanh of each sample in turn, numpy's of many at once; theirs also levels the clip"
LIMITER = "theirs follows peaks with one decaying envelope, and lets some pass; ours holds them"
CUBIC = "a clipped cubic, not a tanh"
RESAMPLE = "ours interpolates each sample by itself with a windowed sinc, sox filters in stages"
CUTOFF = {"cutoff_frequency_hz": 1000.0}
SHELF = {"cutoff_frequency_hz": 250.0, "gain_db": 9.0}
SHARED = (
    Shared("pedalboard:lowpass", CUTOFF, "LowPassFilter", _fixed(cutoff_freq=1000.0, rolloff=6), ("lowpass", "-1", "1000")),
    Shared("pedalboard:highpass", CUTOFF, "HighPassFilter", _fixed(cutoff_freq=1000.0, rolloff=6), ("highpass", "-1", "1000")),
    Shared(
        "pedalboard:low_shelf",
        SHELF,
        "LowShelfFilter",
        _fixed(center_freq=250.0, gain_db=9.0, q=0.7071),
        ("bass", "9", "250", "0.7071q"),
    ),
    Shared(
        "pedalboard:high_shelf",
        {"cutoff_frequency_hz": 4000.0, "gain_db": 9.0},
        "HighShelfFilter",
        _fixed(center_freq=4000.0, gain_db=9.0, q=0.7071),
        ("treble", "9", "4000", "0.7071q"),
    ),
    Shared(
        "pedalboard:peak_filter",
        {"cutoff_frequency_hz": 1000.0, "gain_db": 9.0, "q": 2.0},
        "PeakingFilter",
        _fixed(center_freq=1000.0, gain_db=9.0, q=2.0),
        ("equalizer", "1000", "2q", "9"),
    ),
    Shared("pedalboard:gain", {"gain_db": -6.0}, "Gain", _fixed(gain_db=-6.0), ("gain", "-6"), notes=ONE_CALL),
    Shared("pedalboard:clipping", {"threshold_db": -20.0}, "Clip", {"a_min": -0.1, "a_max": 0.1}, notes=ONE_CALL),
    Shared("pedalboard:bitcrush", {"bit_depth": 6.0}, "BitCrush", _fixed(bit_depth=7), notes=ONE_CALL),
    Shared(
        "pedalboard:distortion",
        {"drive_db": 20.0},
        "TanhDistortion",
        _fixed(distortion=0.5),
        ("overdrive", "20", "0"),
        notes={"audiomentations": TANH, "sox": CUBIC, "sox, long file": CUBIC},
    ),
    Shared(
        "mda:overdrive",
        {"drive": 0.5},
        "TanhDistortion",
        _fixed(distortion=0.5),
        ("overdrive", "20", "0"),
        notes={
            "audiomentations": "mda has two channels: a mono clip is rendered twice",
            "sox": CUBIC,
            "sox, long file": CUBIC,
        },
    ),
    Shared(
        "pedalboard:limiter",
        {},
        "Limiter",
        _fixed(threshold_db=-16.0, attack=0.005, release=0.1) | {"threshold_mode": "absolute"},
        notes={"audiomentations": LIMITER},
    ),
    Shared(
        "mda:limiter",
        {},
        "Limiter",
        _fixed(threshold_db=-16.0, attack=0.005, release=0.1) | {"threshold_mode": "absolute"},
        notes={"audiomentations": "mda has two channels: a mono clip is rendered twice"},
    ),
    Shared("pedalboard:compressor", {}, sox=("compand", "0.001,0.1", "-24,-24,0,-18")),
    Shared("pedalboard:noise_gate", {}, sox=("compand", "0.001,0.1", "-60,-330,-30,-30,0,0")),
    Shared(
        "pedalboard:multiband",
        {},
        sox=("mcompand", "0.005,0.1 -30,-30,0,-22.5", "200", "0.005,0.1 -30,-30,0,-22.5", "3000", "0.005,0.1 -30,-30,0,-22.5"),
    ),
    Shared("pedalboard:reverb", {}, sox=("reverb",)),
    Shared("mda:ambience", {}, sox=("reverb",)),
    Shared("pedalboard:delay", {}, sox=("echo", "1", "0.5", "250", "0.5")),
    Shared("mda:delay", {}, sox=("echo", "1", "0.5", "250", "0.5")),
    Shared(
        "pedalboard:chorus",
        {},
        sox=("chorus", "0.7", "0.9", "20", "0.4", "1", "2", "-s"),
        notes={"sox, long file": "as fast: both read one modulated delay line"},
    ),
    Shared("pedalboard:flanger", {}, sox=("flanger",)),
    Shared("mda:flanger", {}, sox=("flanger",)),
    Shared(
        "pedalboard:phaser",
        {},
        sox=("phaser", "0.8", "0.74", "3", "0.4", "1", "-s"),
        notes={"sox, long file": "ours sweeps six all-pass stages, sox one delay line"},
    ),
    Shared(
        "pedalboard:pitch_shift",
        {"semitones": 4.0},
        "PitchShift",
        _fixed(semitones=4.0),
        ("pitch", "400"),
        notes={
            "audiomentations": "Rubber Band against Signalsmith Stretch",
            "sox": "Rubber Band against overlap-add",
            "sox, long file": "Rubber Band against overlap-add",
        },
    ),
    Shared("pedalboard:resample", {}, sox=("rate", "8000", "rate", "44100"), notes={"sox": RESAMPLE, "sox, long file": RESAMPLE}),
    Shared(
        "pedalboard:resample",
        {"quality": 1.0},
        "Aliasing",
        _fixed(sample_rate=8000),
        notes={"audiomentations": "both by linear interpolation"},
    ),
    Shared(
        "pedalboard:mp3",
        {"vbr_quality": 7.0},
        "Mp3Compression",
        _fixed(bitrate=64) | {"preserve_delay": True},
        notes={"audiomentations": "variable bit rate by LAME against a constant 64 kbit/s"},
    ),
)
