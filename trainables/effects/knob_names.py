"""Names of a foreign plugin's knobs and of foreign plugins themselves, as they are written here: snake case, each once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count


def snake_case(name: str) -> str:
    """`Output Level (dB)` -> `output_level_db`, `hiThru` -> `hi_thru`; never empty."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_") or "knob"


def each_once(names: Iterable[str]) -> tuple[str, ...]:
    """The names in their order; one that was there before gets a number, from 2 on."""
    found: list[str] = []
    for name in names:
        numbered = (f"{name}_{number}" for number in count(2))
        found.append(name if name not in found else next(other for other in numbered if other not in found))
    return tuple(found)
