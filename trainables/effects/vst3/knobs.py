"""The parameters of a loaded VST3 plugin as ours, with physical values where its own texts tell them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainables.effects.knob_names import each_once, snake_case
from trainables.effects.vst3.curves import Curve, choices_curve, number_curve
from trainables.parameters import Parameter

MOST_STEPS = 200  # of a staircase; above, a range is as good as continuous
# What plugins made with DPF show of themselves: their host's block length and sample rate, and presets, which turn other knobs.
NOT_KNOBS = ("buffer_size_frames", "sample_rate_frames", "current_program")


@dataclass(frozen=True)
class Knob:
    """One parameter.

    Attributes:
        parameter: as users see it.
        own_name: what pedalboard calls it.
        curve: between its raw and its physical values.
        may_be_meter: it cannot be automated: perhaps it shows something and is not there to be turned.
    """

    parameter: Parameter
    own_name: str
    curve: Curve
    may_be_meter: bool


def knobs_of(plugin: Any) -> dict[str, Knob]:
    """The knobs of a plugin that pedalboard has loaded, by name; without those that have one value only."""
    turnable = {name: told for name, told in plugin.parameters.items() if name not in NOT_KNOBS and len(told.ranges) > 1}
    names = each_once(snake_case(name) for name in turnable)
    return {name: _knob(name, *item) for name, item in zip(names, turnable.items(), strict=True)}


def _knob(name: str, own_name: str, told: Any) -> Knob:
    choices = _choices(told)
    steps = len(told.ranges) <= MOST_STEPS and told.num_steps <= MOST_STEPS
    curve = choices_curve(told.ranges) if told.type is not float else number_curve(told.ranges, steps or bool(choices))
    parameter = Parameter(
        name,
        curve.low,
        curve.high,
        min(max(curve.physical_at(told.raw_value), curve.low), curve.high),
        unit=(told.label or "").strip(),
        scale="log" if curve.is_logarithmic else "linear",
        kind="staircase" if curve.steps and not choices else _kind(choices),
        choices=choices,
        frozen=bool(choices),
        meaning=told.name,
    )
    return Knob(parameter, own_name, curve, not told.is_automatable)


def _kind(choices: tuple[str, ...]) -> Any:
    return "continuous" if not choices else "toggle" if len(choices) == 2 else "list"


def _choices(told: Any) -> tuple[str, ...]:
    """The texts of a parameter whose values are no numbers, and of one that is either on or off."""
    if told.type is bool or (told.type is float and list(told.ranges.values()) == [0.0, 1.0]):
        return ("off", "on")
    return tuple(map(str, told.ranges.values())) if told.type is str else ()
