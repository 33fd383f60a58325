"""The part of a model's card that tells of its effects: which it heard, where each comes from, and which build it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HEAD = "| effect | in training | where it comes from | build |\n| --- | --- | --- | --- |\n"
NOTE = (
    "A build is a hash of the effect's program and of its table of knobs. Another build of the same name may sound otherwise: "
    "the model has not heard it.\n"
)


def effects_section(card: Mapping[str, Any], metadata: Mapping[str, Any]) -> list[str]:
    """A line for each effect of the sweep; nothing of a card that does not tell their builds.

    Args:
        card: `effects` (name, source, backend, knobs) and `effect_builds` (hash by name).
        metadata: `trained_effects` and `held_out_effects`.
    """
    builds: Mapping[str, str] = card.get("effect_builds", {})
    if not builds:
        return []
    sources = {one["name"]: _source(one) for one in card.get("effects", ())}
    lines = [f"| {name} | {_heard(name, metadata)} | {sources.get(name, '')} | `{build}` |\n" for name, build in builds.items()]
    return ["## Effects\n", HEAD + "".join(lines) + "\n" + NOTE]


def _source(choice: Mapping[str, Any]) -> str:
    """Where it comes from, and what of its knobs was set otherwise."""
    plain = choice["source"] == choice["name"]
    knobs = ", ".join(f"{name}: {setting}" for name, setting in choice.get("knobs", ()))
    return (f"{choice['backend']}" if plain else str(choice["source"])) + (f" ({knobs})" if knobs else "")


def _heard(name: str, metadata: Mapping[str, Any]) -> str:
    return "heard" if name in metadata["trained_effects"] else "held out" if name in metadata["held_out_effects"] else "no"
