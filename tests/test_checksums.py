"""A registered model's files are those that were registered, or they are refused: in the store, on the way, and afterwards."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from test_registry import CARD, Store
from tiny_model import tiny_config

from tune.cli import main
from tune.errors import InvalidInput
from tune.models.checksums import SUMS, SUMS_FILE, as_tag, check_folder, check_sums, from_tag, sums_of, write_sums
from tune.models.differences import versions_here
from tune.models.registry import open_embedder, pull
from tune.tracking.runs import connect


def made(folder: Path) -> Path:
    (folder / "data").mkdir(parents=True)
    (folder / "MLmodel").write_text("about it")
    (folder / "data" / "model.pt2").write_bytes(bytes(range(256)))
    return folder


def flip(file: Path) -> None:
    """One bit of its last byte."""
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(bytes(content))


def test_hashes_are_those_of_another_program_and_survive_the_registry(tmp_path: Path) -> None:
    folder = made(tmp_path / "model")
    sums = sums_of(folder)
    write_sums(folder, sums)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", SUMS_FILE], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and done.stdout.count(": OK") == 2, done.stderr
    assert from_tag(as_tag(sums)) == sums and from_tag(None) == {}


def test_a_flipped_bit_and_a_missing_file_are_refused_by_name(tmp_path: Path) -> None:
    folder = made(tmp_path / "model")
    sums = sums_of(folder)
    (folder / "registered_model_meta").write_text("MLflow's own")
    check_sums(folder, sums, "model 'fx/1'")
    flip(folder / "data" / "model.pt2")
    with pytest.raises(InvalidInput, match=r"model 'fx/1': its file data/model\.pt2 has the SHA-256 .* Restore it"):
        check_sums(folder, sums, "model 'fx/1'")
    (folder / "data" / "model.pt2").unlink()
    with pytest.raises(InvalidInput, match=r"data/model\.pt2 is missing"):
        check_sums(folder, sums, "model 'fx/1'")


@pytest.mark.parametrize("spoiled", ["", "not a hash  MLmodel\n", "\x00"])
def test_hashes_that_cannot_be_read_are_no_hashes(tmp_path: Path, spoiled: str) -> None:
    folder = made(tmp_path / "model")
    check_folder(folder)
    (folder / SUMS_FILE).write_text(spoiled)
    with pytest.raises(InvalidInput, match="SHA256SUMS cannot be read"):
        check_folder(folder)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(tmp_path_factory.mktemp("registry"))
    made.register(tiny_config())
    return made


@pytest.mark.parametrize("name", ["model.pt2", "vae.safetensors", "card.json", "MLmodel"])
def test_a_byte_that_flipped_in_the_store_is_not_pulled(store: Store, tmp_path: Path, name: str) -> None:
    [file] = Path(str(store.tracking.artifact_root)).rglob(name)
    whole = file.read_bytes()
    flip(file)
    try:
        with pytest.raises(InvalidInput, match=rf"model 'fx-vae/1': its file \S*{name}"):
            pull(store.tracking.uri, "fx-vae@champion", tmp_path / "model")
    finally:
        file.write_bytes(whole)
    assert not (tmp_path / "model").exists()
    assert (pull(store.tracking.uri, "fx-vae@champion", tmp_path / "model") / SUMS_FILE).is_file()


def test_a_pulled_folder_that_was_changed_is_not_opened(store: Store, tmp_path: Path) -> None:
    folder = pull(store.tracking.uri, "fx-vae", tmp_path / "model")
    open_embedder(folder)
    moved = Path(shutil.copytree(folder, tmp_path / "moved"))
    flip(moved / "vae.safetensors")
    with pytest.raises(InvalidInput, match=r"vae\.safetensors has the SHA-256 .* Pull it again"):
        open_embedder(moved)


def test_a_version_of_before_there_were_hashes_is_pulled_without(store: Store, tmp_path: Path) -> None:
    store.register(tiny_config(), "older", store.second_run_id)
    connect(store.tracking).delete_model_version_tag("older", "1", SUMS)
    folder = pull(store.tracking.uri, "older", tmp_path / "model")
    assert not (folder / SUMS_FILE).exists() and open_embedder(folder).metadata["latent_size"] == 4


def test_pulling_says_that_hashes_are_right_and_what_is_otherwise_here(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)  # MLflow leaves its last one
    monkeypatch.setitem(CARD, "versions", versions_here() | {"torch": "1.0.0"})
    store.register(tiny_config(), "elsewhere", store.second_run_id)
    words = ["pull", "elsewhere", "--tracking", store.tracking.uri, "-o"]
    assert main([*words, str(tmp_path / "told")]) == 0
    said = capsys.readouterr().out
    assert "Its files have the hashes that they were registered with." in said and "instead of 1.0.0" in said
    connect(store.tracking).delete_model_version_tag("elsewhere", "1", SUMS)
    assert main([*words, str(tmp_path / "unknown"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verified"] is False and "torch" in told["differences"][0]
