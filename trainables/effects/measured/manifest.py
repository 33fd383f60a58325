"""The manifest of an effect: what its table says and what was measured, of one build; kept as JSON beside the effects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from trainables.effects.effect import Effect
from trainables.effects.measured.behaviour import Behaviour
from trainables.effects.measured.knob_measurement import Heard, KnobMeasurement
from trainables.effects.measured.measurement import Measurement, measure
from trainables.effects.measured.probe_clips import Clips, Effort
from trainables.parameters import Parameter

FOLDER = Path(__file__).parent / "manifests"
DECIMALS = {"_db": 1, "_seconds": 2}  # by the end of a name; also how finely a manifest is kept
RELATIVE_TOLERANCE = 0.05
TOLERANCES = {"_db": 0.5, "_seconds": 0.05, "_samples": 1, "steps": 2}  # or the relative one, if that is more
UNFOLDED = 3  # levels of the JSON that are laid out line by line


@dataclass(frozen=True)
class Manifest:
    """What is known of an effect.

    Attributes:
        name, title, backend, identity, parameters: those of the effect it was measured on.
        measurement: rounded to tenths of a decibel and hundredths of a second.
    """

    name: str
    title: str
    backend: str
    identity: str
    parameters: tuple[Parameter, ...]
    measurement: Measurement


def make_manifest(effect: Effect, clips: Clips, effort: Effort) -> Manifest:
    """Measures; see `measure` for what is raised."""
    measured = _measurement(_rounded(asdict(measure(effect, clips, effort))))
    return Manifest(effect.name, effect.title, effect.backend, effect.identity, effect.parameters, measured)


def stored_manifest(effect: Effect) -> Manifest | None:
    """What is kept of the effect of this name and backend, perhaps of another build; None for what is not ours."""
    return read_manifests(effect.backend).get(effect.name)


def read_manifests(backend: str) -> dict[str, Manifest]:
    """Every manifest kept for a backend, by the effect's name; none for a backend that is not ours."""
    path = FOLDER / f"{backend}.json"
    if not path.is_file():
        return {}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return {name: _manifest(name, backend, values) for name, values in kept.items()}


def manifests_text(manifests: Iterable[Manifest]) -> str:
    """The file of a backend's manifests: sorted by name, a line for each knob, so that a change is seen as one."""
    return _laid_out({m.name: _values(m) for m in sorted(manifests, key=lambda m: m.name)}, UNFOLDED) + "\n"


def differences(stored: Manifest, measured: Manifest) -> tuple[str, ...]:
    """Where the two disagree by more than rounding and another processor explain: `drive mono median_db 9.1, not 10.8`."""
    kept, found = (dict(_figures(m.measurement)) for m in (stored, measured))
    return tuple(
        f"{name} {_shown(found.get(name))}, not {_shown(kept.get(name))}"
        for name in {**kept, **found}
        if not _close(name, kept.get(name), found.get(name))
    )


def _figures(measurement: Measurement) -> Iterator[tuple[str, Any]]:
    """Every figure under a name for people."""
    yield from asdict(measurement.behaviour).items()
    for knob in measurement.knobs:
        for name, value in asdict(knob).items():
            parts = value if isinstance(value, dict) else {"": value}
            yield from ((f"{knob.name} {name} {part}".strip(), figure) for part, figure in parts.items() if name != "name")


def _close(name: str, kept: Any, found: Any) -> bool:
    tolerance = next((value for end, value in TOLERANCES.items() if name.endswith(end)), None)
    if kept == found or kept is None or found is None or tolerance is None:
        return bool(kept == found)
    return bool(abs(found - kept) <= max(tolerance, RELATIVE_TOLERANCE * abs(kept)))


def _shown(figure: Any) -> str:
    return f"{figure:g}" if isinstance(figure, float) else "nothing" if figure is None else str(figure)


def _rounded(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _rounded(part, key) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    decimals = next((count for end, count in DECIMALS.items() if name.endswith(end)), None)
    return value if decimals is None or value is None else round(value, decimals) + 0.0


def _values(manifest: Manifest) -> dict[str, Any]:
    parameters = [asdict(parameter) for parameter in manifest.parameters]
    told = {"title": manifest.title, "identity": manifest.identity, "parameters": parameters}
    return {**told, **asdict(manifest.measurement)}


def _manifest(name: str, backend: str, kept: dict[str, Any]) -> Manifest:
    parameters = tuple(Parameter(**{**p, "choices": tuple(p["choices"])}) for p in kept["parameters"])
    return Manifest(name, kept["title"], backend, kept["identity"], parameters, _measurement(kept))


def _measurement(kept: dict[str, Any]) -> Measurement:
    return Measurement(Behaviour(**kept["behaviour"]), tuple(_knob(values) for values in kept["knobs"]))


def _knob(kept: dict[str, Any]) -> KnobMeasurement:
    heard = {channels: Heard(**kept[channels]) if kept[channels] else None for channels in ("mono", "stereo")}
    return KnobMeasurement(**{**kept, **heard})


def _laid_out(value: Any, unfold: int, indent: str = "") -> str:
    if not unfold or not value or not isinstance(value, dict | list | tuple):
        return json.dumps(value)
    keys = [f"{json.dumps(key)}: " for key in value] if isinstance(value, dict) else [""] * len(value)
    parts = value.values() if isinstance(value, dict) else value
    inner = f"{indent} "
    lines = ",\n".join(f"{inner}{key}{_laid_out(part, unfold - 1, inner)}" for key, part in zip(keys, parts, strict=True))
    return f"{{\n{lines}\n{indent}}}" if isinstance(value, dict) else f"[\n{lines}\n{indent}]"
