"""Units of LV2 controls, as people write them (https://lv2plug.in/ns/extensions/units)."""

from __future__ import annotations

from rdflib import Graph, Namespace
from rdflib.term import Node

UNITS = Namespace("http://lv2plug.in/ns/extensions/units#")
WRITTEN = {
    "bar": "bars",
    "beat": "beats",
    "bpm": "bpm",
    "cent": "cents",
    "coef": "",
    "db": "dB",
    "degree": "degrees",
    "frame": "samples",
    "hz": "Hz",
    "khz": "kHz",
    "mhz": "MHz",
    "min": "minutes",
    "ms": "ms",
    "oct": "octaves",
    "pc": "%",
    "s": "s",
    "semitone12TET": "semitones",
}


def unit_of(graph: Graph, port: Node) -> str:
    """The unit of a port, or "": a known one, else the symbol that the plugin gives for its own."""
    unit = graph.value(port, UNITS.unit)
    if unit is None:
        return ""
    known = str(unit).removeprefix(str(UNITS))
    own = graph.value(unit, UNITS.symbol)
    return WRITTEN.get(known, str(own) if own is not None else "")
