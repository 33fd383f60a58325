"""What was measured of plugins, kept on disk: measuring takes seconds, and every process that loads a plugin would do it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import uuid4

from trainables.digests import digest
from trainables.effects.isolation.repeating import Fingerprints
from trainables.parameters import Parameter


@dataclass(frozen=True)
class Measurement:
    """What was found of a plugin when it was rendered.

    Attributes:
        way: which of the ways to host it is used.
        frozen: names of knobs that teach nothing.
        left_out: names of those that are no knobs at all.
        expected: fingerprints of the first trial takes, by which its hosts prove themselves.
    """

    way: int
    frozen: tuple[str, ...]
    left_out: tuple[str, ...]
    expected: Fingerprints

    def knobs(self, told: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
        """The parameters of the effect, of those that the plugin tells."""
        return tuple(replace(p, frozen=p.frozen or p.name in self.frozen) for p in told if p.name not in self.left_out)


def keep(key: str, measurement: Measurement) -> None:
    """Write it down, whole or not at all; where nothing can be written nothing is."""
    with suppress(OSError, RuntimeError):
        path = _path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{key}.{uuid4().hex}.partial")
        try:
            partial.write_text(_written(measurement), encoding="utf-8")
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def recall(key: str) -> Measurement | None:
    """What was kept, or None if there is nothing that can be read, or anything but what `keep` writes."""
    try:
        written = _path(key).read_text(encoding="utf-8")
        kept = json.loads(written)["measurement"]
        lists = {name: tuple(kept[name]) for name in ("frozen", "left_out", "expected")}
        measurement = Measurement(kept["way"], **lists)
        return measurement if _written(measurement) == written else None
    except (OSError, RuntimeError, ValueError, LookupError, TypeError):
        return None


def _written(measurement: Measurement) -> str:
    """With a digest, because a name that is missing would make another effect of it."""
    values = asdict(measurement)
    return json.dumps({"measurement": values, "digest": digest(values)}, indent=1)


def _path(key: str) -> Path:
    """Where the XDG base directories put it."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
    return base / "fxsweep" / "plugins" / f"{key}.json"
