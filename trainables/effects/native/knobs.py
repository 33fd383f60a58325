"""Shorthand for tables of knobs in physical units."""

from __future__ import annotations

from dataclasses import dataclass

from trainables.parameters import Parameter

CAPPED = "at most 0.45 of the sample rate"
DAMPING = "damping of high frequencies, a low-pass counted in samples"


@dataclass(frozen=True)
class Table:
    """An effect's name, its title and its knobs."""

    effect: str
    title: str
    parameters: tuple[Parameter, ...]


def decibels(name: str, low: float, high: float, default: float, meaning: str) -> Parameter:
    return Parameter(name, low, high, default, "dB", meaning=meaning)


def hertz(name: str, low: float, high: float, default: float, meaning: str) -> Parameter:
    return Parameter(name, low, high, default, "Hz", "log", meaning=meaning)


def milliseconds(name: str, low: float, high: float, default: float, meaning: str) -> Parameter:
    return Parameter(name, low, high, default, "ms", "log", meaning=meaning)


def ratio(name: str, low: float, high: float, default: float, meaning: str) -> Parameter:
    return Parameter(name, low, high, default, "", "log", meaning=meaning)


def share(name: str, default: float, meaning: str, low: float = 0.0, high: float = 1.0) -> Parameter:
    return Parameter(name, low, high, default, meaning=meaning)


def choice(name: str, default: float, choices: tuple[str, ...], meaning: str) -> Parameter:
    """A list, numbered from 0: frozen, because its numbers mean no distance."""
    return Parameter(name, 0, len(choices) - 1, default, kind="list", choices=choices, frozen=True, meaning=meaning)
