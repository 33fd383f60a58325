"""What to run next: from where the best trials lie, and from what cannot be told yet."""

from __future__ import annotations

import math
from collections.abc import Iterator

from trainables.diagnosis.check import counted
from tune.pages.certainty import Certainty
from tune.pages.material import Material
from tune.pages.measures import setting_name, value_text
from tune.space.conditions import space_size
from tune.space.dimensions import Choice, Dimension, Range

NEAR = 0.05  # of a range without steps: so near to an end counts as at the end
SURE = 0.8  # chance of being the best, from which the best needs no more trials
FEW = 20  # trials, below which a search has hardly begun


def next_steps(material: Material, found: Certainty | None) -> list[str]:
    """Sentences with commands; the most useful first."""
    steps = [*_failed(material), *_at_the_edge(material), *_more(material, found), *_seeds(material, found)]
    if not material.ended:
        return steps or ["Wait for the first trials to end." if material.running else f"Go on: fxsweep resume {material.name}"]
    return steps or ["Nothing suggests itself: the best is told apart from the rest and lies inside of what was searched."]


def _failed(material: Material) -> Iterator[str]:
    failed = [trial for trial in material.status.trials if trial.state == "failed"]
    if failed:
        reason = failed[0].reason or "no reason is known"
        failed_trials = f"{counted(len(failed), 'trial')} of {len(material.status.trials)}"
        yield f"See why {failed_trials} failed (the first: {reason}): fxsweep logs {material.name}"


def _at_the_edge(material: Material) -> Iterator[str]:
    """A best value at the end of what was searched: better ones may lie beyond."""
    best = material.status.best()
    for key, dimension in material.sweep.dimensions.items():
        value = best.params.get(key) if best else None
        if isinstance(value, int | float) and (side := _edge(dimension, value)):
            name, told = setting_name(key), value_text(value)
            yield f"Search {side}er values of {name}: the best trial has {told}, at the {side} end of what was searched."


def _edge(dimension: Dimension, value: float) -> str:
    """Says "low" or "high" if a value lies at that end, within a twentieth of a range without steps; else ""."""
    low, high = _ends(dimension)
    if low == high:
        return ""
    place = (value - low) / (high - low)
    if isinstance(dimension, Range) and dimension.log:
        place = math.log(value / low) / math.log(high / low)
    near = NEAR if isinstance(dimension, Range) and not dimension.whole else 0.0
    return "low" if place <= near else "high" if place >= 1 - near else ""


def _ends(dimension: Dimension) -> tuple[float, float]:
    match dimension:
        case Range(low=low, high=high):
            return low, high
        case Choice(values=values):
            numbers = [value for value in values if isinstance(value, int | float)]
            return (min(numbers), max(numbers)) if len(numbers) == len(values) else (0.0, 0.0)
    return 0.0, 0.0


def _more(material: Material, found: Certainty | None) -> Iterator[str]:
    trials = len(material.ended)
    if material.running or not trials or _all_tried(material):
        return
    if trials < FEW:
        are = "is" if trials == 1 else "are"
        few = f"{counted(trials, 'trial')} {are} few for {counted(len(material.sweep.search), 'setting')}"
        yield f"Go on: {few}: fxsweep extend {material.name} --trials {FEW}"
    elif found and found.chances[0] < SURE and len(found.likely()) > 3:
        many = f"one of {len(found.likely())} trials is the best, one cannot tell which"
        yield f"Go on: {many}: fxsweep extend {material.name} --trials {max(10, trials // 2)}"


def _all_tried(material: Material) -> bool:
    """Whether the space has nothing that was not trained: more trials would be the same again."""
    size = space_size(material.sweep.dimensions)
    return size is not None and len(material.ended) >= size * material.sweep.repeat


def _seeds(material: Material, found: Certainty | None) -> Iterator[str]:
    enough = len(material.ended) >= FEW or (len(material.ended) > 1 and _all_tried(material))
    if material.sweep.repeat == 1 and enough and found and found.chances[0] < SURE:
        yield (
            "Tell luck from settings: train the best few points with several seeds, in a sweep with `try` (those points) and "
            "`repeat: 3`."
        )
