"""Lists of effects for people and for programs: `fxsweep effects`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from trainables.effects import Effect
from trainables.effects.measured.manifest import Manifest

MORE = (
    "Show one: fxsweep effects NAME. Effects of the other backend are mda:NAME and pedalboard:NAME; an installed plugin is\n"
    "lv2:URI (list them: fxsweep effects --installed) or vst3:PATH; 'A > B' is a chain."
)


def effect_table(title: str, effects: Iterable[Effect]) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("name", "effect", "knobs (those in brackets stay at their default unless freed)"):
        table.add_column(heading)
    for effect in effects:
        names = ", ".join(f"({p.name})" if p.frozen else p.name for p in effect.parameters)
        table.add_row(effect.name, effect.title, names)
    return table


def installed_table(plugins: Sequence[tuple[str, str, str]]) -> Table:
    """Of (URI, title, why it cannot be used or "")."""
    usable = sum(not reason for _, _, reason in plugins)
    title = f"{len(plugins)} LV2 plugins are installed, {usable} of them can be used"
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("source", no_wrap=True, overflow="fold")  # to be copied
    for heading in ("plugin", "can be used"):
        table.add_column(heading)
    for uri, name, reason in sorted(plugins, key=lambda plugin: (bool(plugin[2]), plugin)):
        table.add_row(*map(escape, (f"lv2:{uri}", name, f"no: {reason}" if reason else "yes")))
    return table


def installed_json(plugins: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    return {"lv2": [{"source": f"lv2:{uri}", "title": title, "usable": not why, "why": why} for uri, title, why in plugins]}


def effects_json(backend: str, effects: Iterable[Effect], manifests: Mapping[str, Manifest]) -> dict[str, Any]:
    """Every parameter, and what was measured, by effect; "measured" is null where nothing was."""
    return {"backend": backend, "effects": [_effect_json(effect, manifests.get(effect.name)) for effect in effects]}


def _effect_json(effect: Effect, manifest: Manifest | None) -> dict[str, Any]:
    measured = {"identity": manifest.identity, **asdict(manifest.measurement)} if manifest else None
    told = {"name": effect.name, "title": effect.title, "backend": effect.backend, "identity": effect.identity}
    return {**told, "parameters": [asdict(p) for p in effect.parameters], "measured": measured}
