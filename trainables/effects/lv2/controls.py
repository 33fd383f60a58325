"""The control inputs of an LV2 plugin as our parameters, and what their values are at the ports."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from trainables.effects.knob_names import each_once, snake_case
from trainables.effects.lv2.ports import PortDescription
from trainables.parameters import Parameter, Settings


@dataclass(frozen=True)
class Control:
    """One control port.

    Attributes:
        index: its number.
        fixed: its default, and its value if it has no parameter.
        parameter: what a user sees of it; None if it has no range to turn it in.
        allowed: the only values that it may have, beside its default; () if it may have any.
        of_sample_rate: the port is given the parameter's value times the sample rate.
    """

    index: int
    fixed: float
    parameter: Parameter | None = None
    allowed: tuple[float, ...] = ()
    of_sample_rate: bool = False

    def at_port(self, settings: Settings, sample_rate: int) -> float:
        """The value that the port is given under these settings."""
        value = self.fixed if self.parameter is None else settings[self.parameter.name]
        if value != self.fixed and self.parameter is not None:
            value = self._nearest(value, self.parameter.kind)
        return value * sample_rate if self.of_sample_rate else value

    def _nearest(self, value: float, kind: str) -> float:
        if self.allowed:
            return min(self.allowed, key=lambda allowed: abs(allowed - value))
        return float(round(value)) if kind == "staircase" else value


def controls_of(ports: Iterable[PortDescription]) -> tuple[Control, ...]:
    """Every control input, in the order of their numbers."""
    inputs = [port for port in ports if port.kind == "control" and port.is_input]
    names = each_once(snake_case(port.symbol) for port in inputs)
    return tuple(_control(port, name) for port, name in zip(inputs, names, strict=True))


def _control(port: PortDescription, name: str) -> Control:
    low, high = _range(port)
    scale: Literal["linear", "log"] = "log" if port.logarithmic and 0 < low < high else "linear"
    default = _default(port, low, high, scale)
    if not low < high:
        return Control(port.index, default, of_sample_rate=port.of_sample_rate)
    kind, allowed = _kind(port, low, high)
    parameter = Parameter(
        name,
        low,
        high,
        default,
        unit="of the sample rate" if port.of_sample_rate else port.unit,
        scale=scale if kind == "continuous" else "linear",
        kind=kind,
        choices=_choices(port, kind, allowed),
        frozen=kind in ("list", "toggle"),
        meaning=_meaning(port, kind),
    )
    return Control(port.index, default, parameter, allowed, port.of_sample_rate)


def _range(port: PortDescription) -> tuple[float, float]:
    """Where nothing is declared, 0 to 1, widened so that the default lies within."""
    if port.enumeration and len(port.points) > 1:
        return port.points[0][0], port.points[-1][0]
    default = port.default if math.isfinite(port.default) else 0.0
    low = port.low if math.isfinite(port.low) else min(0.0, default)
    high = port.high if math.isfinite(port.high) else max(1.0, default)
    return min(low, high), max(low, high)


def _default(port: PortDescription, low: float, high: float, scale: str) -> float:
    """The declared one; else off, or the middle of the range."""
    if math.isfinite(port.default):
        return min(max(port.default, low), high)
    if port.toggled or port.enumeration:
        return low
    middle = math.sqrt(low * high) if scale == "log" else (low + high) / 2
    return float(round(middle)) if port.integer else middle


def _kind(
    port: PortDescription, low: float, high: float
) -> tuple[Literal["continuous", "list", "toggle", "staircase"], tuple[float, ...]]:
    if port.toggled:
        return "toggle", (low, high)
    if port.enumeration and len(port.points) > 1:
        values = tuple(value for value, _ in port.points)
        return ("list" if len(values) > 2 else "toggle"), values
    if port.integer or port.enumeration:
        return ("staircase", ()) if high - low > 1 else ("toggle", (low, high))
    return "continuous", ()


def _choices(port: PortDescription, kind: str, allowed: tuple[float, ...]) -> tuple[str, ...]:
    labels = dict(port.points)
    if allowed and all(labels.get(value) for value in allowed):
        return tuple(labels[value] for value in allowed)
    return ("off", "on") if kind == "toggle" else ()


def _meaning(port: PortDescription, kind: str) -> str:
    """Its name, its comment, and the values of a list, which need not be evenly spread."""
    values = ", ".join(f"{value:g} {label}" for value, label in port.points) if kind == "list" else ""
    return ": ".join(part for part in (port.name, port.comment, values) if part)
