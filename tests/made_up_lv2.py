"""LV2 bundles for tests, written as Turtle; their libraries are empty files, or real ones."""

import shutil

HEAD = """@prefix lv2: <http://lv2plug.in/ns/lv2core#> .
@prefix doap: <http://usefulinc.com/ns/doap#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix atom: <http://lv2plug.in/ns/ext/atom#> .
@prefix pprops: <http://lv2plug.in/ns/ext/port-props#> .
@prefix units: <http://lv2plug.in/ns/extensions/units#> .
@prefix pg: <http://lv2plug.in/ns/ext/port-groups#> .
@prefix mine: <urn:mine:> .
"""

AUDIO_IN = 'a lv2:InputPort, lv2:AudioPort ; lv2:symbol "in"'
AUDIO_OUT = 'a lv2:OutputPort, lv2:AudioPort ; lv2:symbol "out"'
CONTROL = 'a lv2:InputPort, lv2:ControlPort ; lv2:symbol "{}" ; lv2:name "{}"'


def control(symbol, rest="", name="Knob"):
    return f"{CONTROL.format(symbol, name)} ; {rest}" if rest else CONTROL.format(symbol, name)


def bundle(folder, *ports, uri="urn:mine:one", more="", library=None, more_manifest=""):
    """A bundle in `folder` with one plugin, whose ports are given as Turtle without their numbers."""
    place = folder / "made_up.lv2"
    place.mkdir(parents=True, exist_ok=True)
    shutil.copy(library, place / "one.so") if library else (place / "one.so").touch()
    manifest = f"{HEAD}<{uri}> a lv2:Plugin ; lv2:binary <one.so> ; rdfs:seeAlso <one.ttl> .\n{more_manifest}"
    (place / "manifest.ttl").write_text(manifest)
    numbered = " , ".join(f"[ lv2:index {index} ; {port} ]" for index, port in enumerate(ports))
    lines = f'<{uri}> a lv2:Plugin ; doap:name "Made up" ; lv2:port {numbered} .\n' if ports else ""
    (place / "one.ttl").write_text(f"{HEAD}{lines}{more}")
    return place
