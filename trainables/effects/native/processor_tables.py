"""The knobs of pedalboard's single processors, named as it names them; the ranges are ours, for it declares none."""

from __future__ import annotations

from dataclasses import replace

from trainables.effects.native.knobs import CAPPED, DAMPING, Table, choice, decibels, hertz, milliseconds, ratio, share
from trainables.parameters import Parameter

LADDER_MODES = ("LPF12", "HPF12", "BPF12", "LPF24", "HPF24", "BPF24")
RESAMPLERS = (
    *("ZeroOrderHold", "Linear", "CatmullRom", "Lagrange", "WindowedSinc", "WindowedSinc256"),
    *("WindowedSinc128", "WindowedSinc64", "WindowedSinc32", "WindowedSinc16", "WindowedSinc8"),
)


def _filter(name: str, title: str, *more: Parameter, low_hz: float, high_hz: float, default_hz: float) -> Table:
    cutoff = hertz("cutoff_frequency_hz", low_hz, high_hz, default_hz, f"cutoff, or centre of a peak; {CAPPED}")
    return Table(name, title, (cutoff, *more))


def _dynamics(name: str, title: str, threshold: Parameter, ratio_default: float, ratio_meaning: str) -> Table:
    times = (
        milliseconds("attack_ms", 0.1, 100.0, 1.0, "time until all but 0.2 % of a rise is followed"),
        milliseconds("release_ms", 10.0, 1000.0, 100.0, "the same of a fall"),
    )
    return Table(name, title, (threshold, ratio("ratio", 1.5, 20.0, ratio_default, ratio_meaning), *times))


def _modulation(name: str, title: str, depth: Parameter, centre: Parameter) -> Table:
    knobs = (
        hertz("rate_hz", 0.05, 10.0, 1.0, "rate of the sweep"),
        depth,
        centre,
        share("feedback", 0.0, "feedback, with its sign", low=-0.9, high=0.9),
        share("mix", 0.5, "processed signal in the mix; none at 0"),
    )
    return Table(name, title, knobs)


_PHASER_DEPTH = replace(
    share("depth", 0.5, "depth of the sweep, as a share of what lies between 20 Hz and 20 kHz or 0.49 of the sample rate"),
    rate_dependent=True,
)
_GAIN = decibels("gain_db", -18.0, 18.0, 9.0, "gain of the lifted or cut part; flat at 0")
_STEEPNESS = ratio("q", 0.4, 1.2, 0.7071, "steepness of the shelf")
_RESAMPLER = "interpolation, from the plainest to the cleanest"
TABLES = (
    Table("bitcrush", "Bit crusher", (Parameter("bit_depth", 3.0, 12.0, 6.0, "bits", meaning="steps of 2 to the minus this"),)),
    _modulation(
        "chorus",
        "Chorus",
        share("depth", 0.5, "depth of the sweep"),
        milliseconds("centre_delay_ms", 1.0, 40.0, 7.0, "delay around which it sweeps"),
    ),
    Table("clipping", "Hard clipping", (decibels("threshold_db", -40.0, 0.0, -20.0, "what is beyond this level is cut off"),)),
    _dynamics("compressor", "Compressor", decibels("threshold_db", -50.0, 0.0, -24.0, "compresses above it"), 4.0, "compression"),
    Table("distortion", "Distortion", (decibels("drive_db", 0.0, 40.0, 25.0, "gain before the hyperbolic tangent"),)),
    Table(
        "gain",
        "Gain",
        (
            Parameter(
                "gain_db", -60.0, 24.0, 0.0, "dB", frozen=True, meaning="only the level: free it to drive what comes after it"
            ),
        ),
    ),
    Table("gsm", "GSM telephone", (choice("quality", 10, RESAMPLERS, _RESAMPLER),)),
    _filter("high_shelf", "High shelf", _GAIN, _STEEPNESS, low_hz=500.0, high_hz=16000.0, default_hz=4000.0),
    _filter("highpass", "High-pass, 6 dB an octave", low_hz=20.0, high_hz=8000.0, default_hz=500.0),
    Table(
        "ladder",
        "Ladder filter",
        (
            choice("mode", 0, LADDER_MODES, "low, high or band pass, 12 or 24 dB an octave"),
            hertz("cutoff_hz", 50.0, 16000.0, 1000.0, f"cutoff, {CAPPED}"),
            share("resonance", 0.3, "resonance at the cutoff", high=0.95),
            ratio("drive", 1.0, 20.0, 1.0, "gain before its saturation"),
        ),
    ),
    _filter("low_shelf", "Low shelf", _GAIN, _STEEPNESS, low_hz=40.0, high_hz=2000.0, default_hz=250.0),
    _filter("lowpass", "Low-pass, 6 dB an octave", low_hz=100.0, high_hz=16000.0, default_hz=2000.0),
    Table(
        "mp3",
        "MP3 coding",
        (
            Parameter(
                "vbr_quality", 0.0, 9.5, 7.0, meaning="LAME's scale of variable bit rates: 0 is best; cuts off at full scale"
            ),
        ),
    ),
    _dynamics("noise_gate", "Noise gate", decibels("threshold_db", -60.0, -10.0, -30.0, "fades below it"), 10.0, "expansion"),
    _filter(
        "peak_filter",
        "Peak filter",
        _GAIN,
        ratio("q", 0.3, 8.0, 0.7071, "centre over bandwidth"),
        low_hz=40.0,
        high_hz=16000.0,
        default_hz=1000.0,
    ),
    _modulation(
        "phaser", "Phaser", _PHASER_DEPTH, hertz("centre_frequency_hz", 100.0, 8000.0, 1300.0, "frequency around which it sweeps")
    ),
    Table(
        "pitch_shift",
        "Pitch shift",
        (Parameter("semitones", -12.0, 12.0, 4.0, "semitones", meaning="up, or down; pure tones warble"),),
    ),
    Table(
        "resample",
        "Resampling",
        (
            hertz("target_sample_rate", 1000.0, 32000.0, 8000.0, "sample rate in between; at most that of the audio"),
            choice("quality", 8, RESAMPLERS, _RESAMPLER),
        ),
    ),
    Table(
        "reverb",
        "Plain reverb",
        (
            share("room_size", 0.5, "how long it rings: 0 short, 1 longest"),
            replace(share("damping", 0.5, DAMPING), rate_dependent=True),
            share("wet_level", 0.33, "level of the reverb: 3 at 1", low=0.05),
            share("dry_level", 0.4, "level of the dry signal: 2 at 1"),
            Parameter("width", 0.0, 1.0, 1.0, frozen=True, meaning="stereo width; in mono only the level of the reverb"),
        ),
    ),
)
