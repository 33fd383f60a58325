"""The search space in Optuna's terms."""

from __future__ import annotations

from typing import Any

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

from trainables.configs import TrialConfig
from tune.search.optuna_space import distributions
from tune.space.trials import to_trial_config
from tune.sweep_file.presets import preset_names
from tune.sweep_file.spec import load_sweep, parse_sweep


@pytest.mark.parametrize(
    ("key", "data", "distribution"),
    [
        ("beta", {"float": [0, 1]}, FloatDistribution(0.0, 1.0)),
        ("beta", {"log": [0.03, 3]}, FloatDistribution(0.03, 3.0, log=True)),
        ("beta", {"float": [0, 1], "step": 0.1}, FloatDistribution(0.0, 1.0, step=0.1)),
        ("patience", {"int": [1, 4]}, IntDistribution(1, 4)),
        ("latent_size", {"int": [1, 9], "step": 4}, IntDistribution(1, 9, step=4)),
        ("latent_size", {"log": [8, 128]}, IntDistribution(8, 128, log=True)),
        ("input", ["wet", "pair"], CategoricalDistribution(("wet", "pair"))),
        ("beta", 0.5, CategoricalDistribution((0.5,))),
        ("effect_split", [["delay"], []], CategoricalDistribution(("-delay", "all"))),
    ],
)
def test_each_dimension_has_its_distribution(key: str, data: Any, distribution: Any) -> None:
    assert distributions(parse_sweep({"name": "x", "search": {key: data}}).dimensions)[key] == distribution


def test_a_trial_always_has_an_effect_split() -> None:
    sweep = parse_sweep({"name": "x"})
    assert distributions(sweep.dimensions) == {"effect_split": CategoricalDistribution(("-leslie-combo-loudness",))}


def test_the_order_in_the_file_does_not_matter() -> None:
    one = parse_sweep({"name": "x", "search": {"beta": [0.1, 1], "patience": [1, 2]}})
    other = parse_sweep({"name": "x", "search": {"patience": [1, 2], "beta": [0.1, 1]}})
    assert list(distributions(one.dimensions)) == list(distributions(other.dimensions))


@pytest.mark.parametrize("preset", preset_names())
def test_whatever_a_preset_may_propose_makes_a_trial(preset: str) -> None:
    sweep = load_sweep(preset)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(20):
        params = study.ask(distributions(sweep.dimensions)).params
        config = to_trial_config(sweep, params)
        assert isinstance(config, TrialConfig)
        assert set(params) == set(sweep.dimensions)
