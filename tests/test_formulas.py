"""Formulas over settings: what they compute, and that nothing else gets through."""

from __future__ import annotations

import pickle

import pytest

from trainables.errors import InputError
from tune.space.formulas import parse_formula

SETTINGS = {"latent_size": 32, "beta": 0.5, "input": "wet", "patience": 3}
NAMES = tuple(SETTINGS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("latent_size * 2", 64.0),
        ("latent_size / 3 - 1", 32 / 3 - 1),
        ("-latent_size // 5 % 4", -7.0 % 4),
        ("2 ** patience", 8.0),
        ("max(latent_size, 2 * patience, 40)", 40.0),
        ("round(beta * 5) + floor(2.7) + ceil(2.1)", 2.0 + 2.0 + 3.0),
        ("sqrt(patience + 1) + log2(latent_size)", 7.0),
        ("latent_size * beta <= 16", True),
        ("1 < patience < 3", False),
        ("input == 'wet' and not patience > 3", True),
        ("input != 'wet' or patience == 4", False),
        ("(input == 'pair') or (beta < 1 and latent_size >= 32)", True),
    ],
)
def test_a_formula_comes_to_its_value(text: str, value: float | bool) -> None:
    assert parse_formula(text, NAMES).value(SETTINGS) == value


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("latent_size *", "not a formula that can be read"),
        ("", "text of at most 200 characters"),
        ("1 + " * 100 + "1", "text of at most 200 characters"),
        (3, "text of at most 200 characters"),
        ("latnt_size * 2", "'latnt_size' is not a setting that a formula may use. Did you mean 'latent_size'"),
        ("__import__('os')", r"may not stand in a formula"),
        ("min(beta, key=beta)", "may not stand in a formula"),
        ("min()", "may not stand in a formula"),
        ("beta.real", "may not stand in a formula"),
        ("[beta]", "may not stand in a formula"),
        ("beta if beta else 1", "may not stand in a formula"),
        ("(lambda: 1)()", "may not stand in a formula"),
        ("f'{beta}'", "may not stand in a formula"),
        ("True", "may not stand in a formula"),
        ("1e999", "may not stand in a formula"),
        ("beta | 1", "may not stand in a formula"),
        ("beta in 'abc'", "may not stand in a formula"),
        ("-" * 40 + "beta", "nested too deeply"),
        ("(y := 3)", "may not stand in a formula"),
    ],
)
def test_whatever_is_no_formula_is_refused(text: object, told: str) -> None:
    with pytest.raises(InputError, match=told):
        parse_formula(text, NAMES)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 / (patience - 3)", "division by zero"),
        ("9 ** 9 ** 9", "math range error"),
        ("(0 - 8) ** 0.5", "math domain error"),
        ("input * 2", "'wet' is not a number"),
        ("input < 2", "'wet' is not a number"),
        ("latent_size and patience", "32.0 is neither true nor false"),
        ("(beta < 1) + 1", "True is not a number"),
        ("sqrt(1, 2)", "sqrt takes another number of values"),
    ],
)
def test_what_cannot_be_computed_is_told(text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        parse_formula(text, NAMES).value(SETTINGS)


def test_a_formula_knows_its_settings_and_travels() -> None:
    formula = parse_formula("max(latent_size, beta) > latent_size", NAMES)
    assert formula.names == ("beta", "latent_size")
    again = pickle.loads(pickle.dumps(formula))
    assert again == formula and again.value(SETTINGS) is False
