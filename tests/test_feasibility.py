"""Spaces that cannot be searched are refused before anything runs, with a point that shows why."""

from __future__ import annotations

from typing import Any

import pytest

from tune.errors import InvalidInput
from tune.space.extremes import highest_setting
from tune.sweep_file.spec import parse_sweep


def refusal(**values: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        parse_sweep({"name": "x", **values})
    return str(caught.value)


def test_a_computed_setting_outside_its_range_is_refused_with_the_point() -> None:
    told = refusal(search={"latent_size": {"int": [1, 64]}, "batch_size": {"derive": "latent_size * 2"}})
    assert told.startswith(
        "sweep: search.batch_size = latent_size * 2: At latent_size 1 this comes to 2: "
        "batch_size must be a whole number from 4 to 4096."
    )


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("latent_size / 3", "At latent_size 16 this comes to 5.333333333333333: batch_size must be a whole number"),
        ("128 / (32 - latent_size)", "At latent_size 32: This cannot be computed: float division by zero"),
        ("latent_size > 3", "batch_size must be a whole number"),
    ],
)
def test_a_computed_setting_of_the_wrong_kind_is_refused_with_the_point(formula: str, told: str) -> None:
    assert told in refusal(search={"latent_size": [16, 32], "batch_size": {"derive": formula}})


def test_a_requirement_may_keep_a_computed_setting_in_its_range() -> None:
    search = {"latent_size": {"int": [1, 64]}, "batch_size": {"derive": "latent_size * 2"}}
    sweep = parse_sweep({"name": "x", "search": search, "require": ["batch_size >= 4"]})
    assert highest_setting(sweep, "batch_size") == 128


def test_a_space_in_which_nothing_is_feasible_is_refused() -> None:
    search = {"latent_size": [16, 32], "beta": {"log": [1, 3]}}
    assert refusal(search=search, require=["latent_size * beta <= 15"]).startswith(
        "sweep: require = latent_size * beta <= 15: No point of the search space"
    )
    parse_sweep({"name": "x", "search": search, "require": ["latent_size * beta <= 16"]})  # at one corner only


def test_a_requirement_that_is_no_statement_is_refused() -> None:
    told = refusal(search={"latent_size": [16, 32]}, require=["latent_size"])
    assert told.startswith("sweep: require = latent_size: At latent_size 16: This is 16.0, neither true nor false.")


def test_a_requirement_sees_the_fixed_setting_where_a_dimension_is_left_out() -> None:
    search = {"input": ["wet", "pair"], "beta": {"choice": [2, 3], "when": {"input": "pair"}}}
    parse_sweep({"name": "x", "model": {"beta": 0.5}, "search": search, "require": ["beta < 1"]})
    refusal(model={"beta": 1.5}, search=search, require=["beta < 1"])


def test_a_point_to_try_that_breaks_a_requirement_is_refused() -> None:
    space = {"search": {"latent_size": [16, 32], "beta": [0.5, 1]}, "require": ["latent_size * beta <= 16"]}
    parse_sweep({"name": "x", **space, "try": [{"latent_size": 32}, {"latent_size": 16, "beta": 1}]})
    assert refusal(**space, **{"try": [{"latent_size": 16}, {"latent_size": 32, "beta": 1}]}).startswith(
        "sweep: try[1] = latent_size 32, beta 1: No point like this keeps what is required"
    )


@pytest.mark.parametrize(
    ("search", "highest"),
    [
        ({}, 2.0),
        ({"patience": [1, 4]}, 4.0),
        ({"patience": {"int": [1, 6]}}, 6.0),
        ({"patience": {"choice": [1], "when": {"input": "wet"}}, "input": ["wet", "pair"]}, 2.0),
        ({"patience": {"derive": "latent_size / 4"}, "latent_size": [8, 40]}, 10.0),
    ],
)
def test_the_highest_value_of_a_setting_is_that_of_any_trial(search: dict[str, Any], highest: float) -> None:
    sweep = parse_sweep({"name": "x", "search": search, "train": {"patience": 2}})
    assert highest_setting(sweep, "patience") == highest
