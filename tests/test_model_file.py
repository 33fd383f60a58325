"""Whole models as files: what is written is read, and what is broken is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tiny_model import tiny_config, tiny_state

from trainables.errors import InputError
from trainables.training.embedder import build_vae, kept_weights
from trainables.training.model_file import read_model, write_model

CONFIG = tiny_config()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "vae.safetensors"
    write_model(path, CONFIG, build_vae(CONFIG, kept_weights(tiny_state(CONFIG))))
    return path


def test_a_model_is_read_as_it_was_written(file: Path) -> None:
    config, vae = read_model(file)
    assert config == CONFIG and not vae.training
    for name, weight in kept_weights(tiny_state(CONFIG)).items():
        assert torch.equal(vae.state_dict()[name], weight)


def test_a_damaged_missing_or_foreign_file_is_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "half").write_bytes(file.read_bytes()[:1000])
    save_file({"weight": torch.zeros(2)}, tmp_path / "foreign")
    for name in ("half", "foreign", "missing"):
        with pytest.raises(InputError, match=r"is damaged or not a model\. Pull the model again"):
            read_model(tmp_path / name)


def test_weights_of_another_model_are_refused(tmp_path: Path, file: Path) -> None:
    config = json.loads(_metadata(file)["config"])
    config["model"]["latent_size"] += 1
    _, vae = read_model(file)
    weights = {name: weight.contiguous() for name, weight in vae.state_dict().items()}
    save_file(weights, tmp_path / "other", metadata={"config": json.dumps(config)})
    with pytest.raises(InputError, match="do not fit the config"):
        read_model(tmp_path / "other")


def _metadata(file: Path) -> dict[str, str]:
    size = int(np.frombuffer(file.read_bytes()[:8], "<u8")[0])
    metadata: dict[str, str] = json.loads(file.read_bytes()[8 : 8 + size])["__metadata__"]
    return metadata
