"""Plugins of others as effects: what LV2 and VST3 have in common once a plugin can be rendered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from trainables.effects.effect import BLOCK_SAMPLES, Effect, Process, identify
from trainables.effects.isolation.isolated import Hosted, stop
from trainables.effects.isolation.probing import SLOW_SECONDS, idle_knobs, quickest_take_seconds, repeats_itself
from trainables.effects.knob_names import snake_case
from trainables.errors import InputError, TakeFailed
from trainables.parameters import Parameter

HOSTING = 1  # raise it when hosts give a plugin something else than before: its bytes may change then

Connect = Callable[[Hosted], Process]
"""How takes are asked of a hosted plugin."""


@dataclass(frozen=True)
class ForeignPlugin:
    """A plugin that can be rendered.

    Attributes:
        title: for people.
        backend: "lv2" or "vst3".
        parameters: its knobs, as it tells them.
        build: hash of its files and of what hosts it.
        channels: how many it treats at a time: 1 of a mono plugin, else 2.
        meters: names of knobs that may be there to be read only; one that changes nothing is left out.
    """

    title: str
    backend: str
    parameters: tuple[Parameter, ...]
    build: str
    channels: int
    meters: frozenset[str] = frozenset()


def foreign_effect(plugin: ForeignPlugin, ways: tuple[Hosted, ...], process_of: Connect) -> Effect:
    """The effect, measured: with knobs that only change the level frozen.

    Args:
        plugin: what to render.
        ways: how it can be hosted, the best first; used is the first that always gives the same bytes.
        process_of: how a host is asked for takes.

    Raises:
        InputError: it crashes or hangs, or gives other bytes each time however it is hosted.
    """
    try:
        hosted, parameters = _measured(plugin, ways, process_of)
    except TakeFailed as failure:
        remedy = "Leave it out, or install another build of it."
        raise InputError(ways[0].name, f"cannot render: {failure.detail}", remedy) from failure
    identity = identify(plugin.backend, f"{plugin.build} {HOSTING} {ways.index(hosted)}", parameters, BLOCK_SAMPLES)
    return Effect(snake_case(plugin.title), plugin.title, plugin.backend, parameters, identity, process_of(hosted))


@lru_cache(maxsize=64)
def _measured(plugin: ForeignPlugin, ways: tuple[Hosted, ...], process_of: Connect) -> tuple[Hosted, tuple[Parameter, ...]]:
    _check_speed(plugin, ways[0], process_of)
    hosted = next((way for way in ways if _is_reproducible(plugin, way, process_of)), None)
    if hosted is None:
        rule = "gives other samples each time for the same settings, so that no take could be rendered again."
        raise InputError(ways[0].name, rule, "Leave it out of the sweep.")
    process = process_of(hosted)
    idle = idle_knobs(process, plugin.parameters, plugin.channels)
    kept = (p for p in plugin.parameters if p.name not in plugin.meters & idle.nothing)
    frozen = idle.level | idle.nothing
    return hosted, tuple(replace(p, frozen=p.frozen or p.name in frozen) for p in kept)


def _check_speed(plugin: ForeignPlugin, hosted: Hosted, process_of: Connect) -> None:
    seconds = quickest_take_seconds(process_of(hosted), plugin.parameters)
    if seconds > SLOW_SECONDS:
        stop(hosted)
        rule = f"needs {seconds:.1f} s for the shortest take: too slow for the thousands that a sweep renders."
        raise InputError(hosted.name, rule, "Leave it out, or take a quicker one like it.")


def _is_reproducible(plugin: ForeignPlugin, hosted: Hosted, process_of: Connect) -> bool:
    def end_process() -> None:
        stop(hosted)

    same = repeats_itself(process_of(hosted), plugin.parameters, end_process)
    if not same:
        end_process()
    return same
