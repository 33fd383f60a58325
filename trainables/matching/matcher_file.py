"""A matcher in one safetensors file: weights, and as its metadata all that is needed to use them. It can run no code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from trainables.configs import TrialConfig
from trainables.effects.selection import EffectChoice
from trainables.errors import InputError
from trainables.matching.learner import build_matcher, free_knobs
from trainables.matching.matcher import Matcher
from trainables.parameters import Parameter
from trainables.training.checkpoint import config_from_dict, config_to_dict

MATCHER_FILE = "matcher.safetensors"
ABOUT = "about"


@dataclass(frozen=True)
class MatchedEffect:
    """An effect that a matcher can set.

    Attributes:
        choice: where it comes from, and which of its knobs the sweep has set otherwise.
        knobs: the free knobs in the order of a point's coordinates.
    """

    choice: EffectChoice
    knobs: tuple[str, ...]


@dataclass(frozen=True)
class KeptMatcher:
    """A matcher and what is known of it.

    Attributes:
        config: of the trial that trained it.
        effects: by name.
        matcher: ready to be asked.
    """

    config: TrialConfig
    effects: Mapping[str, MatchedEffect]
    matcher: Matcher


def write_matcher(path: Path, config: TrialConfig, effects: Mapping[str, MatchedEffect], weights: Mapping[str, Tensor]) -> None:
    """Writes the weights, the config and the effects that they belong to."""
    about = {"config": config_to_dict(config), "effects": {name: asdict(effect) for name, effect in effects.items()}}
    save_file({name: weight.contiguous() for name, weight in weights.items()}, path, metadata={ABOUT: json.dumps(about)})


def read_matcher(path: Path) -> KeptMatcher:
    """What `write_matcher` wrote.

    Raises:
        InputError: no such file, or it is damaged, or of another version.
    """
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads((file.metadata() or {})[ABOUT])
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
        config = config_from_dict(about["config"])
        effects = {name: _effect(told) for name, told in about["effects"].items()}
        knobs = {name: len(effect.knobs) for name, effect in effects.items()}
        return KeptMatcher(config, effects, _with_weights(config, knobs, weights))
    except (OSError, SafetensorError, KeyError, TypeError, json.JSONDecodeError, RuntimeError) as error:
        raise InputError(f"matcher {path}", "is damaged or not a matcher.", "Pull the model again.") from error


def kept_weights(state: Mapping[str, Any]) -> Mapping[str, Tensor]:
    """The weights of the best epoch so far, or the latest if there is none yet."""
    weights: Mapping[str, Tensor] = state.get("best") or state["average"]
    return weights


def matcher_of(config: TrialConfig, parameters: Mapping[str, tuple[Parameter, ...]], weights: Mapping[str, Tensor]) -> Matcher:
    """A trial's matcher, ready to be asked.

    Args:
        parameters: of the effects that it was trained on, by name.
        weights: as `kept_weights` has them.
    """
    return _with_weights(config, free_knobs(parameters), weights)


def _with_weights(config: TrialConfig, knobs: Mapping[str, int], weights: Mapping[str, Tensor]) -> Matcher:
    matcher = build_matcher(config, knobs)
    unlike = matcher.load_state_dict(dict(weights), strict=False)
    if unlike.unexpected_keys or any(".gate." not in name for name in unlike.missing_keys):  # older files have no gate
        raise RuntimeError("the weights are those of another matcher")
    return matcher.eval().requires_grad_(False)


def _effect(told: Mapping[str, Any]) -> MatchedEffect:
    choice = told["choice"]
    knobs = tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in choice["knobs"])
    return MatchedEffect(EffectChoice(choice["name"], choice["source"], choice["backend"], knobs), tuple(told["knobs"]))
