"""The latent map: the same picture from the same seed, every clip in the table, and nothing that makes it crash."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet
import pytest
import torch
from matplotlib.image import imread
from planted_evaluation import CLASSES

from trainables.configs import EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.effects.names import SEED_HELD_OUT
from trainables.evaluation.evaluation import EvaluationSet
from trainables.features import spectrogram_shape
from trainables.maps.clip_sound import ClipPair
from trainables.maps.latent_map import LatentMap, make_latent_map, map_table, project, write_latent_map
from trainables.maps.latent_page import PageMaterial
from trainables.models.vae import Vae
from trainables.rendering.takes import Take


def clusters(items: int, size: int = 6, seed: int = 0) -> npt.NDArray[np.float64]:
    """Rows alternate between two far apart places."""
    spread = np.random.default_rng(seed).standard_normal((items, size))
    return spread + 20.0 * (np.arange(items) % 2)[:, None]


def takes(items: int) -> tuple[Take, ...]:
    names = (CLASSES[number % 10] for number in range(items))
    return tuple(Take(f"{n % 4}.wav", 100 * n, effect, (("depth", 0.25), ("rate_hz", n / 7))) for n, effect in enumerate(names))


def test_the_same_seed_gives_the_same_map_and_another_seed_another() -> None:
    first = project(clusters(40), seed=3)
    assert first.shape == (40, 2) and first.dtype == np.float32
    assert np.array_equal(project(clusters(40), seed=3), first)
    assert not np.array_equal(project(clusters(40), seed=4), first)


@pytest.mark.slow  # UMAP is compiled once more
def test_the_same_seed_gives_the_same_map_in_another_process() -> None:
    program = (
        "import numpy, sys, trainables.maps.latent_map as m;"
        "x = numpy.random.default_rng(0).standard_normal((20, 3));"
        "sys.stdout.write(m.project(x, 3).tobytes().hex())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    here = project(np.random.default_rng(0).standard_normal((20, 3)), 3)
    assert done.stdout == here.tobytes().hex()


def test_what_is_far_apart_stays_apart() -> None:
    points, side = project(clusters(60), seed=0), np.arange(60) % 2
    centres = np.stack([points[side == 0].mean(axis=0), points[side == 1].mean(axis=0)])
    nearest = np.linalg.norm(points[:, None] - centres, axis=2).argmin(axis=1)
    assert np.array_equal(nearest, side)


@pytest.mark.parametrize("items", [0, 1, 2, 3, 4, 5, 15, 16])
def test_few_items_can_be_drawn(tmp_path: Path, items: int) -> None:
    points = project(clusters(items), seed=0)
    assert points.shape == (items, 2) and np.isfinite(points).all()
    picture, table = write_latent_map(tmp_path, LatentMap(points, takes(items), ()), "few", "items")
    assert imread(picture).shape[:2] == (1102, 1500)
    assert pyarrow.parquet.read_table(table).num_rows == items


def test_a_constant_embedding_stays_at_one_point() -> None:
    assert (project(np.full((30, 4), 2.5), seed=0) == 0).all()


def test_many_equal_embeddings_can_be_projected() -> None:
    embeddings = clusters(60)
    embeddings[:40] = 1.0
    assert np.isfinite(project(embeddings, seed=0)).all()


def test_one_dimension_can_be_projected() -> None:
    assert np.isfinite(project(clusters(40, size=1), seed=0)).all()


def test_the_table_tells_all_of_every_clip(tmp_path: Path) -> None:
    points = np.random.default_rng(0).random((20, 2)).astype(np.float32)
    latent_map = LatentMap(points, takes(20), SEED_HELD_OUT)
    _, path = write_latent_map(tmp_path, latent_map, "table", "")
    table = pyarrow.parquet.read_table(path)
    assert table.equals(map_table(latent_map))
    assert table.column_names == ["x", "y", "effect", "held_out", "recording", "offset_samples", "settings"]
    for row, point, take in zip(table.to_pylist(), points, latent_map.takes, strict=True):
        assert (row["x"], row["y"]) == (point[0], point[1])
        assert (row["effect"], row["recording"], row["offset_samples"]) == (take.effect, take.recording, take.offset_samples)
        assert row["held_out"] is (take.effect in SEED_HELD_OUT)
        assert json.loads(row["settings"]) == dict(take.settings)


def planted_set(config: TrialConfig, random: np.random.Generator) -> EvaluationSet:
    """Four items of each class in each fold; each effect changes a band of its own."""
    bands, frames = spectrogram_shape(config.front_end, config.sample_rate, config.clip_samples)
    effects = tuple(name for name in CLASSES for _ in range(8))
    folds = np.tile(np.arange(2).repeat(4), 10)
    dry = random.standard_normal((80, 1, bands, frames)).astype(np.float32)
    change = np.zeros((80, 1, bands, 1), np.float32)
    change[np.arange(80), 0, 2 * (np.arange(80) // 8)] = 3.0
    recordings = tuple(f"{fold}-{number % 2}.wav" for number, fold in enumerate(folds))
    owners = tuple(Take(r, 0, e, ()) for r, e in zip(recordings, effects, strict=True))
    settings = tuple(np.zeros(0, np.float32) for _ in effects)
    return EvaluationSet(dry, dry + change, effects, folds, recordings, np.arange(40).repeat(2), settings, owners)


def test_a_map_is_made_from_a_training_state(tmp_path: Path) -> None:
    config = TrialConfig(
        model=VaeConfig(latent_size=8, widths=(8, 16)),
        train=TrainConfig(),
        evaluation=EvaluationConfig(settings_per_effect=4),
        front_end=FrontEndConfig(fft_size=512, hop_samples=256, bands=24, high_hz=8000.0),
        sample_rate=16000,
        clip_samples=8192,
        channels=1,
        trained_effects=("delay", "limiter"),
        held_out_effects=("combo", "leslie"),
    )
    torch.manual_seed(0)
    weights = Vae(config.model, 1, *spectrogram_shape(config.front_end, 16000, 8192)).state_dict()
    planted = planted_set(config, np.random.default_rng(0))
    made = {}
    for name, state in (("a", {"model": weights}), ("b", {"model": weights, "best": {}})):
        (tmp_path / name).mkdir()
        make_latent_map(config, state, planted, tmp_path / name, "a trial", seed=1)
        made[name] = {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()}
        assert set(made[name]) == {"latent_map.png", "latent_map.parquet"}
    assert made["a"] == made["b"]
    material = PageMaterial((ClipPair(b"dry", b"wet"),) * 80, {})
    make_latent_map(config, {"model": weights}, planted, tmp_path / "b", "a trial", 1, material)
    assert {name: (tmp_path / "b" / name).read_bytes() for name in made["a"]} == made["a"]
    assert "80 evaluation clips" in (tmp_path / "b" / "latent_map.html").read_text(encoding="utf-8")
    rows = pyarrow.parquet.read_table(tmp_path / "a" / "latent_map.parquet").to_pylist()
    assert len(rows) == 80 and {row["effect"] for row in rows if row["held_out"]} == {"combo", "leslie"}
