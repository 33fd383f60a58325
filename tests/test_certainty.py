"""How sure it is which trial is best: known cases, and the luck of the highest of many."""

from __future__ import annotations

import numpy as np
import pytest

from trainables.evaluation.outcomes import Estimate
from tune.pages.certainty import certainty

NAN = float("nan")


def scores(*values: float, half: float = 0.02) -> list[Estimate]:
    return [Estimate(value, value - half, value + half) for value in values]


def test_one_far_above_the_rest_is_surely_the_best() -> None:
    found = certainty(scores(0.9, 0.5, 0.4, 0.45))
    assert found is not None and found.chances[0] > 0.99 and found.likely() == (0,)


def test_equal_trials_are_equally_likely_the_best() -> None:
    found = certainty(scores(0.5, 0.5, 0.5, 0.5))
    assert found is not None and sum(found.chances) == pytest.approx(1) and max(found.chances) < 0.3
    assert len(found.likely(0.8)) == 4


def test_less_is_better_where_it_is() -> None:
    found = certainty(scores(0.9, 0.5, 0.1), sign=-1.0)
    assert found is not None and found.chances[2] > 0.99 and found.expected[2].low < 0.1 < found.expected[2].high


def test_the_luck_of_the_highest_is_taken_off() -> None:
    """Thirty trials that are all the same: what the highest shows beyond the rest is noise."""
    noise = np.random.default_rng(0).normal(0.5, 0.02, 30)
    found = certainty(scores(*noise, half=0.0392))
    assert found is not None
    best = int(noise.argmax())
    assert abs(found.expected[best].value - 0.5) < 0.4 * (noise[best] - 0.5)


def test_a_true_difference_is_kept() -> None:
    found = certainty(scores(*np.linspace(0.2, 0.8, 20)))
    assert found is not None and found.expected[-1].value == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("given", [scores(0.5, 0.6), [*scores(0.5, 0.6), Estimate(0.7, NAN, NAN)], []])
def test_too_few_or_without_intervals_nothing_is_said(given: list[Estimate]) -> None:
    assert certainty(given) is None


def test_the_same_scores_give_the_same_answer() -> None:
    assert certainty(scores(0.5, 0.52, 0.49)) == certainty(scores(0.5, 0.52, 0.49))
