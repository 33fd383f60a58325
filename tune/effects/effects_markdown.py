"""The README's table of effects, made of the manifests that are kept: `fxsweep effects --markdown`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trainables.effects.measured.knob_measurement import KnobMeasurement
from trainables.effects.measured.manifest import Manifest, read_manifests
from trainables.effects.names import EFFECT_NAMES
from trainables.parameters import Parameter
from tune.effects.effect_page import verdict

BEGIN, END = "<!-- fxsweep effects --markdown: begin -->", "<!-- fxsweep effects --markdown: end -->"
HEADING = "| effect | what it is | knobs, and how far each is heard | frozen |\n| --- | --- | --- | --- |"


def markdown() -> str:
    """A row for each effect: the nine of mda, those of pedalboard, its single processors."""
    return "\n".join((HEADING, *map(_row, _in_order("mda")), *map(_row, _in_order("pedalboard"))))


def with_table(page: str) -> str:
    """The page with the table between its two markers brought up to date."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{markdown()}\n{END}{after}"


def _in_order(backend: str) -> Iterator[Manifest]:
    kept = read_manifests(backend)
    nine = [name for name in EFFECT_NAMES if name in kept]
    yield from (kept[name] for name in (*nine, *sorted(kept.keys() - set(nine))))


def _row(manifest: Manifest) -> str:
    knobs = list(zip(manifest.parameters, manifest.measurement.knobs, strict=True))
    free = [(p, k) for p, k in knobs if not p.frozen]
    frozen = [f"`{p.name}`" for p, _ in knobs if p.frozen]
    return f"| `{manifest.backend}:{manifest.name}` | {manifest.title} | {_free(free)} | {', '.join(frozen)} |"


def _free(knobs: Sequence[tuple[Parameter, KnobMeasurement]]) -> str:
    return ", ".join(f"`{p.name}` {_heard(knob)}" for p, knob in knobs)


def _heard(knob: KnobMeasurement) -> str:
    """In mono, as sweeps are by default; in stereo where that is all there is."""
    mono, stereo = verdict(knob.mono), verdict(knob.stereo)
    return f"{mono} (stereo {stereo})" if mono in ("never", "-") and stereo != mono else mono
