"""A trial's settings: fixed, proposed and computed."""

from __future__ import annotations

from typing import Any

from tune.space.settings import derived_values, settings_of, why_not
from tune.space.trials import default_trial_config, to_trial_config
from tune.sweep_file.spec import parse_sweep

SWEEP = parse_sweep(
    {
        "name": "x",
        "model": {"beta": 0.5},
        "search": {
            "latent_size": [16, 32, 64],
            "batch_size": {"derive": "latent_size * 2"},
            "learning_rate": {"derive": "0.001 * batch_size / 32", "when": {"input": "pair"}},
            "input": ["pair", "wet"],
            "beta": {"choice": [1, 2], "when": {"input": "pair"}},
        },
        "require": ["latent_size * beta <= 64"],
    }
)


def test_a_computed_setting_reaches_the_trial_and_may_be_computed_from_another() -> None:
    config = to_trial_config(SWEEP, {"latent_size": 64, "input": "pair", "beta": 1})
    assert (config.train.batch_size, config.train.learning_rate, config.model.beta) == (128, 0.004, 1.0)
    assert type(config.train.batch_size) is int and type(config.model.beta) is float


def test_what_is_left_out_has_the_sweeps_own_setting() -> None:
    params = {"latent_size": 64, "input": "wet"}
    config = to_trial_config(SWEEP, params)
    assert (config.train.learning_rate, config.model.beta) == (0.001, 0.5)
    assert derived_values(SWEEP, params) == {"batch_size": 128}
    assert settings_of(SWEEP, params)["max_epochs"] == SWEEP.train.max_epochs


def test_without_a_search_nothing_is_computed() -> None:
    assert default_trial_config(SWEEP).train.batch_size == SWEEP.train.batch_size


def test_a_requirement_is_about_all_settings() -> None:
    def broken(**params: Any) -> str:
        return why_not(SWEEP, params)

    assert broken(latent_size=64, input="wet") == "" == broken(latent_size=32, input="pair", beta=2)
    assert broken(latent_size=64, input="pair", beta=2) == "it does not keep latent_size * beta <= 64"


def test_a_trial_may_have_a_seed_of_its_own() -> None:
    assert to_trial_config(SWEEP, {"latent_size": 16, "input": "wet", "seed": 5}).seed == 5
