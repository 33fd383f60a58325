"""An effect from its source, a line of text: one of the nine, a processor, an installed plugin, or a chain of them.

overdrive                    that effect of the sweep's backend
mda:delay  pedalboard:phaser of that backend; pedalboard has plain processors as well
lv2:URI                      an installed LV2 plugin
vst3:PATH  vst3:PATH#NAME    a VST3 plugin; by name where a file holds several
A > B > C                    one after another
"""

from __future__ import annotations

from collections.abc import Mapping

from trainables.effects import load_effects
from trainables.effects.effect import Effect
from trainables.errors import InputError, nearest

KINDS = ("lv2", "mda", "pedalboard", "vst3")
FORMS = "A source is the name of an effect, mda:NAME, pedalboard:NAME, lv2:URI, vst3:PATH, or several with > between them."


def load_effect(source: str, backend: str) -> Effect:
    """The effect that a source names.

    Args:
        source: see above.
        backend: whose effects plain names mean: "mda" or "pedalboard".

    Raises:
        InputError: no such effect, or a plugin that cannot be used; it tells which part of a chain.
    """
    parts = [part.strip() for part in source.split(">")]
    if not all(parts):
        raise InputError(f"effect source '{source}'", "has an empty part.", FORMS)
    if len(parts) == 1:
        return _load_one(parts[0], backend)
    from trainables.effects.chain import chain

    return chain([_load_one(part, backend) for part in parts])


def _load_one(source: str, backend: str) -> Effect:
    kind, colon, rest = source.partition(":")
    rest = rest.strip()
    if not colon:
        return _named(source, source, load_effects(backend))
    if kind not in KINDS:
        raise InputError(f"effect source '{source}'", f"begins with '{kind}:', which is not known.", nearest(kind, KINDS))
    if not rest:
        raise InputError(f"effect source '{source}'", f"names nothing after '{kind}:'.", FORMS)
    if kind == "lv2":
        from trainables.effects.lv2.effects import load_lv2

        return load_lv2(rest)
    if kind == "vst3":
        from trainables.effects.vst3.effects import load_vst3

        return load_vst3(rest)
    return _named(source, rest, load_effects("mda") if kind == "mda" else _of_pedalboard())


def _of_pedalboard() -> dict[str, Effect]:
    """The nine and the plain processors."""
    from trainables.effects.native import processors

    return {**load_effects("pedalboard"), **processors.load()}


def _named(source: str, name: str, effects: Mapping[str, Effect]) -> Effect:
    if name not in effects:
        raise InputError(f"effect '{source}'", "is not known.", f"{nearest(name, effects)} Plugins are lv2:URI or vst3:PATH.")
    return effects[name]
