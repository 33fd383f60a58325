"""A trial's parameters as the configuration that trains it."""

from __future__ import annotations

import pytest

from trainables.configs import MatcherConfig, TrainConfig, VaeConfig
from trainables.effects.names import EFFECT_NAMES, SEED_HELD_OUT
from tune.space.dimensions import EFFECT_SPLIT, MATCHER_KEYS, MODEL_KEYS, TRAIN_KEYS
from tune.space.trials import TRIAL_NUMBER, default_trial_config, to_trial_config
from tune.sweep_file.spec import parse_sweep

SWEEP = parse_sweep(
    {
        "name": "x",
        "seed": 7,
        "audio": {"sample_rate": 48000, "clip_samples": 32768, "channels": 2},
        "front_end": {"bands": 64},
        "model": {"latent_size": 5, "beta": 0.1},
        "train": {"max_epochs": 3, "patience": 2},
        "evaluation": {"settings_per_effect": 10},
    }
)
CHOSEN = {
    "latent_size": 9,
    "beta": 0.5,
    "contrastive_weight": 0.7,
    "perceptual_weight": 0.6,
    "reconstruction_weight": 0.2,
    "temperature": 0.4,
    "input": "pair",
    "learning_rate": 0.02,
    "batch_size": 8,
    "patience": 3,
    "validate_on": "epoch_effect",
}


def test_without_parameters_a_trial_has_the_sweeps_own_settings() -> None:
    config = default_trial_config(SWEEP)
    assert config.model == VaeConfig(latent_size=5, beta=0.1)
    assert config.train == TrainConfig(max_epochs=3, patience=2)
    assert config.held_out_effects == SEED_HELD_OUT
    assert (config.sample_rate, config.clip_samples, config.channels, config.seed) == (48000, 32768, 2, 7)
    assert config.front_end.bands == 64
    assert config.evaluation.settings_per_effect == 10


@pytest.mark.parametrize("key", (*MODEL_KEYS, *TRAIN_KEYS))
def test_each_parameter_takes_the_place_of_its_setting_alone(key: str) -> None:
    config, default = to_trial_config(SWEEP, {key: CHOSEN[key]}), default_trial_config(SWEEP)
    section = "model" if key in MODEL_KEYS else "train"
    assert getattr(getattr(config, section), key) == CHOSEN[key]
    assert getattr(getattr(default, section), key) != CHOSEN[key]
    other = "train" if section == "model" else "model"
    assert getattr(config, other) == getattr(default, other)


def test_the_split_tells_trained_and_held_out_effects_in_their_order() -> None:
    config = to_trial_config(SWEEP, {EFFECT_SPLIT: "-delay-limiter"})
    assert config.held_out_effects == ("delay", "limiter")
    assert config.trained_effects == tuple(name for name in EFFECT_NAMES if name not in ("delay", "limiter"))
    assert to_trial_config(SWEEP, {EFFECT_SPLIT: "all"}).trained_effects == EFFECT_NAMES


def test_a_whole_number_for_a_setting_of_any_numbers_becomes_a_float() -> None:
    config = to_trial_config(SWEEP, {"beta": 1, "patience": 4})
    assert type(config.model.beta) is float
    assert type(config.train.patience) is int


def test_the_trials_number_is_no_setting() -> None:
    assert to_trial_config(SWEEP, {TRIAL_NUMBER: 4}) == default_trial_config(SWEEP)


def test_a_matchers_parameters_take_the_place_of_its_settings_and_a_vae_has_none() -> None:
    sweep = parse_sweep(
        {
            "name": "x",
            "trainable": "matcher",
            "matcher": {"dropout": 0.1, "passes": 3},
            "objective": {"metric": "eval/match_ratio", "mode": "min"},
        }
    )
    chosen = {
        "width": 8,
        "components": 3,
        "dropout": 0.5,
        "weight_decay": 0.1,
        "gradient": "spsa",
        "gradient_level": "audio",
        "gradient_step": 0.1,
        "gradient_draws": 2,
        "gradient_from": 1,
    }
    assert set(chosen) == set(MATCHER_KEYS)
    assert to_trial_config(sweep, chosen).matcher == MatcherConfig(passes=3, **chosen)  # type: ignore[arg-type]
    assert default_trial_config(sweep).trained_effects == EFFECT_NAMES
    assert default_trial_config(SWEEP).matcher is None
