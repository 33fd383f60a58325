"""Checkpoints come back whole, or not at all."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from trainables.configs import EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.errors import InputError
from trainables.training.checkpoint import (
    config_from_dict,
    config_to_dict,
    dump_state,
    parse_state,
    read_checkpoint,
    write_checkpoint,
)


@pytest.fixture
def config() -> TrialConfig:
    """Nothing at its default, so that a lost field shows."""
    return TrialConfig(
        model=VaeConfig(latent_size=5, input="pair", beta=0.01, widths=(8, 24)),
        train=TrainConfig(items_per_epoch=64, learning_rate=3e-4, effect_schedule="per_epoch", workers=2),
        evaluation=EvaluationConfig(settings_per_effect=7),
        front_end=FrontEndConfig(fft_size=512, hop_samples=128, bands=40, low_hz=50.5, high_hz=9000.0),
        sample_rate=22050,
        clip_samples=8192,
        channels=2,
        trained_effects=("delay", "combo"),
        held_out_effects=("limiter", "leslie"),
        seed=11,
    )


@pytest.fixture
def state() -> dict[str, Any]:
    torch.manual_seed(0)
    optimizer = torch.optim.AdamW(torch.nn.Linear(3, 2).parameters())
    return {
        "model": {"weight": torch.randn(4, 3), "steps": torch.tensor(7)},
        "optimizer": optimizer.state_dict(),
        "best": None,
        "epoch": 3,
        "history": [{"loss": 0.25, "ended": ""}],
        "random": torch.random.get_rng_state(),
    }


def same(left: Any, right: Any) -> bool:
    if isinstance(left, torch.Tensor):
        return left.dtype == right.dtype and torch.equal(left, right)
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list | tuple):
        return type(left) is type(right) and len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def test_a_checkpoint_comes_back_whole(tmp_path: Path, config: TrialConfig, state: dict[str, Any]) -> None:
    write_checkpoint(tmp_path / "trial.pt", config, state)
    read_config, read_state = read_checkpoint(tmp_path / "trial.pt")
    assert read_config == config
    assert same(read_state, state)
    assert [file.name for file in tmp_path.iterdir()] == ["trial.pt"]


def test_a_checkpoint_replaces_an_older_one(tmp_path: Path, config: TrialConfig, state: dict[str, Any]) -> None:
    write_checkpoint(tmp_path / "trial.pt", config, state)
    write_checkpoint(tmp_path / "trial.pt", replace(config, seed=12), state | {"epoch": 4})
    read_config, read_state = read_checkpoint(tmp_path / "trial.pt")
    assert (read_config.seed, read_state["epoch"]) == (12, 4)


def test_a_state_comes_back_from_bytes(state: dict[str, Any]) -> None:
    assert same(parse_state(dump_state(state)), state)


def test_a_config_survives_json(config: TrialConfig) -> None:
    assert config_from_dict(json.loads(json.dumps(config_to_dict(config)))) == config


@pytest.mark.parametrize("kept_share", [0.0, 0.3, 0.99])
def test_a_cut_off_file_is_refused(tmp_path: Path, config: TrialConfig, state: dict[str, Any], kept_share: float) -> None:
    path = tmp_path / "trial.pt"
    write_checkpoint(path, config, state)
    data = path.read_bytes()
    path.write_bytes(data[: int(kept_share * len(data))])
    with pytest.raises(InputError, match="damaged"):
        read_checkpoint(path)


def test_a_changed_weight_is_refused(tmp_path: Path, config: TrialConfig) -> None:
    path = tmp_path / "trial.pt"
    weights = torch.arange(4096.0)
    write_checkpoint(path, config, {"model": weights})
    data = bytearray(path.read_bytes())
    data[data.find(weights.numpy().tobytes()) + 100] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        read_checkpoint(path)


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    for content in ([1, 2], {"weights": torch.zeros(2)}):
        torch.save(content, path)
        with pytest.raises(InputError):
            read_checkpoint(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_checkpoint(tmp_path / "absent.pt")


class Hostile:
    """Would create a file when unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_code_in_a_checkpoint_is_never_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for write in (torch.save, lambda value, path: path.write_bytes(pickle.dumps(value))):
        write({"config": {}, "state": Hostile(mark)}, tmp_path / "trial.pt")
        with pytest.raises(InputError, match="damaged"):
            read_checkpoint(tmp_path / "trial.pt")
    with pytest.raises(InputError, match="damaged"):
        parse_state(pickle.dumps(Hostile(mark)))
    assert not mark.exists()
    pickle.loads(pickle.dumps(Hostile(mark)))
    assert mark.exists()  # so the trap works


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"model": {"latent_size": 0}}, "model.latent_size"),
        ({"channels": "many"}, "channels"),
        ({"surprise": 1}, "surprise"),
        ({"train": {"surprise": 1}}, "train.surprise"),
    ],
)
def test_a_config_that_this_version_cannot_follow_is_refused(config: TrialConfig, change: dict[str, Any], named: str) -> None:
    plain = config_to_dict(config)
    for name, value in change.items():
        plain[name] = plain[name] | value if isinstance(value, dict) else value
    with pytest.raises(InputError, match=named):
        config_from_dict(plain)


def test_a_config_with_a_field_missing_that_has_no_default_is_refused(config: TrialConfig) -> None:
    plain = config_to_dict(config)
    del plain["sample_rate"]
    with pytest.raises(InputError, match="sample_rate"):
        config_from_dict(plain)
