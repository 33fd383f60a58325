"""What an installed LV2 plugin says of itself in its Turtle files: its library, its ports, what it needs of a host.

The vocabulary is that of the LV2 specification (https://lv2plug.in/ns/lv2core and its extensions). The bundle's
manifest and the files that it names for the plugin are read; nothing is loaded, so reading is safe and quick.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import RDFS

from trainables.effects.lv2.bundles import LV2, find_bundle, local_path, read_turtle
from trainables.effects.lv2.features import OFFERED
from trainables.effects.lv2.ports import PortDescription, describe_ports
from trainables.errors import InputError

DOAP = Namespace("http://usefulinc.com/ns/doap#")
HOSTED_KINDS = ("audio", "control", "cv", "event")


@dataclass(frozen=True)
class PluginDescription:
    """One plugin.

    Attributes:
        uri: its name for machines.
        title: its name for people.
        bundle: the folder that it is installed in.
        library: the file with its code.
        texts: its Turtle files.
        ports: in the order of their numbers.
        required: URIs of the features that it cannot do without.
    """

    uri: str
    title: str
    bundle: Path
    library: Path
    texts: tuple[Path, ...]
    ports: tuple[PortDescription, ...]
    required: tuple[str, ...]

    def build(self) -> str:
        """Hash of its code and of its Turtle files."""
        content = hashlib.sha256()
        for path in (self.library, *self.texts):
            content.update(hashlib.sha256(path.read_bytes()).digest())
        return content.hexdigest()


def describe(uri: str) -> PluginDescription:
    """The installed plugin of this URI.

    Raises:
        InputError: it is not installed, its files are unreadable, or it names no library.
    """
    return describe_within(*find_bundle(uri), uri)


def describe_within(bundle: Path, manifest: Graph, uri: str) -> PluginDescription:
    """The plugin of this URI in a bundle whose manifest has been read.

    Raises:
        InputError: its files are unreadable, or it names no library.
    """
    plugin = URIRef(uri)
    named = (local_path(node) for node in manifest.objects(plugin, RDFS.seeAlso))
    texts = sorted(path for path in named if path is not None and path.is_file())
    graph = Graph()
    for said in (manifest, *map(read_turtle, texts)):
        graph += said
    library = local_path(graph.value(plugin, LV2.binary))
    if library is None or not library.is_file():
        raise InputError(f"LV2 plugin '{uri}' in {bundle}", "names no library that is there.", "Install it again.")
    title = graph.value(plugin, DOAP.name) or uri
    required = tuple(sorted(map(str, graph.objects(plugin, LV2.requiredFeature))))
    ports = describe_ports(graph, plugin)
    return PluginDescription(uri, str(title), bundle, library, (bundle / "manifest.ttl", *texts), ports, required)


def why_not_hosted(plugin: PluginDescription) -> str:
    """What stands in the way of hosting a plugin as an effect: a rule that it breaks, or nothing."""
    lacking = [feature for feature in plugin.required if feature not in OFFERED]
    if lacking:
        return f"needs what this host does not offer: {', '.join(lacking)}."
    foreign = [port.symbol for port in plugin.ports if port.kind not in HOSTED_KINDS and not port.optional]
    if foreign:
        return f"has ports that are neither audio nor control: {', '.join(foreign)}."
    if not any(port.kind == "audio" and port.is_input for port in plugin.ports):
        return "has no audio input: it is an instrument, not an effect."
    if not any(port.kind == "audio" and not port.is_input for port in plugin.ports):
        return "has no audio output: it measures, and is no effect."
    return ""
