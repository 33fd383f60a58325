"""The `search` section: what may be written, what is refused and how."""

from __future__ import annotations

from typing import Any

import pytest

from trainables.errors import InputError
from tune.space.conditions import space_size
from tune.space.dimensions import (
    FORMULA_NAMES,
    SEARCHABLE,
    Choice,
    Derived,
    HoldOut,
    Range,
    Searched,
    as_data,
    on_step,
    proposed,
    size,
)
from tune.space.formulas import parse_formula
from tune.sweep_file.search_section import parse_dimension, parse_search
from tune.sweep_file.split_section import split_names

WRITTEN: list[tuple[str, Any, Searched]] = [
    ("latent_size", {"choice": [8, 16]}, Choice((8, 16))),
    ("latent_size", [8, 16], Choice((8, 16))),
    ("latent_size", 8, Choice((8,))),
    ("latent_size", {"int": [1, 9], "step": 4}, Range(1, 9, whole=True, step=4)),
    ("latent_size", {"log": [8, 128]}, Range(8, 128, whole=True, log=True)),
    ("patience", {"int": [1, 4]}, Range(1, 4, whole=True)),
    ("batch_size", [4, 4096], Choice((4, 4096))),
    ("beta", {"log": [0.03, 3]}, Range(0.03, 3.0, log=True)),
    ("beta", {"float": [0, 1]}, Range(0.0, 1.0)),
    ("beta", {"int": [0, 3]}, Range(0, 3, whole=True)),
    ("beta", {"float": [0, 1], "step": 0.1}, Range(0.0, 1.0, step=0.1)),
    ("beta", {"float": [0.05, 0.35], "step": 0.1}, Range(0.05, 0.35, step=0.1)),
    ("batch_size", {"derive": "latent_size * 2"}, Derived(parse_formula("latent_size * 2", FORMULA_NAMES))),
    ("beta", 1, Choice((1.0,))),
    ("contrastive_weight", {"float": [0, 1]}, Range(0.0, 1.0)),
    ("perceptual_weight", {"choice": [0, 0.3, 1]}, Choice((0.0, 0.3, 1.0))),
    ("reconstruction_weight", [0, 1], Choice((0.0, 1.0))),
    ("temperature", {"log": [0.05, 0.5]}, Range(0.05, 0.5, log=True)),
    ("learning_rate", {"log": [1e-5, 1e-1]}, Range(1e-5, 1e-1, log=True)),
    ("input", {"choice": ["difference", "wet"]}, Choice(("difference", "wet"))),
    ("input", "pair", Choice(("pair",))),
    ("validate_on", ["epoch_effect", "all_effects"], Choice(("epoch_effect", "all_effects"))),
    ("width", [64, 128], Choice((64, 128))),
    ("components", {"int": [1, 8]}, Range(1, 8, whole=True)),
    ("dropout", {"float": [0, 0.5]}, Range(0.0, 0.5)),
    ("weight_decay", {"log": [1e-4, 0.1]}, Range(1e-4, 0.1, log=True)),
    ("gradient", ["none", "spsa"], Choice(("none", "spsa"))),
    ("gradient_level", ["loss", "audio"], Choice(("loss", "audio"))),
    ("gradient_step", {"log": [0.005, 0.05]}, Range(0.005, 0.05, log=True)),
    ("gradient_draws", [1, 4], Choice((1, 4))),
    ("gradient_from", {"int": [0, 8]}, Range(0, 8, whole=True)),
    ("effect_split", {"hold_out": 3}, HoldOut(3)),
    ("effect_split", {"choice": {"a": ["combo", "leslie"], "b": []}}, Choice(("-leslie-combo", "all"), ("a", "b"))),
    ("effect_split", {"choice": [["delay"], ["combo"]]}, Choice(("-delay", "-combo"))),
    ("effect_split", [["delay"], ["combo"]], Choice(("-delay", "-combo"))),
    ("effect_split", ["-delay", "all"], Choice(("-delay", "all"))),
    ("effect_split", "-combo-leslie", Choice(("-leslie-combo",))),
]


@pytest.mark.parametrize(("key", "data", "dimension"), WRITTEN)
def test_every_way_of_writing_a_dimension(key: str, data: Any, dimension: Searched) -> None:
    assert parse_dimension(key, data) == dimension


def test_every_setting_that_may_be_searched_is_tried_here() -> None:
    assert {key for key, _, _ in WRITTEN} == set(SEARCHABLE)


@pytest.mark.parametrize(("key", "data", "dimension"), WRITTEN)
def test_a_dimension_is_read_back_from_how_it_is_written(key: str, data: Any, dimension: Searched) -> None:
    del data
    assert parse_dimension(key, as_data(key, dimension)) == dimension


def test_what_an_author_calls_splits_is_known_by_the_split() -> None:
    named = parse_dimension("effect_split", {"choice": {"a": ["combo", "leslie"], "b": [], 3: ["delay"]}})
    assert split_names({"effect_split": named}) == {"-leslie-combo": "a", "all": "b", "-delay": "3"}
    assert [split_names({"effect_split": HoldOut(3)}), split_names({"effect_split": Choice(("-delay",))}), split_names({})] == [
        {}
    ] * 3


REFUSED: list[tuple[str, Any, str]] = [
    ("latent_size", {"choice": [8, 0]}, "0: latent_size must be a whole number from 1 to 1024."),
    ("latent_size", {"int": [1, 2000]}, "2000: latent_size must be a whole number from 1 to 1024."),
    ("latent_size", {"int": [8, 1]}, r"must be below its highest. Write {int: \[1, 8\]}."),
    ("latent_size", {"int": [8, 8]}, "must be below its highest. Write the plain value."),
    ("latent_size", {"int": [1, 8], "step": 3}, r"divides highest - lowest \(7\)"),
    ("latent_size", {"int": [1, 8], "step": 0}, "step must be a whole number"),
    ("latent_size", {"int": [1, 8], "step": True}, "step must be a whole number"),
    ("latent_size", {"float": [1, 8]}, r"takes whole numbers. Write {int: \[1, 8\]}"),
    ("latent_size", {"choice": [8, 16, 8]}, "name each value once"),
    ("latent_size", {"choice": []}, "at least one value"),
    ("latent_size", {"choice": 8}, "at least one value"),
    ("latent_size", [], "at least one value"),
    ("latent_size", {"chioce": [8]}, "Did you mean 'choice'"),
    ("latent_size", {}, "Exactly one of choice, int, float, log, derive"),
    ("beta", {"float": [0, 1], "step": 0.3}, r"must divide highest - lowest \(1\). Write 0.9 as the highest value"),
    ("beta", {"float": [0, 1], "step": 2}, "A range in steps has 2 to 100000 values"),
    ("beta", {"float": [0, 1], "step": 1e-7}, "A range in steps has 2 to 100000 values"),
    ("beta", {"float": [0, 1], "step": 0}, "A step must be a number above 0"),
    ("beta", {"float": [0, 1], "step": "0.1"}, "A step must be a number above 0"),
    ("beta", {"float": [0, 1], "step": float("nan")}, "A step must be a number above 0"),
    ("beta", {"derive": "beta * 2"}, "beta cannot be computed from itself"),
    ("beta", {"derive": "effect_split"}, "'effect_split' is not a setting that a formula may use"),
    ("effect_split", {"hold_out": 3, "when": {"input": "wet"}}, "'when' is not a way to search"),
    ("latent_size", {"int": [1, 2], "choice": [1]}, "Exactly one of"),
    ("latent_size", {"int": [1, 2, 3]}, "its lowest and its highest value"),
    ("latent_size", {"int": 3}, "its lowest and its highest value"),
    ("latent_size", {"int": ["a", "b"]}, "'a': latent_size must be a whole number"),
    ("latent_size", "8", "latent_size must be a whole number"),
    ("latent_size", [True], "latent_size must be a whole number"),
    ("latent_size", None, "latent_size must be a whole number"),
    ("beta", {"log": [0, 1]}, "must begin above 0"),
    ("beta", {"log": [1e-3, 3], "step": 2}, "'step' is not a way to search"),
    ("beta", {"float": [0, float("nan")]}, "nan: beta must be a number of at least 0"),
    ("beta", {"float": [0, float("inf")]}, "inf: beta must be a number"),
    ("beta", {"int": [0.5, 2]}, "0.5 is not a whole number"),
    ("beta", {"int": [0, 10**9]}, "may have 100000 values"),
    ("beta", [1, 1.0], "name each value once"),
    ("temperature", {"float": [0, 1]}, "0: temperature must be a number above 0"),
    ("learning_rate", {"log": [1e-3, 2]}, "2: learning_rate must be a number above 0 and at most 1"),
    ("input", {"int": [1, 2]}, "input must be one of difference, wet, pair"),
    ("input", {"log": ["pair", "wet"]}, "A range is for numbers"),
    ("input", ["dry"], "input must be one of difference, wet, pair"),
    ("max_epochs", [1, 2], "equal budgets: set it as train.max_epochs"),
    ("widths", [1, 2], "equal budgets: set it as model.widths"),
    ("bta", 1, "Did you mean 'beta'"),
    ("effect_split", {"hold_out": 8}, "a whole number from 0 to 7"),
    ("effect_split", {"hold_out": True}, "a whole number from 0 to 7"),
    ("effect_split", {"holdout": 3}, "Did you mean 'hold_out'"),
    ("effect_split", {"choice": [["dealy"]]}, "Did you mean 'delay'"),
    ("effect_split", {"choice": {"a": ["delay"], "b": ["delay"]}}, "name each value once"),
    ("effect_split", {"choice": [["delay", "delay"]]}, "held out once"),
    ("effect_split", {"choice": [[1]]}, "not one of the sweep's effects"),
    ("effect_split", {"choice": [3]}, "must be a list of held-out effects"),
    ("effect_split", {"choice": "delay"}, "a list of lists"),
    ("effect_split", ["delay", "combo"], r"Write \[\[delay"),
    ("effect_split", "delay", "a minus before each"),
    ("effect_split", 3, "names the effects that are held out"),
    ("effect_split", [], "a list of lists"),
]


@pytest.mark.parametrize(("key", "data", "told"), REFUSED)
def test_a_mistaken_dimension_is_refused_with_rule_and_remedy(key: str, data: Any, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        parse_dimension(key, data)
    assert caught.value.rule
    assert caught.value.remedy


def test_every_mistake_of_a_section_is_found() -> None:
    _, problems = parse_search({"beta": "x", "patience": [1, 2], "latnt": 3})
    assert [problem.path for problem in problems] == [("beta",), ("latnt",)]
    assert parse_search([1])[1]


@pytest.mark.parametrize(
    ("key", "data", "count"),
    [
        ("patience", {"int": [1, 4]}, 4),
        ("latent_size", {"int": [1, 9], "step": 4}, 3),
        ("latent_size", {"log": [8, 128]}, 121),
        ("latent_size", [1, 2], 2),
        ("beta", {"float": [0, 1]}, None),
        ("beta", {"float": [0, 1], "step": 0.1}, 11),
        ("effect_split", {"hold_out": 3}, 84),
        ("effect_split", {"hold_out": 0}, 1),
    ],
)
def test_size_counts_the_values(key: str, data: Any, count: int | None) -> None:
    dimension = parse_dimension(key, data)
    assert not isinstance(dimension, Derived) and size(dimension) == count


def test_the_size_of_a_space_is_the_product_of_its_dimensions() -> None:
    dimensions, _ = parse_search({"patience": {"int": [1, 4]}, "effect_split": {"hold_out": 3}})
    assert space_size(proposed(dimensions)) == 336
    assert space_size({**proposed(dimensions), "beta": Range(0.0, 1.0)}) is None
    assert space_size({}) == 1


def test_a_condition_is_read_and_written_with_its_dimension() -> None:
    written = {"input": ["wet", "pair"], "beta": {"log": [0.1, 1], "when": {"input": "pair", "patience": [1, 2]}}, "patience": 1}
    dimensions, problems = parse_search({**written, "patience": {"int": [1, 2]}})
    assert problems == []
    assert dimensions["beta"] == Range(0.1, 1.0, log=True, when=(("input", ("pair",)), ("patience", (1, 2))))
    assert as_data("beta", dimensions["beta"]) == {"log": [0.1, 1.0], "when": {"input": ["pair"], "patience": [1, 2]}}


def test_the_values_of_a_range_in_steps_are_free_of_rounding() -> None:
    assert Range(0.0, 1.0, step=0.1).values == (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    assert on_step(Range(0.0, 1.0, step=0.1), 0.30000000000000004) == 0.3
    assert Range(0.0, 1.0).values == ()
