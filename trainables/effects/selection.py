"""Which effects a sweep uses, where each comes from, and which of its knobs the user has set otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from trainables.digests import digest
from trainables.effects.effect import Effect
from trainables.effects.names import EFFECT_NAMES
from trainables.errors import InputError, nearest
from trainables.parameters import Parameter

KnobSetting = float | tuple[float, float] | Literal["free"]
"""A fixed value, the lowest and highest value that are drawn, or a frozen knob set free."""


@dataclass(frozen=True)
class EffectChoice:
    """One effect of a sweep.

    Attributes:
        name: what the sweep calls it.
        source: where it comes from (see sources.py).
        backend: whose effects plain names in the source mean: "mda" or "pedalboard".
        knobs: parameters that are drawn otherwise than the effect itself says, by name.
    """

    name: str
    source: str
    backend: str
    knobs: tuple[tuple[str, KnobSetting], ...] = ()


def nine(backend: str) -> tuple[EffectChoice, ...]:
    """The nine effects of a resolved backend, as they are."""
    return tuple(EffectChoice(name, name, backend) for name in EFFECT_NAMES)


def load_choice(choice: EffectChoice) -> Effect:
    """The effect, under the sweep's name for it and with its knobs set.

    Raises:
        InputError: its source cannot be loaded, or a knob does not exist or cannot be set so.
    """
    from trainables.effects.sources import load_effect

    effect = load_effect(choice.source, choice.backend)
    return replace(adjusted(effect, dict(choice.knobs)), name=choice.name)


def adjusted(effect: Effect, knobs: Mapping[str, KnobSetting]) -> Effect:
    """The effect with some knobs fixed, freed or narrowed; its identity tells."""
    if not knobs:
        return effect
    known = {p.name: p for p in effect.parameters}
    for name in knobs:
        if name not in known:
            raise InputError(f"knob '{name}'", f"is not a parameter of {effect.name}.", nearest(name, known))
    parameters = tuple(_set(p, knobs[p.name]) if p.name in knobs else p for p in effect.parameters)
    drawn = [{k: v for k, v in asdict(p).items() if k in ("name", "low", "high", "default", "frozen")} for p in parameters]
    return replace(effect, parameters=parameters, identity=digest({"effect": effect.identity, "knobs": drawn}))


def _set(parameter: Parameter, setting: KnobSetting) -> Parameter:
    if setting == "free":
        return replace(parameter, frozen=False)
    if isinstance(setting, tuple):
        low, high = sorted(parameter.check(end) for end in setting)
        if low == high:
            return replace(parameter, default=low, frozen=True)
        return replace(parameter, low=low, high=high, default=min(max(parameter.default, low), high), frozen=False)
    return replace(parameter, default=parameter.check(float(setting)), frozen=True)


def load_choices(choices: Sequence[EffectChoice]) -> dict[str, Effect]:
    """Every effect of a sweep by its name there, in the sweep's order."""
    return {choice.name: load_choice(choice) for choice in choices}
