"""Render plans of effects that are never rendered, for tests of what only counts, names and keeps blocks."""

from __future__ import annotations

from dataclasses import replace

from trainables.configs import FrontEndConfig
from trainables.effects.names import EFFECT_NAMES
from trainables.effects.selection import EffectChoice
from trainables.rendering.takes import PlannedEffect, RenderPlan


def made_up_plan(**changes: object) -> RenderPlan:
    effects = tuple(PlannedEffect(EffectChoice(name, name, "mda"), "a") for name in EFFECT_NAMES)
    plan = RenderPlan("corpus", 16000, 8192, 1, 0, effects, FrontEndConfig(bands=32))
    return replace(plan, **changes)  # type: ignore[arg-type]


def with_build(plan: RenderPlan, effect: str, identity: str) -> RenderPlan:
    """The plan as if another build of one effect were installed."""
    return replace(plan, effects=tuple(replace(e, identity=identity) if e.choice.name == effect else e for e in plan.effects))
