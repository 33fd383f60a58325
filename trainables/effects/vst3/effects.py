"""Any VST3 plugin as an effect, loaded by pedalboard in a process of its own."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainables.audio import Audio
from trainables.effects.effect import BLOCK_SAMPLES, Effect
from trainables.effects.isolation.foreign import ForeignPlugin, foreign_effect
from trainables.effects.isolation.isolated import Hosted, introduce, render_isolated
from trainables.errors import InputError
from trainables.parameters import Parameter, Settings


@dataclass(frozen=True)
class _Process:
    hosted: Hosted

    def __call__(self, dry: Audio, sample_rate: int, settings: Settings, *, block_samples: int = BLOCK_SAMPLES) -> Audio:
        return render_isolated(self.hosted, dry, sample_rate, settings, block_samples)


def load_vst3(named: str, load_seconds: float = 30.0) -> Effect:
    """The plugin of a file or folder.

    Args:
        named: its path; with `#NAME` behind it if there are several plugins in it.
        load_seconds: how long loading may take.

    Raises:
        InputError: there is none, it is no effect, it hangs or crashes, or it gives other samples each time.
    """
    plugin, ways = host_vst3(named, load_seconds)
    return foreign_effect(plugin, ways, _Process)


def host_vst3(named: str, load_seconds: float = 30.0) -> tuple[ForeignPlugin, tuple[Hosted, ...]]:
    """What the plugin tells of itself, and how it can be hosted: loaded once for all takes, or for each take anew.

    Raises:
        InputError: there is none, it is no effect, or it hangs or crashes while it is loaded.
    """
    path, _, name = named.partition("#")
    place = Path(path).expanduser().absolute()
    if not place.exists():
        raise InputError(f"VST3 plugin {path}", "is not there.", _others(place))
    ways = tuple(_hosted(place, name, fresh, load_seconds) for fresh in (False, True))
    told = introduce(ways[0])
    parameters, meters = _parameters(told["parameters"])
    build = f"{_build(place)} {told['pedalboard']}"
    return ForeignPlugin(told["title"], "vst3", parameters, build, told["channels"], meters), ways


def _hosted(place: Path, name: str, fresh: bool, load_seconds: float) -> Hosted:
    """One instance for all takes, or a fresh one for each."""
    specification = {"kind": "vst3", "path": str(place), "plugin": name, "fresh": fresh}
    source = f"vst3:{place}#{name}" if name else f"vst3:{place}"
    return Hosted(source, json.dumps(specification), load_seconds=load_seconds)


def _parameters(told: list[dict[str, Any]]) -> tuple[tuple[Parameter, ...], frozenset[str]]:
    """The parameters, and which of them may be meters."""
    meters = frozenset(values["name"] for values in told if values["may_be_meter"])
    own = ({key: value for key, value in values.items() if key != "may_be_meter"} for values in told)
    return tuple(Parameter(**{**values, "choices": tuple(values["choices"])}) for values in own), meters


def _build(place: Path) -> str:
    """Hash of a plugin's file, or of all files in its folder."""
    files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    content = hashlib.sha256()
    for path in files:
        content.update(f"{path.relative_to(place)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return content.hexdigest()


def _others(place: Path) -> str:
    beside = sorted(path.name for path in place.parent.glob("*.vst3")) if place.parent.is_dir() else []
    return f"Beside it there are {', '.join(beside[:20])}." if beside else "Give the path of a .vst3 file or folder."
