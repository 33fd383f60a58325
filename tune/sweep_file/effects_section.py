"""The `effects` section of a sweep file: which effects take part, and how their knobs are drawn."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from trainables.effects.names import DRY, EFFECT_NAMES
from trainables.effects.selection import EffectChoice, KnobSetting
from trainables.errors import nearest
from tune.space.splits import NOTHING_HELD_OUT
from tune.sweep_file.forms import short
from tune.sweep_file.problems import Problem
from tune.sweep_file.section import Section, problems_error

ADDED_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
TAKEN = (*EFFECT_NAMES, DRY, NOTHING_HELD_OUT)


def _check_used(names: tuple[str, ...]) -> tuple[str, ...]:
    problems = [Problem((place,), name, *_why_not(name, names)) for place, name in enumerate(names) if _why_not(name, names)]
    if problems:
        raise problems_error(tuple(problems))
    return names


def _why_not(name: str, names: tuple[str, ...]) -> tuple[str, str] | tuple[()]:
    if name not in EFFECT_NAMES:
        return "This is not one of the nine effects.", f"{nearest(name, EFFECT_NAMES)} Others are named under effects.add."
    return ("An effect is used once.", "Name it once.") if names.count(name) > 1 else ()


def _check_added(added: dict[str, Any]) -> dict[str, str]:
    problems = [Problem((name,), *problem) for name, source in added.items() if (problem := _added_problem(name, source))]
    if problems:
        raise problems_error(tuple(problems))
    return added


def _added_problem(name: str, source: Any) -> tuple[str, str, str] | None:
    if name in TAKEN:
        return name, "This name is taken.", "Give the effect another one."
    if not ADDED_NAME.fullmatch(name):
        return name, "An effect's name is 1 to 40 small letters, digits and _, and begins with a letter.", "Rename it."
    if not isinstance(source, str) or not source.strip():
        return short(source), "An effect comes from one source, as text.", "For instance 'overdrive > delay' or 'lv2:URI'."
    return None


def _check_knobs(knobs: dict[str, Any]) -> dict[str, KnobSetting]:
    problems = [Problem((knob,), *_setting_problem(setting)) for knob, setting in knobs.items() if not _is_setting(setting)]
    if problems:
        raise problems_error(tuple(problems))
    return {knob: tuple(setting) if isinstance(setting, list) else setting for knob, setting in knobs.items()}


def _is_setting(setting: Any) -> bool:
    ends = setting if isinstance(setting, list | tuple) else [setting]
    return setting == "free" or (len(ends) == (2 if ends is setting else 1) and all(map(_is_number, ends)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _setting_problem(setting: Any) -> tuple[str, str, str]:
    rule = "A knob is set to a number, to a range, or to free."
    return short(setting), rule, "For instance 0.5, [0.2, 0.8], or free for one that is frozen by itself."


class Effects(Section):
    """The effects of the sweep. `backend: auto`: the mda plugins where they are installed, else pedalboard's own.

    `use` names those of the nine that take part. `add` gives names to others: an installed plugin (`lv2:URI`,
    `vst3:PATH`), one of pedalboard's processors (`pedalboard:phaser`), or a chain (`overdrive > delay`).
    `knobs` maps `effect.parameter` to a fixed value, to `[low, high]`, or to `free` where it is frozen by itself.
    """

    backend: Literal["auto", "mda", "pedalboard"] = "auto"
    use: Annotated[tuple[str, ...], AfterValidator(_check_used)] = EFFECT_NAMES
    add: Annotated[dict[str, Any], AfterValidator(_check_added)] = Field(default_factory=dict)
    knobs: Annotated[dict[str, Any], AfterValidator(_check_knobs)] = Field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All effects of the sweep: those of the nine in their order, then the added ones."""
        return (*(name for name in EFFECT_NAMES if name in self.use), *self.add)

    def choices(self, backend: str) -> tuple[EffectChoice, ...]:
        """The effects, with sources and knobs, of a resolved backend."""
        return tuple(EffectChoice(name, self.add.get(name, name), backend, self._knobs_of(name)) for name in self.names)

    def _knobs_of(self, effect: str) -> tuple[tuple[str, KnobSetting], ...]:
        own = {knob.partition("."): setting for knob, setting in self.knobs.items()}
        return tuple(sorted((parameter, setting) for (name, _, parameter), setting in own.items() if name == effect))

    @model_validator(mode="after")
    def _consistent(self) -> Effects:
        problems = tuple(_effect_problems(self))
        if problems:
            raise problems_error(problems)
        return self


def _effect_problems(effects: Effects) -> Iterator[Problem]:
    for knob in effects.knobs:
        effect, _, parameter = knob.partition(".")
        if effect not in effects.names:
            rule = "A knob is written effect.parameter, with an effect of the sweep."
            yield Problem(("knobs", knob), effect, rule, nearest(effect, effects.names))
        elif not parameter:
            yield Problem(("knobs", knob), knob, "A knob is written effect.parameter.", f"See `fxsweep effects {effect}`.")
    if not effects.names:
        rule = "A sweep needs effects to train on."
        yield Problem(("use",), str(len(effects.names)), rule, f"The nine are {', '.join(EFFECT_NAMES)}.")
