"""The effects for people and for programs: `fxsweep effects`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich.markup import escape
from rich.table import Table

from trainables.effects import Effect
from trainables.errors import nearest
from trainables.parameters import Parameter
from tune.errors import InvalidInput


def chosen_effects(effects: Mapping[str, Effect], name: str | None) -> list[Effect]:
    """All of them, or the one named."""
    if name is None:
        return list(effects.values())
    if name not in effects:
        raise InvalidInput(f"effect '{name}': there is no such effect. {nearest(name, effects)}")
    return [effects[name]]


def effect_table(backend: str, effects: Sequence[Effect]) -> Table:
    table = Table(title=f"Effects of the backend {backend}", title_justify="left")
    for heading in ("name", "effect", "parameters (those in brackets stay at their default unless set)"):
        table.add_column(heading)
    for effect in effects:
        names = ", ".join(f"({p.name})" if p.frozen else p.name for p in effect.parameters)
        table.add_row(effect.name, effect.title, names)
    return table


def parameter_table(effect: Effect) -> Table:
    table = Table(title=f"{effect.name}: {effect.title} ({effect.backend})", title_justify="left")
    for heading in ("parameter", "range", "default", "unit", "scale", "kind", "meaning"):
        table.add_column(heading)
    for p in effect.parameters:
        kind = f"{p.kind}{', frozen' if p.frozen else ''}"
        table.add_row(p.name, f"{p.low:g} to {p.high:g}", f"{p.default:g}", p.unit, p.scale, kind, _meaning(p))
    return table


def _meaning(parameter: Parameter) -> str:
    choices = f" [{', '.join(parameter.choices)}]" if parameter.choices else ""
    return escape(parameter.meaning + choices)


def effects_json(backend: str, effects: Sequence[Effect]) -> dict[str, Any]:
    listed = [
        {"name": e.name, "title": e.title, "identity": e.identity, "parameters": [asdict(p) for p in e.parameters]}
        for e in effects
    ]
    return {"backend": backend, "effects": listed}
