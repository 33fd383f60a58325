"""A whole model, decoder included, in one safetensors file: weights, and the config as its metadata. It can run no code."""

from __future__ import annotations

import json
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from trainables.configs import TrialConfig
from trainables.errors import InputError
from trainables.models.vae import Vae
from trainables.training.checkpoint import config_from_dict, config_to_dict
from trainables.training.embedder import build_vae

CONFIG = "config"


def write_model(path: Path, config: TrialConfig, vae: Vae) -> None:
    """Writes the weights and the config that they belong to."""
    weights = {name: weight.contiguous() for name, weight in vae.state_dict().items()}
    save_file(weights, path, metadata={CONFIG: json.dumps(config_to_dict(config), sort_keys=True)})


def read_model(path: Path) -> tuple[TrialConfig, Vae]:
    """What `write_model` wrote, ready to be asked.

    Raises:
        InputError: no such file, or it is damaged, or of another version.
    """
    try:
        with safe_open(path, framework="pt") as file:
            config = config_from_dict(json.loads((file.metadata() or {})[CONFIG]))
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # not a dict
    except (OSError, SafetensorError, KeyError, json.JSONDecodeError) as error:
        raise InputError(f"model file {path}", "is damaged or not a model.", "Pull the model again.") from error
    return config, build_vae(config, weights)
