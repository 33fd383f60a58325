"""One trial of a sweep as the configuration that trains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, get_args

from trainables.configs import TrialConfig
from tune.dimensions import EFFECT_SPLIT, MODEL_KEYS, TRAIN_KEYS, Value, setting_type
from tune.spec import Sweep
from tune.splits import default_split, held_out_effects, trained_effects

TRIAL_NUMBER = "trial_number"


def to_trial_config(sweep: Sweep, params: Mapping[str, Value]) -> TrialConfig:
    """The sweep's fixed settings with a trial's own in their place.

    Args:
        params: what the searcher suggested; keys that are no settings, such as TRIAL_NUMBER, are passed over.
    """
    effects = sweep.effects.names
    split = str(params.get(EFFECT_SPLIT, default_split(effects)))
    return TrialConfig(
        model=replace(sweep.model, **_chosen(MODEL_KEYS, params)),
        train=replace(sweep.train, **_chosen(TRAIN_KEYS, params)),
        evaluation=sweep.evaluation,
        front_end=sweep.front_end,
        sample_rate=sweep.audio.sample_rate,
        clip_samples=sweep.audio.clip_samples,
        channels=sweep.audio.channels,
        trained_effects=trained_effects(split, effects),
        held_out_effects=held_out_effects(split),
        seed=sweep.seed,
        effects=effects,
    )


def _chosen(keys: tuple[str, ...], params: Mapping[str, Value]) -> dict[str, Any]:
    return {key: _typed(key, params[key]) for key in keys if key in params}


def _typed(key: str, value: Value) -> Value:
    """A whole number proposed for a setting of any numbers becomes a float."""
    return float(value) if float in get_args(setting_type(key)) else value


def default_trial_config(sweep: Sweep) -> TrialConfig:
    """The sweep's fixed settings with the default effect split."""
    return to_trial_config(sweep, {})
