"""`fxsweep map` with a real (tiny, untrained) model: the user's recordings are in all that it writes."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
import soundfile
from tiny_model import tiny_config, tiny_state

from trainables.corpus.synthetic import synthesize
from tune.cli import main
from tune.errors import InvalidInput
from tune.evaluation.unheard_clips import given_effects
from tune.models.card import model_metadata
from tune.models.registry import save_embedder

RATE = tiny_config().sample_rate
CLIPS = 3
OPTIONS = ("--backend", "pedalboard", "--settings", "4", "--effects", "overdrive,delay", "--timbre")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a pulled model, with a recording before and after a distortion beside it."""
    folder, config = tmp_path_factory.mktemp("map"), tiny_config()
    save_embedder(folder / "model", config, tiny_state(config), model_metadata(config, {}))
    dry = next(iter(synthesize(RATE, CLIPS * config.clip_samples / RATE).values()))[0]
    for name, samples in {"dry": dry, "wet": np.tanh(20 * dry)}.items():
        soundfile.write(folder / f"{name}.wav", samples[: CLIPS * config.clip_samples], RATE, subtype="FLOAT")
    return folder


def draw(folder: Path, output: str) -> dict[str, bytes]:
    added = f"{folder / 'dry.wav'},{folder / 'wet.wav'}"
    assert main(["map", str(folder / "model"), *OPTIONS, "--add", added, "-o", str(folder / output)]) == 0
    return {file.name: file.read_bytes() for file in (folder / output).iterdir()}


@pytest.fixture(scope="module")
def drawn(folder: Path) -> dict[str, bytes]:
    return draw(folder, "first")


def page_data(drawn: dict[str, bytes]) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', drawn["latent_map.html"].decode())
    assert found is not None
    return json.loads(found[1])


def test_the_table_holds_the_clips_of_the_user_beside_those_of_the_effects(drawn: dict[str, bytes]) -> None:
    assert set(drawn) == {"latent_map.png", "latent_map.parquet", "latent_map.html"}
    rows = pyarrow.parquet.read_table(io.BytesIO(drawn["latent_map.parquet"])).to_pylist()
    own = [row for row in rows if row["effect"] == "yours: wet.wav"]
    assert {row["effect"] for row in rows} == {"overdrive", "delay", "dry", "yours: wet.wav"}
    assert len(rows) == 3 * 8 + CLIPS and len({(row["x"], row["y"]) for row in rows}) > CLIPS
    assert [row["offset_samples"] for row in own] == [n * tiny_config().clip_samples for n in range(CLIPS)]
    assert {row["effect"] for row in rows if row["held_out"]} == {"overdrive"}
    assert all(np.isfinite(row["brightness"]) for row in own)


def test_the_page_holds_them_with_their_sound(drawn: dict[str, bytes]) -> None:
    data = page_data(drawn)
    own = [item for item in data["items"] if item.get("added")]
    assert [item["recording"] for item in own] == ["wet.wav"] * CLIPS
    assert [item["settings"][0][:2] for item in own] == [["start_seconds", f"{n * 0.512:.3g} s"] for n in range(CLIPS)]
    for part in ("wet", "dry"):
        samples, _ = soundfile.read(io.BytesIO(base64.b64decode(data["sounds"][own[0][part]])))
        assert np.abs(samples).max() > 0.1
    assert [projection["name"] for projection in data["projections"]] == ["UMAP", "PCA"]
    assert [column["name"] for column in data["columns"]] == ["brightness", "depth"]
    assert f"{CLIPS} clips of yours" in data["caption"]


def test_the_same_command_gives_the_same_bytes(drawn: dict[str, bytes], folder: Path) -> None:
    assert draw(folder, "second") == drawn


def test_wrong_input_is_refused_before_anything_is_rendered(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model, wet = str(folder / "model"), str(folder / "wet.wav")
    refused = {
        ("--add", wet): "Give the dry file, too",
        ("--add", f"nowhere.wav,{wet}"): "file nowhere.wav: does not exist",
        ("--settings", "3"): "--settings 3: at least 4",
        ("--effects", "delai"): "--effects 'delai': is not one of the nine. Did you mean 'delay'?",
        ("-o", wet): "Name a folder: -o FOLDER",
    }
    for words, told in refused.items():
        assert main(["map", model, "-o", str(folder / "none"), *words]) == 2
        assert told in " ".join(capsys.readouterr().err.split()), words


def test_effects_come_in_the_order_of_the_nine() -> None:
    assert given_effects("delay, overdrive") == ("overdrive", "delay") and len(given_effects(None)) == 9
    with pytest.raises(InvalidInput, match="names no effect"):
        given_effects(",")
