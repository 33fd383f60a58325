"""Whether a search space can be searched: what is computed stays within its range, and some point keeps what is required."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from trainables.errors import InputError
from tune.space.conditions import needs
from tune.space.dimensions import Dimension, Value
from tune.space.drawing import examples
from tune.space.settings import broken, settings_of, written_point
from tune.sweep_file.problems import Problem

if TYPE_CHECKING:
    from tune.sweep_file.spec import Sweep


def infeasibilities(sweep: Sweep) -> Iterator[Problem]:
    """What in a sweep's formulas goes wrong at some point of its space, with that point; points to try that may not be."""
    if not sweep.require and not sweep.derived:
        return
    yield from _computed(sweep)
    if sweep.require and next(feasible(sweep, {}), None) is None:
        rule = "No point of the search space that was looked at keeps this."
        told = " and ".join(formula.text for formula in sweep.require)
        yield Problem(("require",), told, rule, "Widen the search, or require less.")
        return
    for index, point in enumerate(sweep.try_first):
        if next(feasible(sweep, point), None) is None:
            rule = f"No point like this keeps what is required: {' and '.join(formula.text for formula in sweep.require)}."
            yield Problem(("try", index), written_point(point), rule, "Try another point.")


def feasible(sweep: Sweep, fixed: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
    """Examples of points with these values that keep what is required; only the dimensions that formulas are about."""
    for point in examples(_told_of(sweep), fixed):
        try:
            if not broken(sweep, point):
                yield point
        except InputError:
            continue


def _computed(sweep: Sweep) -> Iterator[Problem]:
    """The first point, if any, at which a formula cannot be computed or leaves the range of its setting."""
    for point in examples(_told_of(sweep), {}):
        try:
            if not broken(sweep, point):
                settings_of(sweep, point)
        except InputError as error:
            key = next((key for key in sweep.derived if error.rule.startswith(f"{key} ")), None)
            place = ("require",) if key is None else ("search", key)
            text = error.value if key is None else sweep.derived[key].formula.text
            comes_to = "" if key is None else f" this comes to {error.value}"
            rule = f"At {written_point(point) or 'the settings of this sweep'}{comes_to}: {error.rule}"
            yield Problem(place, text, rule, "Change the formula, narrow the search, or require what keeps it in range.")
            return


def _told_of(sweep: Sweep) -> dict[str, Dimension]:
    """The dimensions that formulas name, with those that their conditions are about."""
    derived = sweep.derived.values()
    formulas = (*sweep.require, *(computed.formula for computed in derived))
    names = {name for formula in formulas for name in formula.names} | {key for computed in derived for key, _ in computed.when}
    found: dict[str, Dimension] = {}
    waiting = [name for name in sorted(names) if name in sweep.dimensions]
    while waiting:
        key = waiting.pop()
        found[key] = sweep.dimensions[key]
        waiting += [other for other in needs(sweep.dimensions, key) if other not in found]
    return found
