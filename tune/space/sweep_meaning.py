"""What a sweep's scores and dimensions mean, so that two sweeps can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tune.space.conditions import in_order
from tune.space.dimensions import EFFECT_SPLIT, SECTION_OF, Choice, Derived, Searched
from tune.sweep_file.spec import Sweep

SHAPING = ("trainable", "audio", "effects", "front_end", "model", "matcher", "train", "evaluation")
PACE = ("train.workers", "train.threads", "train.gpus")  # which have no effect on what a trial learns


def differences(there: Sweep, here: Sweep) -> list[str]:
    """What shapes a trial's score or the meaning of a dimension and is not the same in two sweeps, a phrase for each.

    The values that a dimension may have are no part of its meaning.
    """
    one, other = dict(_meanings(there)), dict(_meanings(here))
    keys = [*one, *(key for key in other if key not in one)]
    told = [(key, one.get(key, "not there"), other.get(key, "not there")) for key in keys]
    return [f"{key}: there {before}, here {now}" for key, before, now in told if before != now]


def _meanings(sweep: Sweep) -> Iterator[tuple[str, Any]]:
    sections = sweep.canonical()
    searched = {**sweep.dimensions, **sweep.derived}
    yield "objective", ", ".join(f"{objective.metric} ({objective.mode})" for objective in sweep.objectives)
    for section in SHAPING:
        values = sections[section]
        flat = {f"{section}.{key}": value for key, value in values.items()} if isinstance(values, dict) else {section: values}
        yield from ((key, value) for key, value in flat.items() if key not in PACE and not _varies(key, searched))
    for key in in_order(searched):
        yield _place(key), _meaning(searched[key], _fixed(sections, key))


def _varies(place: str, searched: Mapping[str, Searched]) -> bool:
    return any(place == _place(key) for key in searched)


def _place(key: str) -> str:
    return f"search.{key}" if key == EFFECT_SPLIT else f"{SECTION_OF[key]}.{key}"


def _fixed(sections: Mapping[str, Any], key: str) -> Any:
    return sections[SECTION_OF.get(key, "train")].get(key)


def _meaning(dimension: Searched, fixed: Any) -> Any:
    """A constant means its value; whatever is under a condition also means what holds without it."""
    if isinstance(dimension, Choice) and len(dimension.values) == 1 and not dimension.when:
        return dimension.values[0]
    found = f"computed as {dimension.formula.text}" if isinstance(dimension, Derived) else "searched"
    if not dimension.when:
        return found
    told = " and ".join(f"{key} is {' or '.join(map(str, values))}" for key, values in dimension.when)
    return f"{found} when {told}, else {fixed}"
