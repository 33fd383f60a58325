"""Plugins of others as effects: what LV2 and VST3 have in common once a plugin can be rendered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from trainables.effects.effect import BLOCK_SAMPLES, Effect, Process, identify
from trainables.effects.isolation.isolated import Hosted, stop
from trainables.effects.isolation.probing import SLOW_SECONDS, idle_knobs, quickest_take_seconds
from trainables.effects.isolation.repeating import Fingerprints, usual_fingerprints
from trainables.effects.isolation.verified import Verified
from trainables.effects.knob_names import snake_case
from trainables.errors import InputError, TakeFailed
from trainables.parameters import Parameter

HOSTING = 1  # raise it when hosts give a plugin something else than before: its bytes may change then
EXPECTED_TAKES = 2  # mono and stereo, at two sample rates

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


@dataclass(frozen=True)
class Measurement:
    """What was found of a plugin when it was rendered.

    Attributes:
        way: which of the ways to host it is used.
        frozen: names of knobs that teach nothing.
        left_out: names of those that are no knobs at all.
        expected: fingerprints of the first trial takes, by which its hosts prove themselves.
    """

    way: int
    frozen: frozenset[str]
    left_out: frozenset[str]
    expected: Fingerprints

    def knobs(self, told: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
        """The parameters of the effect, of those that the plugin tells."""
        return tuple(replace(p, frozen=p.frozen or p.name in self.frozen) for p in told if p.name not in self.left_out)


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
        measurement = measured(plugin, ways, process_of)
    except TakeFailed as failure:
        remedy = "Leave it out, or install another build of it."
        raise InputError(ways[0].name, f"cannot render: {failure.detail}", remedy) from failure
    parameters = measurement.knobs(plugin.parameters)
    identity = identify(plugin.backend, f"{plugin.build} {HOSTING} {measurement.way}", parameters, BLOCK_SAMPLES)
    process = _verified(plugin, ways[measurement.way], process_of, measurement.expected)
    return Effect(snake_case(plugin.title), plugin.title, plugin.backend, parameters, identity, process)


@lru_cache(maxsize=64)
def measured(plugin: ForeignPlugin, ways: tuple[Hosted, ...], process_of: Connect) -> Measurement:
    _check_speed(plugin, ways[0], process_of)
    for way, hosted in enumerate(ways):
        usual = usual_fingerprints(process_of(hosted), plugin.parameters, partial(stop, hosted))
        if usual is not None:
            expected = usual[:EXPECTED_TAKES]
            idle = idle_knobs(_verified(plugin, hosted, process_of, expected), plugin.parameters, plugin.channels)
            return Measurement(way, idle.level | idle.nothing, plugin.meters & idle.nothing, expected)
        stop(hosted)
    rule = "gives other samples each time for the same settings, so that no take could be rendered again."
    raise InputError(ways[0].name, rule, "Leave it out of the sweep.")


def _verified(plugin: ForeignPlugin, hosted: Hosted, process_of: Connect, expected: Fingerprints) -> Verified:
    return Verified(process_of(hosted), hosted, plugin.parameters, expected)


def _check_speed(plugin: ForeignPlugin, hosted: Hosted, process_of: Connect) -> None:
    seconds = quickest_take_seconds(process_of(hosted), plugin.parameters)
    if seconds > SLOW_SECONDS:
        stop(hosted)
        rule = f"needs {seconds:.1f} s for the shortest take: too slow for the thousands that a sweep renders."
        raise InputError(hosted.name, rule, "Leave it out, or take a quicker one like it.")
