"""One trial of a sweep as the configuration that trains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trainables.configs import TrialConfig
from tune.search.repeats import SEED
from tune.space.dimensions import EFFECT_SPLIT, MATCHER_KEYS, MODEL_KEYS, TRAIN_KEYS, Value
from tune.space.settings import settings_of
from tune.space.splits import held_out_effects, trained_effects
from tune.sweep_file.spec import Sweep

TRIAL_NUMBER = "trial_number"


def to_trial_config(sweep: Sweep, params: Mapping[str, Any]) -> TrialConfig:
    """The sweep's fixed settings with a trial's own, and what is computed from them, in their place.

    Args:
        params: what the searcher suggested; keys that are no settings, such as TRIAL_NUMBER, are passed over.
    """
    effects = sweep.effects.names
    split = str(params.get(EFFECT_SPLIT, sweep.usual_split))
    settings = settings_of(sweep, params)
    return TrialConfig(
        model=replace(sweep.model, **_some(MODEL_KEYS, settings)),
        train=replace(sweep.train, **_some(TRAIN_KEYS, settings)),
        evaluation=sweep.evaluation,
        front_end=sweep.front_end,
        sample_rate=sweep.audio.sample_rate,
        clip_samples=sweep.audio.clip_samples,
        channels=sweep.audio.channels,
        trained_effects=trained_effects(split, effects),
        held_out_effects=held_out_effects(split),
        seed=int(params.get(SEED, sweep.seed)),
        matcher=replace(sweep.matcher, **_some(MATCHER_KEYS, settings)) if sweep.trainable == "matcher" else None,
        effects=effects,
    )


def _some(keys: tuple[str, ...], settings: Mapping[str, Value]) -> dict[str, Any]:
    return {key: settings[key] for key in keys}


def default_trial_config(sweep: Sweep) -> TrialConfig:
    """The sweep's fixed settings, nothing computed, with the default effect split."""
    return fixed_trial_config(sweep, sweep.usual_split)


def fixed_trial_config(sweep: Sweep, split: str) -> TrialConfig:
    """The same with this effect split."""
    return to_trial_config(sweep.model_copy(update={"search": {}}), {EFFECT_SPLIT: split})
