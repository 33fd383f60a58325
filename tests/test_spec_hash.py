"""What tells two sweeps apart, and what brings one back."""

from __future__ import annotations

from typing import Any

import pytest

from tune.sweep_file.presets import preset_names
from tune.sweep_file.spec import load_sweep, parse_sweep, spec_hash


@pytest.mark.parametrize("preset", preset_names())
def test_canonical_gives_the_same_sweep_back(preset: str) -> None:
    sweep = load_sweep(preset)
    again = parse_sweep(sweep.canonical())
    assert again == sweep
    assert spec_hash(again) == spec_hash(sweep)


RESULTLESS: dict[str, Any] = {
    "name": "y",
    "concurrency": 3,
    "priority": 3,
    "tracking": {"uri": "http://127.0.0.1:5000"},
    "registry": {"model": "m"},
    "render": {"actors": 3},
    "storage": "s3://bucket/sweeps",
}


@pytest.mark.parametrize("key", RESULTLESS)
def test_the_hash_does_not_see_name_place_or_pace(key: str) -> None:
    assert spec_hash(parse_sweep({"name": "x", key: RESULTLESS[key]})) == spec_hash(parse_sweep({"name": "x"}))


@pytest.mark.parametrize(
    "values",
    [
        {"seed": 1},
        {"train": {"learning_rate": 0.01}},
        {"search": {"beta": [0.1, 0.2]}},
        {"search": {"beta": 0.1}},
        {"objective": {"metric": "eval/retrieval"}},
        {"sampler": {"seed": 1}},
        {"repeat": 2},
        {"from": "earlier"},
        {"require": ["latent_size <= 64"]},
        {"search": {"beta": {"float": [0, 1], "step": 0.5}}},
        {"front_end": {"bands": 64}},
        {"evaluation": {"settings_per_effect": 10}},
    ],
)
def test_the_hash_sees_all_that_shapes_results(values: dict[str, Any]) -> None:
    assert spec_hash(parse_sweep({"name": "x", **values})) != spec_hash(parse_sweep({"name": "x"}))


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    one = {"name": "x", "search": {"beta": [0.1, 0.2], "patience": [1, 2]}, "seed": 3}
    other = {"seed": 3, "search": {"patience": [1, 2], "beta": [0.1, 0.2]}, "name": "x"}
    assert spec_hash(parse_sweep(one)) == spec_hash(parse_sweep(other))
