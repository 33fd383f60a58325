from __future__ import annotations

from tune.space.names import run_name


def test_size_and_patience_come_first_and_the_split_last() -> None:
    params = {"effect_split": "-leslie-combo-loudness", "beta": 0.03123, "patience": 2, "latent_size": 32}
    assert run_name(params) == "z32 p2 beta 0.031 -leslie-combo-loudness"


def test_a_dimension_without_a_short_name_keeps_its_own() -> None:
    assert run_name({"batch_size": 16, "learning_rate": 2e-5, "input": "difference"}) == "batch_size 16 lr 2e-05 input difference"


def test_without_parameters_it_is_the_defaults() -> None:
    assert run_name({}) == "defaults"
