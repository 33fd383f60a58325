"""Dimensions that depend on others: their order, their circles, how many points they make."""

from __future__ import annotations

from typing import Any

import pytest

from tune.space.conditions import holds, in_order, space_size
from tune.space.dimensions import Dimension, proposed
from tune.space.drawing import grid_points
from tune.sweep_file.search_section import parse_search

NESTED = {
    "beta": {"choice": [0.1, 0.3], "when": {"input": "difference", "latent_size": [16, 32]}},
    "batch_size": {"choice": [8, 16, 32], "when": {"beta": 0.3}},
    "input": ["difference", "wet"],
    "latent_size": [8, 16, 32],
}


def dimensions_of(search: dict[str, Any]) -> dict[str, Dimension]:
    dimensions, problems = parse_search(search)
    assert problems == []
    return proposed(dimensions)


def test_no_dimension_comes_before_those_that_its_condition_is_about() -> None:
    assert in_order(dimensions_of(NESTED)) == ["input", "latent_size", "beta", "batch_size"]


def test_a_condition_on_something_left_out_is_not_met() -> None:
    when = dimensions_of(NESTED)["batch_size"].when
    assert holds(when, {"beta": 0.3}) and not holds(when, {"beta": 0.1}) and not holds(when, {})


def test_the_size_of_a_space_counts_each_point_once() -> None:
    dimensions = dimensions_of(NESTED)
    points = grid_points(dimensions)
    assert space_size(dimensions) == len(points) == len({str(point) for point in points}) == 4 + 2 * (1 + 3)
    assert all(("beta" in p) == (p["input"] == "difference" and p["latent_size"] > 8) for p in points)
    assert all(("batch_size" in p) == (p.get("beta") == 0.3) for p in points)


@pytest.mark.parametrize(
    ("search", "told"),
    [
        ({"beta": {"float": [0, 1], "when": {"inptu": "wet"}}, "input": ["wet", "pair"]}, "Did you mean 'input'"),
        ({"beta": {"float": [0, 1], "when": {"beta": 1}}, "input": ["wet", "pair"]}, "about another setting"),
        ({"beta": {"float": [0, 1], "when": {"temperature": 0.2}}, "temperature": {"float": [0.1, 1]}}, "There is none"),
        ({"beta": {"float": [0, 1], "when": {"effect_split": "all"}}, "effect_split": {"hold_out": 1}}, "There is none"),
        ({"beta": {"float": [0, 1], "when": {"input": "difference"}}, "input": ["wet", "pair"]}, "It proposes wet, pair"),
        ({"beta": {"float": [0, 1], "when": {"input": "dry"}}, "input": ["wet", "pair"]}, "input must be one of"),
        ({"beta": {"float": [0, 1], "when": {"input": []}}, "input": ["wet", "pair"]}, "never proposes this"),
        ({"beta": {"float": [0, 1], "when": "wet"}, "input": ["wet", "pair"]}, "A condition maps"),
        ({"beta": {"float": [0, 1], "when": {}}, "input": ["wet", "pair"]}, "A condition maps"),
        (
            {"beta": {"choice": [0, 1], "when": {"patience": 1}}, "patience": {"int": [1, 2], "when": {"beta": 1}}},
            "may not go in a circle: beta needs patience needs beta",
        ),
        ({"batch_size": {"derive": "patience * 4"}, "patience": {"derive": "batch_size / 4"}}, "may not go in a circle"),
    ],
)
def test_a_mistaken_condition_is_refused_with_rule_and_remedy(search: dict[str, Any], told: str) -> None:
    _, problems = parse_search(search)
    (problem,) = problems
    assert problem.path[0] in search and problem.rule and problem.remedy
    assert told in f"{problem.value}: {problem.rule} {problem.remedy}"
