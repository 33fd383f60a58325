"""Which trials figures draw one by one: all of them, or of many the best ones and an even choice of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

MOST_DRAWN = 300  # more dots and lines hide each other, and make a page that takes long to draw
BEST_DRAWN = 100
T = TypeVar("T")


def drawn_numbers(ranked: Sequence[int], others: Sequence[int]) -> frozenset[int]:
    """Of at most MOST_DRAWN trials.

    Args:
        ranked: trials with a score, the best first.
        others: trials without.
    """
    best, rest = ranked[:BEST_DRAWN], sorted([*ranked[BEST_DRAWN:], *others])
    return frozenset([*best, *evenly(rest, MOST_DRAWN - len(best))])


def evenly(values: Sequence[T], most: int) -> list[T]:
    """All, or so many of them at even distances, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    return [values[round(place * (len(values) - 1) / (most - 1))] for place in range(most)]


def left_out(trials: int) -> str:
    """A sentence for figures of so many trials; "" where all are drawn."""
    if trials <= MOST_DRAWN:
        return ""
    others = MOST_DRAWN - BEST_DRAWN
    return (
        f" {MOST_DRAWN} of {trials} trials are drawn, the best {BEST_DRAWN} and {others} of the others at even distances; "
        "medians, colours and answers are from all."
    )
