"""The ports of an LV2 plugin, and its control inputs as parameters with true ranges, defaults and units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from rdflib import RDF, Graph, Namespace
from rdflib.namespace import RDFS
from rdflib.term import Node

from trainables.effects.lv2.bundles import LV2
from trainables.effects.lv2.units import unit_of
from trainables.errors import InputError

ATOM = Namespace("http://lv2plug.in/ns/ext/atom#")
PORT_PROPERTIES = Namespace("http://lv2plug.in/ns/ext/port-props#")
PORT_GROUPS = Namespace("http://lv2plug.in/ns/ext/port-groups#")

PortKind = Literal["audio", "control", "cv", "event", "other"]
CLASSES: dict[Node, PortKind] = {LV2.AudioPort: "audio", LV2.ControlPort: "control", LV2.CVPort: "cv", ATOM.AtomPort: "event"}


@dataclass(frozen=True)
class PortDescription:
    """One port.

    Attributes:
        index, symbol, name, comment: as the plugin has them.
        kind: "event" is a port for atoms (notes, time); "other" is one of a kind that is not known here.
        is_input: else an output.
        optional: may be left unconnected.
        side_chain: an audio input beside the main ones.
        low, high, default: of a control, as declared; NaN where nothing is.
        logarithmic, toggled, integer, enumeration: how a control's range is meant.
        of_sample_rate: low and high are shares of the sample rate.
        points: (value, label) of the values that have names, by value.
        unit: for people.
    """

    index: int
    symbol: str
    name: str
    comment: str
    kind: PortKind
    is_input: bool
    optional: bool
    side_chain: bool
    low: float
    high: float
    default: float
    logarithmic: bool
    toggled: bool
    integer: bool
    enumeration: bool
    of_sample_rate: bool
    points: tuple[tuple[float, str], ...]
    unit: str


def describe_ports(graph: Graph, plugin: Node) -> tuple[PortDescription, ...]:
    """The ports of a plugin, in the order of their numbers.

    Raises:
        InputError: a port has no number.
    """
    try:
        return tuple(sorted((_describe(graph, port) for port in graph.objects(plugin, LV2.port)), key=lambda port: port.index))
    except ValueError as error:
        raise InputError(f"LV2 plugin '{plugin}'", "has a port without a number.", "Install it again.") from error


def _describe(graph: Graph, port: Node) -> PortDescription:
    classes, properties = set(graph.objects(port, RDF.type)), set(graph.objects(port, LV2.portProperty))
    symbol = str(graph.value(port, LV2.symbol) or "")
    return PortDescription(
        index=int(_number(graph, port, LV2["index"])),
        symbol=symbol,
        name=str(graph.value(port, LV2.name) or symbol),
        comment=" ".join(str(graph.value(port, RDFS.comment) or "").split()),
        kind=next((kind for port_class, kind in CLASSES.items() if port_class in classes), "other"),
        is_input=LV2.InputPort in classes,
        optional=LV2.connectionOptional in properties,
        side_chain=LV2.isSideChain in properties or ((port, PORT_GROUPS.group, None) in graph and _in_side_chain(graph, port)),
        low=_number(graph, port, LV2.minimum),
        high=_number(graph, port, LV2.maximum),
        default=_number(graph, port, LV2.default),
        logarithmic=PORT_PROPERTIES.logarithmic in properties,
        toggled=LV2.toggled in properties,
        integer=LV2.integer in properties,
        enumeration=LV2.enumeration in properties,
        of_sample_rate=LV2.sampleRate in properties,
        points=_points(graph, port),
        unit=unit_of(graph, port),
    )


def _in_side_chain(graph: Graph, port: Node) -> bool:
    """A group of inputs is a side chain if it says what it is the side chain of."""
    return any((group, PORT_GROUPS.sideChainOf, None) in graph for group in graph.objects(port, PORT_GROUPS.group))


def _points(graph: Graph, port: Node) -> tuple[tuple[float, str], ...]:
    points = graph.objects(port, LV2.scalePoint)
    found = {_number(graph, point, RDF.value): str(graph.value(point, RDFS.label) or "") for point in points}
    return tuple(sorted((value, label) for value, label in found.items() if math.isfinite(value)))


def _number(graph: Graph, subject: Node, predicate: Node) -> float:
    """A plain number; NaN if there is none."""
    try:
        return float(str(graph.value(subject, predicate)))
    except ValueError:
        return math.nan
