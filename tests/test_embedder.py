"""The embedder says what the trained model says, at any level and batch size, and loads where fxsweep is not installed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import numpy.typing as npt
import pytest
import torch

from trainables.configs import EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.errors import InputError
from trainables.features import FrontEnd, spectrogram_shape
from trainables.models.vae import Vae
from trainables.training.embedder import Embedder, build_embedder, example_input

REQUIREMENTS = ["torch", "numpy"]  # told, so that mlflow need not find out in a process of its own
BATCHES = (1, 2, 5)
INPUTS = ("difference", "wet", "pair")


def trial_config(seen: str = "difference", channels: int = 1) -> TrialConfig:
    return TrialConfig(
        model=VaeConfig(latent_size=6, input=seen, widths=(8, 16)),
        train=TrainConfig(),
        evaluation=EvaluationConfig(),
        front_end=FrontEndConfig(fft_size=512, hop_samples=256, bands=24, high_hz=8000.0),
        sample_rate=16000,
        clip_samples=8192,
        channels=channels,
        trained_effects=("delay",),
        held_out_effects=(),
    )


def fresh_vae(config: TrialConfig, seed: int) -> Vae:
    torch.manual_seed(seed)
    return Vae(config.model, config.channels, *spectrogram_shape(config.front_end, config.sample_rate, config.clip_samples))


def embedder(config: TrialConfig, seed: int = 0) -> Embedder:
    return build_embedder(config, {"model": fresh_vae(config, seed).state_dict(), "best": {}})


def answers(model: Embedder, audio: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return model(torch.from_numpy(audio)).numpy()


@pytest.mark.parametrize("seen", INPUTS)
@pytest.mark.parametrize("channels", [1, 2])
def test_embedding_is_that_of_the_trained_model(seen: str, channels: int) -> None:
    config = trial_config(seen, channels)
    audio = torch.from_numpy(example_input(config, batch=3))
    vae, front_end = fresh_vae(config, 1).eval(), FrontEnd(config.front_end, config.sample_rate)
    clips = audio.reshape(3, -1, channels, config.clip_samples)
    dry, wet = front_end(clips[:, 0]), front_end(clips[:, -1])
    found = embedder(config, 1)(audio)
    assert found.shape == (3, 6)
    torch.testing.assert_close(found, vae.embed(dry, wet).detach())


@pytest.mark.parametrize("seen", INPUTS)
@pytest.mark.parametrize("channels", [1, 2])
def test_example_has_the_shape_that_the_model_takes(seen: str, channels: int) -> None:
    config = trial_config(seen, channels)
    example = example_input(config, batch=2, seed=3)
    clips = (1,) if seen == "wet" else (2,)
    assert example.shape == (2, *clips, *((2,) if channels == 2 else ()), 8192)
    assert example.dtype == np.float32
    assert np.array_equal(example, example_input(config, 2, 3)) and not np.array_equal(example, example_input(config, 2, 4))


@pytest.mark.parametrize("seen", INPUTS)
def test_level_does_not_matter(seen: str) -> None:
    config = trial_config(seen)
    model, audio = embedder(config), example_input(config)
    gains = np.array([8.0, 0.02], np.float32)[-audio.shape[1] :].reshape(1, -1, 1)
    np.testing.assert_allclose(answers(model, gains * audio), answers(model, audio), atol=1e-4)
    assert np.abs(answers(model, audio) - answers(model, example_input(config, seed=1))).max() > 1e-3


def test_dry_and_wet_are_told_apart() -> None:
    config = trial_config()
    audio = example_input(config)
    assert np.abs(answers(embedder(config), audio) - answers(embedder(config), audio[:, ::-1].copy())).max() > 1e-3


def test_weights_of_the_best_epoch_are_used_and_else_the_latest() -> None:
    config = trial_config()
    audio = example_input(config)
    best, latest = fresh_vae(config, 1).state_dict(), fresh_vae(config, 2).state_dict()
    of_best, of_latest = answers(embedder(config, 1), audio), answers(embedder(config, 2), audio)
    assert not np.allclose(of_best, of_latest)
    assert np.array_equal(answers(build_embedder(config, {"model": latest, "best": best}), audio), of_best)
    for nothing in ({"model": latest}, {"model": latest, "best": None}, {"model": latest, "best": {}}):
        assert np.array_equal(answers(build_embedder(config, nothing), audio), of_latest)


def test_decoder_is_left_behind() -> None:
    names = [name for name, _ in embedder(trial_config()).named_parameters()]
    assert names and all(".encoder." in name for name in names)


def test_weights_of_another_config_are_refused() -> None:
    config = trial_config()
    other = replace(config, model=replace(config.model, latent_size=7))
    with pytest.raises(InputError, match="do not fit"):
        build_embedder(other, {"model": fresh_vae(config, 0).state_dict()})


def log_arguments(model: Embedder, config: TrialConfig) -> dict[str, Any]:
    example = example_input(config)
    signature = mlflow.models.infer_signature(example, answers(model, example))
    return {"input_example": example, "signature": signature, "pip_requirements": REQUIREMENTS}


@pytest.mark.parametrize(("seen", "channels"), [("pair", 2), ("wet", 1)])
def test_a_saved_model_answers_as_before_at_every_batch_size(tmp_path: Path, seen: str, channels: int) -> None:
    config = trial_config(seen, channels)
    model = embedder(config)
    mlflow.pytorch.save_model(model, tmp_path / "model", **log_arguments(model, config))
    loaded = mlflow.pyfunc.load_model(str(tmp_path / "model"))
    for batch in BATCHES:
        audio = example_input(config, batch, seed=batch)
        np.testing.assert_allclose(loaded.predict(audio), answers(model, audio), atol=1e-6)


@contextmanager
def tracking_in(folder: Path) -> Iterator[str]:
    """The id of a new experiment; afterwards the tracking address is what it was."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    try:
        yield mlflow.create_experiment("embedders", artifact_location=(folder / "artifacts").as_uri())
    finally:
        mlflow.set_tracking_uri(before)


ALONE = """
import json, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("trainables", "tune"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
import mlflow.pyfunc, numpy
model = mlflow.pyfunc.load_model(sys.argv[1])
print(json.dumps([model.predict(numpy.load(path)).tolist() for path in sys.argv[2:]]))
assert not {"trainables", "tune"} & set(sys.modules)
"""


def test_a_logged_model_answers_as_before_where_this_program_is_not_installed(tmp_path: Path) -> None:
    config = trial_config()
    model = embedder(config)
    with tracking_in(tmp_path) as experiment, mlflow.start_run(experiment_id=experiment):
        kept = mlflow.pytorch.log_model(model, name="model", **log_arguments(model, config))
        folder = mlflow.artifacts.download_artifacts(kept.model_uri, dst_path=str(tmp_path / "model"))
    clips = {str(tmp_path / f"{batch}.npy"): example_input(config, batch, seed=batch) for batch in BATCHES}
    for path, audio in clips.items():
        np.save(path, audio)
    command = [sys.executable, "-I", "-c", ALONE, folder, *clips]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for found, audio in zip(json.loads(done.stdout.splitlines()[-1]), clips.values(), strict=True):
        np.testing.assert_allclose(found, answers(model, audio), atol=1e-6)
