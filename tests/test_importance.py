"""Importances: what was planted is found, and pure noise is not taken for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tune.analysis.importance import FEWEST_TRIALS, HEARD, Importance, importances
from tune.space.dimensions import Choice, Dimension, HoldOut, Range
from tune.space.splits import splits_holding_out

SPACE: dict[str, Dimension] = {
    "latent_size": Choice((4, 8, 16, 32)),
    "beta": Range(0.01, 1.0, log=True),
    "effect_split": HoldOut(3),
}


def points(count: int, seed: int = 0) -> list[dict[str, Any]]:
    random = np.random.default_rng(seed)
    return [
        {
            "latent_size": int(random.choice([4, 8, 16, 32])),
            "beta": float(10 ** random.uniform(-2, 0)),
            "effect_split": str(random.choice(splits_holding_out(3))),
        }
        for _ in range(count)
    ]


def noise(count: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(count)


def test_what_makes_the_difference_is_found_and_the_rest_is_not() -> None:
    given = points(30)
    scores = [np.log2(point["latent_size"]) + 0.2 * n for point, n in zip(given, noise(30), strict=True)]
    first, *rest = importances(SPACE, given, scores)
    assert first.name == "latent_size" and first.matters and first.share > 0.7
    assert first.low <= first.share <= first.high
    assert sum(one.matters for one in rest) <= 1, "one in twenty may look as if it did"


def test_of_noise_next_to_nothing_is_said_to_matter() -> None:
    found = importances(SPACE, points(20), list(noise(20)))
    assert len(found) == 2 + 9 and sum(one.matters for one in found) <= 2


def test_a_split_is_taken_apart_into_what_was_heard() -> None:
    given = points(30)
    scores = [float("leslie" not in point["effect_split"]) + 0.1 * n for point, n in zip(given, noise(30), strict=True)]
    first = importances(SPACE, given, scores)[0]
    assert first.name == f"{HEARD}leslie" and first.matters


def test_settings_that_do_not_differ_or_that_not_all_trials_have_are_not_judged() -> None:
    given = [point | {"latent_size": 8} for point in points(12)]
    del given[3]["beta"]
    assert {one.name.startswith(HEARD) for one in importances(SPACE, given, list(noise(12)))} == {True}


@pytest.mark.parametrize(
    ("given", "scores"),
    [(points(FEWEST_TRIALS - 1), noise(FEWEST_TRIALS - 1)), (points(12), np.zeros(12)), ([{}] * 12, noise(12))],
)
def test_too_few_or_all_alike_say_nothing(given: list[dict[str, Any]], scores: np.ndarray) -> None:
    assert importances(SPACE, given, list(scores)) == ()


def test_the_same_trials_give_the_same_importances() -> None:
    assert importances(SPACE, points(10), list(noise(10))) == importances(SPACE, points(10), list(noise(10)))


def test_what_may_explain_nothing_does_not_surely_matter() -> None:
    """More than chance, but with an interval from nothing to almost everything."""
    found = Importance("latent_size", share=0.16, low=0.0, high=0.8, by_chance=0.14)
    assert not found.matters and replace(found, low=0.02).matters
    assert not replace(found, low=0.02, share=0.1).matters
