"""Points of a space without a sampler."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tune.space.dimensions import Dimension, proposed
from tune.space.drawing import drawn_point, examples, grid_points, held, neighbour, present
from tune.sweep_file.point_sections import within
from tune.sweep_file.search_section import parse_search

MIXED = {
    "beta": {"log": [0.03, 3], "when": {"input": ["difference", "pair"]}},
    "temperature": {"float": [0.1, 0.5], "step": 0.1},
    "latent_size": {"log": [8, 128]},
    "patience": {"int": [1, 9], "step": 4},
    "input": ["difference", "wet", "pair"],
    "effect_split": {"hold_out": 2},
}


def dimensions_of(search: dict[str, Any]) -> dict[str, Dimension]:
    return proposed(parse_search(search)[0])


def test_every_drawn_value_is_one_that_a_sampler_may_propose() -> None:
    dimensions, random = dimensions_of(MIXED), np.random.default_rng(0)
    points = [drawn_point(dimensions, random) for _ in range(300)]
    for point in points:
        assert all(within(dimensions[key], value) for key, value in point.items())
        assert set(dimensions) - set(point) == ({"beta"} if point["input"] == "wet" else set())
    assert {point["patience"] for point in points} == {1, 5, 9}
    assert {point["temperature"] for point in points} == {0.1, 0.2, 0.3, 0.4, 0.5}
    assert 0.2 < np.median([float(point["beta"]) for point in points if "beta" in point]) < 0.45


def test_a_neighbour_differs_in_one_dimension_and_those_that_depend_on_it() -> None:
    dimensions, random = dimensions_of(MIXED), np.random.default_rng(0)
    point = {**drawn_point(held(dimensions, {"input": "wet"}), random)}
    for _ in range(100):
        near = neighbour(dimensions, point, random)
        changed = {key for key in {*point, *near} if point.get(key) != near.get(key)}
        assert changed <= {"input", "beta"} if "input" in changed else len(changed) <= 1
        assert ("beta" in near) == (near["input"] != "wet")


def test_examples_of_a_small_space_are_all_of_it() -> None:
    dimensions = dimensions_of({"patience": {"int": [1, 4]}, "input": ["wet", "pair"]})
    assert list(examples(dimensions, {})) == grid_points(dimensions)
    assert [point["input"] for point in examples(dimensions, {"input": "pair"})] == ["pair"] * 4


def test_examples_of_a_large_space_have_its_corners_and_are_the_same_each_time() -> None:
    dimensions = dimensions_of(MIXED)
    found = list(examples(dimensions, {"patience": 5}))
    assert len(found) > 2000 and found == list(examples(dimensions, {"patience": 5}))
    assert {point["patience"] for point in found} == {5}
    assert {(p["latent_size"], p["beta"]) for p in found if "beta" in p} > {(8, 0.03), (8, 3.0), (128, 0.03), (128, 3.0)}


def test_the_last_dimension_by_name_changes_fastest_in_a_grid() -> None:
    points = grid_points(dimensions_of({"patience": [1, 2], "beta": [0.1, 0.2]}))
    assert [tuple(point.values()) for point in points] == [(0.1, 1), (0.1, 2), (0.2, 1), (0.2, 2)]


@pytest.mark.parametrize(("kind", "there"), [("wet", False), ("pair", True)])
def test_values_whose_conditions_are_not_met_are_left_out(kind: str, there: bool) -> None:
    assert ("beta" in present(dimensions_of(MIXED), {"beta": 0.3, "input": kind})) is there


def test_a_held_dimension_has_one_value_and_its_condition() -> None:
    dimensions = dimensions_of(MIXED)
    beta = held(dimensions, {"beta": 0.3})["beta"]
    assert beta.values == (0.3,) and beta.when == dimensions["beta"].when
