"""Where LV2 plugins are installed, and which bundle holds which: only each bundle's manifest is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import unquote, urlparse

from rdflib import RDF, Graph, Namespace, URIRef

from trainables.effects.lv2.folders import folders, search_path
from trainables.errors import InputError

LV2 = Namespace("http://lv2plug.in/ns/lv2core#")


def bundles() -> Iterator[Path]:
    """Every installed bundle, in the order of the search path."""
    for folder in folders():
        yield from sorted(bundle for bundle in folder.iterdir() if (bundle / "manifest.ttl").is_file())


def find_bundle(uri: str) -> tuple[Path, Graph]:
    """The first bundle that holds a plugin, and its manifest.

    Raises:
        InputError: it is not installed; named is the installed plugin whose URI is nearest.
    """
    ending = re.split(r"[/#:]", uri.rstrip("/#:"))[-1]
    for bundle in bundles():
        if ending in _text(bundle) and uri in plugins_in(manifest := read_turtle(bundle / "manifest.ttl")):
            return bundle, manifest
    raise InputError(f"LV2 plugin '{uri}'", f"is not installed in {search_path()}.", _nearest(uri))


def readable_bundles() -> Iterator[tuple[Path, Graph]]:
    """Every installed bundle and its manifest; bundles that cannot be read are left out."""
    for bundle in bundles():
        with suppress(InputError):
            yield bundle, read_turtle(bundle / "manifest.ttl")


def installed_uris() -> tuple[str, ...]:
    """The URIs of all installed plugins."""
    return tuple(dict.fromkeys(uri for _, manifest in readable_bundles() for uri in plugins_in(manifest)))


def _nearest(uri: str) -> str:
    """At most three names: hundreds may be installed."""
    installed = installed_uris()
    close = get_close_matches(uri, installed, n=3, cutoff=0.5)
    if close:
        return f"Nearest of those that are: {', '.join(close)}."
    return (
        f"Install its package; {len(installed)} other plugins are there." if installed else "No LV2 plugin is installed at all."
    )


def plugins_in(manifest: Graph) -> tuple[str, ...]:
    return tuple(sorted(str(subject) for subject in manifest.subjects(RDF.type, LV2.Plugin) if isinstance(subject, URIRef)))


def read_turtle(path: Path) -> Graph:
    """What a Turtle file says.

    Raises:
        InputError: it is missing or is no Turtle.
    """
    try:
        return Graph().parse(data=path.read_bytes(), format="turtle", publicID=path.absolute().as_uri())
    except Exception as error:  # the parser has no exception of its own for what it cannot read
        first_line = str(error).strip().partition("\n")[0]
        raise InputError(f"LV2 file {path}", f"cannot be read: {first_line}.", "Install the plugin again.") from error


def local_path(node: object) -> Path | None:
    """The file that a node names, or None if it names none on this machine."""
    address = urlparse(str(node)) if isinstance(node, URIRef) else None
    return Path(unquote(address.path)) if address and address.scheme == "file" else None


def _text(bundle: Path) -> str:
    return (bundle / "manifest.ttl").read_text(encoding="utf-8", errors="replace")
