"""Any installed LV2 plugin as an effect, hosted in a process of its own."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from rdflib import Graph

from trainables.audio import Audio
from trainables.effects.effect import BLOCK_SAMPLES, Effect
from trainables.effects.isolation.foreign import ForeignPlugin, foreign_effect
from trainables.effects.isolation.isolated import Hosted, introduce, render_isolated
from trainables.effects.lv2.bundles import plugins_in, readable_bundles
from trainables.effects.lv2.calls import Ports
from trainables.effects.lv2.controls import Control, controls_of
from trainables.effects.lv2.description import describe, describe_within, why_not_hosted
from trainables.effects.lv2.ports import PortDescription, PortKind
from trainables.errors import InputError
from trainables.parameters import Settings

MAIN_CHANNELS = 2


@dataclass(frozen=True)
class Controlled:
    """How takes are asked of a plugin with these control ports: a `Connect`."""

    controls: tuple[Control, ...]

    def __call__(self, hosted: Hosted) -> _Process:
        return _Process(hosted, self.controls)


@dataclass(frozen=True)
class _Process:
    hosted: Hosted
    controls: tuple[Control, ...]

    def __call__(self, dry: Audio, sample_rate: int, settings: Settings, *, block_samples: int = BLOCK_SAMPLES) -> Audio:
        controls = [control.at_port(settings, sample_rate) for control in self.controls]
        return render_isolated(self.hosted, dry, sample_rate, {"controls": controls}, block_samples)


def load_lv2(uri: str) -> Effect:
    """The installed plugin of this URI.

    Raises:
        InputError: it is not installed, is no effect, needs what is not offered, or cannot be rendered reliably.
    """
    plugin, hosted, controlled = host_lv2(uri)
    introduce(hosted)
    return foreign_effect(plugin, (hosted,), controlled)


def host_lv2(uri: str) -> tuple[ForeignPlugin, Hosted, Controlled]:
    """What a plugin is, where it would be hosted, and how it would be asked for takes; nothing is started yet.

    Raises:
        InputError: it is not installed, is no effect, or needs what is not offered.
    """
    plugin = describe(uri)
    if reason := why_not_hosted(plugin):
        raise InputError(f"LV2 plugin '{uri}'", reason, "Choose another plugin.")
    controls, ports = controls_of(plugin.ports), ports_of(plugin.ports)
    specification = {"kind": "lv2", "library": str(plugin.library), "uri": uri, "ports": asdict(ports)}
    parameters = tuple(control.parameter for control in controls if control.parameter is not None)
    channels = max(len(ports.inputs), len(ports.outputs))
    foreign = ForeignPlugin(plugin.title, "lv2", parameters, plugin.build(), channels)
    return foreign, Hosted(f"lv2:{uri}", json.dumps(specification)), Controlled(controls)


def installed_lv2() -> list[tuple[str, str, str]]:
    """(URI, title, why it cannot be used or "") of every installed plugin, by URI."""
    found: dict[str, tuple[str, str]] = {}
    for bundle, manifest in readable_bundles():
        for uri in plugins_in(manifest):
            found.setdefault(uri, _listed(bundle, manifest, uri))
    return [(uri, *listed) for uri, listed in sorted(found.items())]


def ports_of(ports: tuple[PortDescription, ...]) -> Ports:
    """Which ports are connected to what. At most two audio ports either way are main ones, and no side chain is."""
    inputs, outputs = _numbers(ports, "audio", True), _numbers(ports, "audio", False)
    side_chains = {port.index for port in ports if port.side_chain}
    main = tuple(port for port in inputs if port not in side_chains)[:MAIN_CHANNELS] or inputs[:MAIN_CHANNELS]
    return Ports(
        controls=_numbers(ports, "control", True),
        inputs=main,
        outputs=outputs[:MAIN_CHANNELS],
        silent=tuple(port for port in inputs if port not in main) + _numbers(ports, "cv", True),
        unheard=outputs[MAIN_CHANNELS:] + _numbers(ports, "cv", False),
        meters=_numbers(ports, "control", False),
        events_in=_numbers(ports, "event", True),
        events_out=_numbers(ports, "event", False),
        unconnected=tuple(port.index for port in ports if port.kind == "other"),
    )


def _numbers(ports: tuple[PortDescription, ...], kind: PortKind, is_input: bool) -> tuple[int, ...]:
    return tuple(port.index for port in ports if port.kind == kind and port.is_input == is_input)


def _listed(bundle: Path, manifest: Graph, uri: str) -> tuple[str, str]:
    try:
        plugin = describe_within(bundle, manifest, uri)
    except InputError as error:
        return "", error.rule
    return plugin.title, why_not_hosted(plugin)
