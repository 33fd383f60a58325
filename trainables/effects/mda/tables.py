"""Every control port of the nine mda plugins, in port order, as the plugins' own descriptions and sources have them.

One convention for all: a parameter is named like the port's symbol, runs from 0 to 1 as the port does, and
`meaning` tells what that range stands for. "Log" means that equal steps are equal ratios.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from trainables.parameters import Parameter


@dataclass(frozen=True)
class Plugin:
    """One plugin.

    Attributes:
        effect: its name here.
        name: its own name, which is that of its file and the end of its URI.
        title: for people.
        parameters: its control ports, in port order.
        primed_at_zero: controls to hold at 0 while a few silent samples go first. Delay leaves one word of its
            buffer uninitialised and reads it when a delay is at its longest; that word is written before it is
            read if the delays start out short.
    """

    effect: str
    name: str
    title: str
    parameters: tuple[Parameter, ...]
    primed_at_zero: tuple[str, ...] = ()


def _knob(symbol: str, default: float, meaning: str) -> Parameter:
    return Parameter(symbol, 0.0, 1.0, default, meaning=meaning)


def _per_sample(symbol: str, default: float, meaning: str) -> Parameter:
    """A knob whose plugin counts in samples: at twice the sample rate a time is half as long, a frequency twice as high."""
    return replace(_knob(symbol, default, meaning), rate_dependent=True)


def _list(symbol: str, default: float, choices: tuple[str, ...], meaning: str) -> Parameter:
    """An enumeration spread evenly over 0..1; frozen, because its values have no order that could be searched."""
    kind: Literal["toggle", "list"] = "toggle" if len(choices) == 2 else "list"
    return Parameter(symbol, 0.0, 1.0, default, kind=kind, choices=choices, frozen=True, meaning=meaning)


def _level(default: float, meaning: str = "output level, -20 to 20 dB") -> Parameter:
    """Only the level: lost when clips are brought to equal level, hence frozen."""
    return Parameter("output", 0.0, 1.0, default, frozen=True, meaning=meaning)


_MULTIBAND = Plugin(
    "multiband",
    "MultiBand",
    "Multiband compressor",
    (
        _list("listen", 1.0, ("low", "mid", "high", "output"), "which band is heard; all of them at 1"),
        _per_sample("l_m", 0.103, "crossover of low and mid bands, log, about 90 to 1000 Hz at 44.1 kHz, first order"),
        _per_sample("m_h", 0.878, "crossover of mid and high bands, log, about 0.7 to 20 kHz at 44.1 kHz, first order"),
        _knob("l_comp", 0.54, "compression of the low band, 0 to 30 dB"),
        _knob("m_comp", 0.0, "compression of the mid band, 0 to 30 dB"),
        _knob("h_comp", 0.6, "compression of the high band, 0 to 30 dB"),
        _knob("l_out", 0.45, "level of the low band, -20 to 20 dB"),
        _knob("m_out", 0.5, "level of the mid band, -20 to 20 dB"),
        _knob("h_out", 0.5, "level of the high band, -20 to 20 dB"),
        _per_sample("attack", 0.22, "attack time, log, in samples: 1 to 350 in the low band, less in the others"),
        _per_sample("release", 0.602, "release time, log, in samples: 100 to 300000 in the low band, less in the others"),
        replace(_knob("stereo", 0.55, "level of the side signal, 0 to 2; nothing to work on in mono"), frozen=True),
        _list("process", 0.0, ("mid", "side"), "which of mid and side is compressed; side is silence in mono"),
    ),
)
_OVERDRIVE = Plugin(
    "overdrive",
    "Overdrive",
    "Overdrive",
    (
        _knob("drive", 0.0, "from the plain signal to its square root, 0 to 100 %"),
        _per_sample("muffle", 0.0, "gentle low-pass, log: open at 0, about 180 Hz at 1 (44.1 kHz)"),
        _level(0.5),
    ),
)
_AMBIENCE = Plugin(
    "ambience",
    "Ambience",
    "Small-room reverb",
    (
        _per_sample("size", 0.7, "size of the room, 0 to 10 m; moves delays by whole samples"),
        _per_sample("hf_damp", 0.7, "damping of high frequencies, 0 to 100 %"),
        _knob("mix", 0.9, "reverb in the mix, 0 to 100 %; none at 0"),
        _level(0.5),
    ),
)
_DELAY = Plugin(
    "delay",
    "Delay",
    "Stereo delay",
    (
        _per_sample("l_delay", 0.5, "left delay: 32766 times its square, in samples (0 to 743 ms at 44.1 kHz)"),
        Parameter(
            "r_delay",
            0.0,
            1.0,
            0.27,
            kind="staircase",
            meaning="right delay over left: 4 times the value below 0.5, nine fixed ratios from 2 down to 0.5 above",
        ),
        _knob("feedback", 0.7, "feedback, 0 to 99 %"),
        _knob("fb_tone", 0.5, "filter in the feedback: low-pass below 0.5, none at 0.5, high-pass above"),
        _knob("fx_mix", 0.33, "echoes in the mix, 0 to 100 %; none at 0"),
        _level(0.5, "output level, linear in amplitude: silence at 0, 6 dB at 1"),
    ),
    primed_at_zero=("l_delay", "r_delay"),
)
_FLANGER = Plugin(
    "flanger",
    "ThruZero",
    "Through-zero flanger",
    (
        _knob("rate", 0.3, "rate of the sweep, log, 0.01 to 10 Hz; below 0.01 it stands still"),
        _per_sample("depth", 0.43, "depth of the sweep: 2000 times its square, in samples (0 to 45 ms at 44.1 kHz)"),
        _knob("mix", 0.47, "delayed signal in the mix, 0 to 100 %; none at 0"),
        _knob("feedback", 0.3, "feedback, -95 to 95 %, none at 0.5"),
        _knob("depth_mod", 1.0, "how much of the depth is swept; the rest is a constant delay"),
    ),
)
_LIMITER = Plugin(
    "limiter",
    "Limiter",
    "Limiter",
    (
        _knob("thresh", 0.6, "threshold, -40 to 0 dB"),
        _level(0.6),
        _per_sample("release", 0.5, "release time, log, 100 to 100000 samples"),
        _per_sample("attack", 0.15, "attack time, log, 1 to 100 samples"),
        _list("knee", 0.0, ("hard", "soft"), "how it sets in"),
    ),
)
_LESLIE = Plugin(
    "leslie",
    "Leslie",
    "Rotary speaker",
    (
        _list("mode", 1.0, ("stop", "slow", "fast"), "speed of the rotors"),
        _knob("lo_width", 0.5, "panning by the low rotor, 0 to 100 %, squared; cancels out in mono"),
        _knob("lo_throb", 0.6, "tremolo of the low rotor, 0 to 100 %, squared"),
        _knob("hi_width", 0.7, "panning by the high rotor, 0 to 100 %, squared; cancels out in mono"),
        _knob("hi_depth", 0.6, "vibrato of the high rotor, 0 to 100 %, squared"),
        _knob("hi_throb", 0.7, "tremolo of the high rotor, 0 to 100 %, squared"),
        _per_sample("x_over", 0.48, "crossover of the two rotors, about 150 to 1500 Hz at 44.1 kHz"),
        _level(0.5),
        _knob("speed", 0.5, "speed against that of the mode, 0 to 200 %"),
    ),
)
_COMBO = Plugin(
    "combo",
    "Combo",
    "Amplifier and speaker",
    (
        replace(
            _list(
                "model",
                1.0,
                ("direct", "speaker", "radio", "small close", "small far", "stack front", "stack side"),
                "which speaker; what its walls reflect is counted in samples",
            ),
            rate_dependent=True,
        ),
        _knob("drive", 0.5, "distortion: soft and stronger towards 0, hard and stronger towards 1, jumps at 0.5"),
        _knob("bias", 0.5, "asymmetry of the distortion, none at 0.5; the high-pass takes most of it away unless it is off"),
        _level(0.5),
        _list("stereo", 0.0, ("mono", "stereo"), "whether channels are mixed, or kept apart without the high-pass"),
        _per_sample("hpf_freq", 0.0, "high-pass before the distortion, 0 is off"),
        _knob("hpf_reso", 0.5, "resonance of that high-pass; nothing to work on while it is off"),
    ),
)
_LOUDNESS = Plugin(
    "loudness",
    "Loudness",
    "Loudness contour",
    (
        _knob("loudness", 0.7, "bass after the equal-loudness curves, -37 to 37 dB at 50 Hz, square law; flat at 0.5"),
        _level(0.5, "output level, -60 to 60 dB, square law around 0.5"),
        _list("link", 0.0, ("off", "on"), "whether the output level makes up for the curve"),
    ),
)
PLUGINS = (_MULTIBAND, _OVERDRIVE, _AMBIENCE, _DELAY, _FLANGER, _LIMITER, _LESLIE, _COMBO, _LOUDNESS)
