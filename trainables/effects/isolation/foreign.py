"""Plugins of others as effects: what LV2 and VST3 have in common once a plugin can be rendered."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache, partial

from trainables.digests import digest
from trainables.effects.effect import BLOCK_SAMPLES, Effect, Process, identify
from trainables.effects.isolation.isolated import Hosted, stop
from trainables.effects.isolation.measurements import Measurement, keep, recall
from trainables.effects.isolation.probing import SLOW_SECONDS, idle_knobs, quickest_take_seconds
from trainables.effects.isolation.repeating import Fingerprints, usual_fingerprints
from trainables.effects.isolation.verified import Verified
from trainables.effects.knob_names import snake_case
from trainables.errors import InputError, TakeFailed
from trainables.parameters import Parameter

HOSTING = 1  # raise it when hosts give a plugin something else than before: its bytes may change then
MEASURING = 1  # raise it when something else is found of the same plugin: what was kept is then measured anew
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
    """What was kept of an earlier measurement, if the plugin's first host gives the same samples as then, or a new one.

    Raises:
        TakeFailed: the plugin hung, crashed or failed.
        InputError: it is too slow, or gives other bytes each time however it is hosted.
    """
    key = _key(plugin)
    kept = recall(key)
    if kept is not None and _holds(kept, plugin, ways, process_of):
        return kept
    measurement = _measure(plugin, ways, process_of)
    keep(key, measurement)
    return measurement


def _key(plugin: ForeignPlugin) -> str:
    """Digest of everything that a measurement depends on."""
    told = {**asdict(plugin), "meters": sorted(plugin.meters)}
    return digest({"plugin": told, "hosting": HOSTING, "measuring": MEASURING, "machine": platform.machine()})


def _holds(kept: Measurement, plugin: ForeignPlugin, ways: tuple[Hosted, ...], process_of: Connect) -> bool:
    if kept.way not in range(len(ways)) or len(kept.expected) != EXPECTED_TAKES:
        return False
    try:
        _verified(plugin, ways[kept.way], process_of, kept.expected).prove(most_hosts=1)
    except (TakeFailed, InputError):
        return False
    return True


def _measure(plugin: ForeignPlugin, ways: tuple[Hosted, ...], process_of: Connect) -> Measurement:
    _check_speed(plugin, ways[0], process_of)
    for way, hosted in enumerate(ways):
        usual = usual_fingerprints(process_of(hosted), plugin.parameters, partial(stop, hosted))
        if usual is not None:
            expected = usual[:EXPECTED_TAKES]
            idle = idle_knobs(_verified(plugin, hosted, process_of, expected), plugin.parameters, plugin.channels)
            frozen, left_out = idle.level | idle.nothing, plugin.meters & idle.nothing
            return Measurement(way, tuple(sorted(frozen)), tuple(sorted(left_out)), expected)
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
