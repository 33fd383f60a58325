"""Settings in a file, as `fxsweep match` writes them and `fxsweep render --settings` reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tune.errors import InvalidInput

REMEDY = "Give a file that `fxsweep match` wrote, or name the effect and --set its knobs."


@dataclass(frozen=True)
class StoredSettings:
    """One effect and how it is set.

    Attributes:
        effect: a source (trainables/effects/sources.py), or "dry".
        settings: physical values by knob name.
        gain_db: what comes after the effect.
    """

    effect: str
    backend: str
    settings: Mapping[str, float]
    gain_db: float = 0.0


def read_settings(path: Path) -> StoredSettings:
    """What a file holds.

    Raises:
        InvalidInput: no such file, no JSON, or an effect, backend, number or knob is missing or none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"--settings {path}: cannot be read ({error.strerror}). {REMEDY}") from error
    except ValueError as error:
        raise InvalidInput(f"--settings {path}: is no JSON ({error}). {REMEDY}") from error
    try:
        return _parsed(found)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"--settings {path}: needs effect, backend and settings ({error!r}). {REMEDY}") from error


def _parsed(found: Any) -> StoredSettings:
    settings = {str(name): float(value) for name, value in dict(found["settings"]).items()}
    return StoredSettings(str(found["effect"]), str(found["backend"]), settings, float(found.get("gain_db", 0.0)))
