"""The steps of a range: whole numbers, or decimal fractions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from trainables.errors import InputError
from tune.sweep_file.forms import short

MAX_VALUES = 100_000
ROUNDING = 1e-9  # of a step: 0.1 is no binary fraction


def whole_step(data: Mapping[str, Any], span: int) -> int | None:
    """The step of a range of whole numbers that ends `span` above its lowest; None for every one of them."""
    step = data.get("step", 1)
    if isinstance(step, bool) or not isinstance(step, int) or step < 1 or span % step:
        rule = f"A step must be a whole number that divides highest - lowest ({span})."
        raise InputError(short(data), rule, "Move the highest value, or leave the step out.")
    if span // step >= MAX_VALUES:
        rule = f"A range of whole numbers may have {MAX_VALUES} values."
        raise InputError(short(data), rule, "Write a larger step, or {log: [...]}.")
    return step if step > 1 else None


def float_step(data: Mapping[str, Any], low: float, high: float) -> float:
    """The step of a range of any numbers."""
    step = data["step"]
    if isinstance(step, bool) or not isinstance(step, int | float) or not math.isfinite(step) or step <= 0:
        raise InputError(short(data), "A step must be a number above 0.", "For instance {float: [0, 1], step: 0.1}.")
    count = (high - low) / step
    if not 1 - ROUNDING <= count < MAX_VALUES:
        rule = f"A range in steps has 2 to {MAX_VALUES} values."
        raise InputError(short(data), rule, "Write another step, or leave it out.")
    if abs(count - round(count)) > ROUNDING * count:
        rule = f"A step must divide highest - lowest ({high - low:g})."
        raise InputError(
            short(data), rule, f"Write {low + math.floor(count) * step:g} as the highest value, or leave the step out."
        )
    return float(step)
