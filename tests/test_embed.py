"""Whole files through a model: how they are cut, what is refused. The model is a stand-in but for one test."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet
import pytest
import soundfile
import torch
from tiny_model import tiny_config, tiny_state

from trainables.training.embedder import build_embedder
from tune.errors import InvalidInput
from tune.evaluation.embed import embed_files, given_pairs, read_pairs_csv
from tune.evaluation.pairs import clip_starts
from tune.models.card import model_metadata
from tune.models.registry import open_embedder, save_embedder

RATE, CLIP = 8000, 4096


@dataclass
class Listener:
    """A model that keeps what it hears and answers with each clip's mean of the wet axis."""

    metadata: Mapping[str, Any] = field(default_factory=lambda: facts())
    heard: list[npt.NDArray[np.float32]] = field(default_factory=list)

    def predict(self, audio: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        self.heard.append(audio)
        return np.stack([audio[:, -1].reshape(len(audio), -1).mean(axis=1), np.arange(len(audio))], axis=1).astype(np.float32)


def facts(**changes: Any) -> dict[str, Any]:
    return {"sample_rate": RATE, "clip_samples": CLIP, "channels": 1, "input": "difference", "latent_size": 2} | changes


def write(path: Path, samples: int, level: float = 0.25, sample_rate: int = RATE, channels: int = 1) -> Path:
    soundfile.write(path, np.full((samples, channels), level, np.float32), sample_rate, subtype="FLOAT")
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
    return rows


def test_a_file_becomes_one_row_a_clip(tmp_path: Path) -> None:
    wet, dry = write(tmp_path / "wet.wav", 2 * CLIP + CLIP // 2, 0.5), write(tmp_path / "dry.wav", 2 * CLIP + CLIP // 2, 0.1)
    model, output = Listener(), tmp_path / "out.parquet"
    assert embed_files(model, [(wet, dry)], output) == 3
    rows = rows_of(output)
    assert [row["clip"] for row in rows] == [0, 1, 2] and [row["start_seconds"] for row in rows] == [0.0, 0.512, 1.024]
    assert {(row["wet"], row["dry"]) for row in rows} == {(str(wet), str(dry))}
    assert [row["embedding"][0] for row in rows] == pytest.approx([0.5, 0.5, 0.25])
    assert [row["rms_db"] for row in rows] == pytest.approx([-6.0206, -6.0206, -9.0309], abs=1e-3)
    np.testing.assert_allclose(model.heard[0][:, 0, 0], 0.1)  # dry first


@pytest.mark.parametrize(
    ("samples", "starts"),
    [(10, [0]), (100, [0]), (124, [0]), (125, [0, 100]), (200, [0, 100]), (224, [0, 100]), (225, [0, 100, 200])],
)
def test_the_last_clip_counts_from_a_quarter_on(samples: int, starts: list[int]) -> None:
    assert list(clip_starts(samples, 100)) == starts


def test_files_are_brought_to_the_models_rate_and_channels(tmp_path: Path) -> None:
    wet = write(tmp_path / "wet.wav", 4 * CLIP, sample_rate=2 * RATE, channels=2)
    mono, stereo = Listener(facts(input="wet")), Listener(facts(input="wet", channels=2))
    assert embed_files(mono, [(wet, None)], tmp_path / "mono.parquet") == 2
    assert embed_files(stereo, [(wet, None)], tmp_path / "stereo.parquet") == 2
    assert [model.heard[0].shape for model in (mono, stereo)] == [(2, 1, CLIP), (2, 1, 2, CLIP)]
    assert rows_of(tmp_path / "mono.parquet")[0]["dry"] is None


def test_long_files_go_through_in_batches_in_order(tmp_path: Path) -> None:
    wet, model = write(tmp_path / "wet.wav", 40 * CLIP), Listener(facts(input="wet"))
    assert embed_files(model, [(wet, None)], tmp_path / "out.parquet") == 40
    assert [len(batch) for batch in model.heard] == [16, 16, 8]
    assert [row["clip"] for row in rows_of(tmp_path / "out.parquet")] == list(range(40))


def test_silence_is_told_as_a_level(tmp_path: Path) -> None:
    wet = write(tmp_path / "wet.wav", CLIP, 0.0)
    embed_files(Listener(facts(input="wet")), [(wet, None)], tmp_path / "out.parquet")
    assert rows_of(tmp_path / "out.parquet")[0]["rms_db"] == -120.0


def test_the_table_says_which_model_made_it(tmp_path: Path) -> None:
    wet = write(tmp_path / "wet.wav", CLIP)
    embed_files(Listener(facts(input="wet")), [(wet, None)], tmp_path / "out.parquet")
    metadata = pyarrow.parquet.read_schema(tmp_path / "out.parquet").metadata
    assert json.loads(metadata[b"fxsweep_model"]) == facts(input="wet")


def test_small_differences_of_length_are_cut(tmp_path: Path) -> None:
    wet, dry, model = write(tmp_path / "wet.wav", CLIP + 40), write(tmp_path / "dry.wav", CLIP), Listener()
    assert embed_files(model, [(wet, dry)], tmp_path / "out.parquet") == 1


@pytest.mark.parametrize("samples", [CLIP + 42, CLIP - 42, 3 * CLIP])
def test_different_lengths_are_refused_with_the_numbers(tmp_path: Path, samples: int) -> None:
    wet, dry = write(tmp_path / "wet.wav", samples), write(tmp_path / "dry.wav", CLIP)
    with pytest.raises(InvalidInput, match=f"{CLIP} samples and .*{samples} samples"):
        embed_files(Listener(), [(wet, dry)], tmp_path / "out.parquet")


def test_dry_files_are_wanted_or_not_as_the_model_says(tmp_path: Path) -> None:
    wet = write(tmp_path / "wet.wav", CLIP)
    with pytest.raises(InvalidInput, match="--dry"):
        embed_files(Listener(), [(wet, None)], tmp_path / "out.parquet")
    with pytest.raises(InvalidInput, match="Leave --dry out"):
        embed_files(Listener(facts(input="wet")), [(wet, wet)], tmp_path / "out.parquet")


@pytest.mark.parametrize("content", [None, b"", b"not audio at all"])
def test_a_file_that_cannot_be_read_leaves_no_table_behind(tmp_path: Path, content: bytes | None) -> None:
    good, bad = write(tmp_path / "good.wav", CLIP), tmp_path / "bad.wav"
    if content is not None:
        bad.write_bytes(content)
    folder = tmp_path / "results"
    folder.mkdir()
    with pytest.raises(InvalidInput, match=r"bad\.wav"):
        embed_files(Listener(facts(input="wet")), [(good, None), (bad, None)], folder / "out.parquet")
    assert list(folder.iterdir()) == []


def test_nowhere_to_write_and_nothing_to_embed_are_refused_first(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="does not exist"):
        embed_files(Listener(), [(tmp_path, tmp_path)], tmp_path / "missing" / "out.parquet")
    with pytest.raises(InvalidInput, match="at least one"):
        embed_files(Listener(), [], tmp_path / "out.parquet")


def test_wet_and_dry_files_are_paired_in_order() -> None:
    assert given_pairs(["a", "b"], ["c", "d"], None) == [(Path("a"), Path("c")), (Path("b"), Path("d"))]
    assert given_pairs(["a"], [], None) == [(Path("a"), None)]
    with pytest.raises(InvalidInput, match="2 wet and 1 dry"):
        given_pairs(["a", "b"], ["c"], None)
    with pytest.raises(InvalidInput, match="either"):
        given_pairs(["a"], [], "pairs.csv")


def test_a_table_of_pairs_is_relative_to_itself(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_text("\ufeffdry, wet, note\nd.wav, w.wav, loud\n,/abs/w.wav,\n")
    expected = [(tmp_path / "w.wav", tmp_path / "d.wav"), (Path("/abs/w.wav"), None)]
    assert read_pairs_csv(tmp_path / "pairs.csv") == given_pairs([], [], str(tmp_path / "pairs.csv")) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("wet,Dry\na,b\n", "no column dry"),
        ("a.wav,b.wav\n", "dry and no column wet"),
        ("dry,wet\n", "there must be one"),
        ("dry,wet\na,\n", "wet"),
    ],
)
def test_a_table_without_the_columns_or_rows_is_refused(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "pairs.csv").write_text(text)
    with pytest.raises(InvalidInput, match=told):
        read_pairs_csv(tmp_path / "pairs.csv")


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="dry,wet"):
        read_pairs_csv(tmp_path / "none.csv")


def test_a_real_model_embeds_the_clips_it_is_given(tmp_path: Path) -> None:
    config = tiny_config()
    state = tiny_state(config)
    save_embedder(tmp_path / "model", config, state, model_metadata(config, {}))
    audio = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 2 * CLIP)).astype(np.float32)
    for name, samples in zip(("dry", "wet"), audio, strict=True):
        soundfile.write(tmp_path / f"{name}.wav", samples, RATE, subtype="FLOAT")
    embed_files(open_embedder(tmp_path / "model"), [(tmp_path / "wet.wav", tmp_path / "dry.wav")], tmp_path / "out.parquet")
    with torch.no_grad():
        clips = torch.from_numpy(audio.reshape(2, 2, CLIP).transpose(1, 0, 2).copy())
        expected = build_embedder(config, state)(clips).numpy()
    got = np.array([row["embedding"] for row in rows_of(tmp_path / "out.parquet")])
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)
