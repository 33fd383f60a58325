"""`require` and `try` as they are written."""

from __future__ import annotations

from typing import Any

import pytest

from tune.errors import InvalidInput
from tune.sweep_file.spec import parse_sweep

SEARCH: dict[str, Any] = {
    "latent_size": {"int": [8, 32], "step": 8},
    "beta": {"log": [0.1, 1], "when": {"input": "difference"}},
    "input": ["difference", "wet"],
    "batch_size": {"derive": "latent_size * 2"},
    "effect_split": {"choice": {"a": ["delay"], "b": ["leslie", "combo"]}},
}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"latent_size": 16}, {"latent_size": 16}),
        ({"beta": 1, "input": "difference"}, {"beta": 1.0, "input": "difference"}),
        ({"effect_split": "b"}, {"effect_split": "-leslie-combo"}),
        ({"effect_split": ["combo", "leslie"]}, {"effect_split": "-leslie-combo"}),
        ({"effect_split": "-delay"}, {"effect_split": "-delay"}),
    ],
)
def test_a_point_to_try_has_the_values_that_the_search_would_propose(written: object, value: object) -> None:
    sweep = parse_sweep({"name": "x", "search": SEARCH, "try": [written]})
    assert sweep.try_first == (value,)
    assert parse_sweep(sweep.canonical()) == sweep


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (3, "try = 3: This must be a list of points"),
        ([3], "try[0] = 3: A point maps searched settings to a value each."),
        ([{}], "try[0] = {}: A point maps"),
        ([{"latent_size": 16}, {"latent_size": 15}], "try[1].latent_size = 15: The search never proposes this for latent_size."),
        ([{"latent_size": 40}], "try[0].latent_size = 40: The search never proposes"),
        ([{"latent_size": "16"}], "try[0].latent_size = '16': latent_size must be a whole number"),
        ([{"batch_size": 32}], "try[0].batch_size = 32: This is computed, not proposed."),
        ([{"patience": 2}], "try[0].patience = 2: This is not searched."),
        ([{"latnt_size": 2}], "try[0].latnt_size = 2: This is not searched. Did you mean 'latent_size'"),
        ([{"beta": 0.3}], "try[0].beta = 0.3: This is searched under a condition only, which the point must meet: input"),
        ([{"beta": 0.3, "input": "wet"}], "try[0].beta = 0.3: This is searched under a condition only"),
        ([{"effect_split": ["loudness"]}], "try[0].effect_split = ['loudness']: The search never proposes"),
        ([{"effect_split": {"hold_out": 1}}], "try[0].effect_split = {'hold_out': 1}: A point has one effect split."),
    ],
)
def test_a_mistaken_point_to_try_is_refused_with_its_place(written: object, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_sweep({"name": "x", "search": SEARCH, "try": written})
    assert str(caught.value).startswith(f"sweep: {told}")


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("beta < 1", "require = 'beta < 1': This must be a list of formulas"),
        (["beta <"], "require[0] = beta <: This is not a formula"),
        (["beta < 1", "bta < 1"], "require[1] = bta < 1: 'bta' is not a setting that a formula may use. Did you mean 'beta'"),
    ],
)
def test_a_mistaken_requirement_is_refused_with_its_place(written: object, told: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_sweep({"name": "x", "require": written})
    assert str(caught.value).startswith(f"sweep: {told}")


def test_a_section_about_points_may_be_empty() -> None:
    assert parse_sweep({"name": "x", "require": None, "try": [], "from": None}) == parse_sweep({"name": "x"})
