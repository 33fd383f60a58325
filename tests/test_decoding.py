"""Opening a folder through the store: the same corpus as without it, and decoded once."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small_folder import CLIP, RATE, small_audio, write_folder, write_noise

from trainables.configs import AudioConfig
from trainables.corpus import decoded, known_files
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.corpus.decoding import Opening

COUNT = 9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "music", COUNT)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "home" / "decoded"


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if all files were older than a file system's coarsest clock."""
    monkeypatch.setattr(known_files, "SETTLED_SECONDS", -1.0)


def same(one: Corpus, other: Corpus) -> bool:
    """Whether two corpora agree to the bit."""
    pairs = list(zip(one.recordings, other.recordings, strict=True))
    return (
        one.identity == other.identity
        and one.skipped == other.skipped
        and all(np.array_equal(a.samples, b.samples) and np.array_equal(a.starts, b.starts) for a, b in pairs)
    )


@pytest.mark.parametrize("channels", [1, 2])
def test_the_corpus_is_the_same_without_a_store_with_a_new_one_and_from_it(folder: Path, store: Path, channels: int) -> None:
    (folder / "broken.flac").write_bytes(b"fLaC but not really")
    write_noise(folder / "short.wav", 50, seconds=0.1)
    shutil.copy(folder / "0.wav", folder / "copy.wav")  # may find what its original has just stored
    audio = small_audio(folder, channels)
    plain, first, second = load_corpus(audio, 3), load_corpus(audio, 3, store), load_corpus(audio, 3, store)
    assert same(plain, first) and same(plain, second) and len(plain.skipped) == 3
    assert plain.opening == Opening(decoded=COUNT + 3)
    assert first.opening in (Opening(COUNT + 3), Opening(COUNT + 2, 1))
    assert second.opening == Opening(from_store=COUNT + 3)


def test_renamed_and_moved_files_are_not_decoded_and_neither_are_other_clips(folder: Path, store: Path, tmp_path: Path) -> None:
    load_corpus(small_audio(folder), 0, store)
    for file in list(folder.iterdir()):
        file.rename(folder / f"renamed {file.name}")
    assert load_corpus(small_audio(folder), 0, store).opening == Opening(from_store=COUNT)
    folder.rename(tmp_path / "moved")
    audio = AudioConfig(path=str(tmp_path / "moved"), sample_rate=RATE, clip_samples=4096)
    moved = load_corpus(audio, 1, store)
    assert moved.opening == Opening(from_store=COUNT) and same(moved, load_corpus(audio, 1))


@pytest.mark.parametrize("change", ["sample_rate", "channels", "decoder"])
def test_what_would_decode_otherwise_is_decoded(folder: Path, store: Path, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    load_corpus(small_audio(folder), 0, store)
    audio = AudioConfig(
        path=str(folder),
        sample_rate=22050 if change == "sample_rate" else RATE,
        clip_samples=CLIP,
        channels=2 if change == "channels" else 1,
    )
    if change == "decoder":
        monkeypatch.setattr(decoded, "decoders", lambda: {"libsndfile": "another"})
    again = load_corpus(audio, 0, store)
    assert again.opening == Opening(decoded=COUNT) and same(again, load_corpus(audio, 0))


@pytest.mark.usefixtures("settled")
def test_unchanged_files_are_not_read_again(folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_corpus(small_audio(folder), 0, store)
    monkeypatch.setattr(known_files, "content_of", lambda path: pytest.fail(f"{path} was read"))
    assert load_corpus(small_audio(folder), 0, store).opening == Opening(from_store=COUNT)


@pytest.mark.parametrize("clock", ["settled", "as it is"])
def test_a_file_changed_to_another_of_the_same_size_and_time_is_decoded(
    folder: Path, store: Path, clock: str, request: pytest.FixtureRequest
) -> None:
    if clock == "settled":
        request.getfixturevalue("settled")
    load_corpus(small_audio(folder), 0, store)
    file = folder / "0.wav"
    before = file.stat()
    write_noise(file, seed=77)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    again = load_corpus(small_audio(folder), 0, store)
    assert again.opening == Opening(decoded=1, from_store=COUNT - 1) and same(again, load_corpus(small_audio(folder), 0))


@pytest.mark.usefixtures("settled")
def test_links_are_as_good_as_files_and_follow_what_they_lead_to(folder: Path, store: Path, tmp_path: Path) -> None:
    load_corpus(small_audio(folder), 0, store)
    links = tmp_path / "links"
    links.mkdir()
    for file in folder.iterdir():
        (links / file.name).symlink_to(file)
    (tmp_path / "link").symlink_to(links)
    assert load_corpus(small_audio(tmp_path / "link"), 0, store).opening == Opening(from_store=COUNT)
    write_noise(folder / "0.wav", seed=77)
    again = load_corpus(small_audio(tmp_path / "link"), 0, store)
    assert again.opening == Opening(decoded=1, from_store=COUNT - 1) and same(again, load_corpus(small_audio(folder), 0))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "truncated": lambda file: os.truncate(file, file.stat().st_size - 4),
    "emptied": lambda file: file.write_bytes(b""),
    "overwritten": lambda file: file.write_bytes(file.read_bytes()[:-4] + b"\x00\x00\x80\x3f"),
    "gone": lambda file: file.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("kind", ["npy", "power.npy", "json"])
def test_a_damaged_entry_is_decoded_anew(folder: Path, store: Path, kind: str, damage: str) -> None:
    load_corpus(small_audio(folder), 0, store)
    DAMAGES[damage](next(store.glob(f"*/*.wav.{kind}")))
    again = load_corpus(small_audio(folder), 0, store)
    assert again.opening == Opening(decoded=1, from_store=COUNT - 1) and same(again, load_corpus(small_audio(folder), 0))
    assert load_corpus(small_audio(folder), 0, store).opening == Opening(from_store=COUNT)


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize("record", ["", "{", "[]", '{"0.wav": 3}', '{"0.wav": ["x", 1]}'])
def test_a_damaged_record_of_files_costs_a_look_at_each(folder: Path, store: Path, record: str) -> None:
    load_corpus(small_audio(folder), 0, store)
    next(store.glob("files/*.json")).write_text(record)
    assert load_corpus(small_audio(folder), 0, store).opening == Opening(from_store=COUNT)


def test_a_store_that_cannot_be_written_costs_only_speed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    corpus = load_corpus(small_audio(folder), 0, tmp_path / "file" / "decoded")
    assert same(corpus, load_corpus(small_audio(folder), 0))
    assert corpus.opening == Opening(decoded=COUNT, in_memory=(COUNT, "Not a directory"))


def test_a_disk_that_runs_full_costs_only_speed_and_keeps_no_halves(folder: Path, store: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        corpus = load_corpus(small_audio(folder), 0, store)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert same(corpus, load_corpus(small_audio(folder), 0))
    assert corpus.opening == Opening(decoded=COUNT, in_memory=(COUNT, "File too large"))
    assert not list(store.glob("*-*/*"))


def test_a_nearly_full_disk_is_left_alone(folder: Path, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoded, "KEPT_FREE_BYTES", shutil.disk_usage("/").total)
    corpus = load_corpus(small_audio(folder), 0, store)
    assert corpus.opening == Opening(decoded=COUNT, in_memory=(COUNT, "the disk is nearly full"))


OPEN = """
import sys
from pathlib import Path
from small_folder import small_audio
from trainables.corpus.corpus import load_corpus

print(load_corpus(small_audio(sys.argv[1]), 0, Path(sys.argv[2])).identity)
"""


def test_two_processes_that_open_a_folder_at_once_both_get_it(folder: Path, store: Path) -> None:
    command = [sys.executable, "-c", OPEN, str(folder), str(store)]
    beside = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=beside) for _ in range(2)]
    identities = {process.communicate()[0].strip() for process in both}
    assert identities == {load_corpus(small_audio(folder), 0).identity}
    assert load_corpus(small_audio(folder), 0, store).opening == Opening(from_store=COUNT)


def test_progress_counts_every_file(folder: Path, store: Path) -> None:
    for _ in range(2):
        told: list[tuple[int, int]] = []
        load_corpus(small_audio(folder), 0, store, lambda ready, total, told=told: told.append((ready, total)))
        assert told == [(i + 1, COUNT) for i in range(COUNT)]


def test_the_built_in_corpus_is_made_once_and_is_the_same(store: Path) -> None:
    audio = AudioConfig(path="synthetic", sample_rate=8000, clip_samples=CLIP, channels=2)
    plain, first, second = load_corpus(audio, 0), load_corpus(audio, 0, store), load_corpus(audio, 0, store)
    assert same(plain, first) and same(plain, second)
    assert first.opening == Opening(decoded=28) and second.opening == Opening(from_store=28)
    assert load_corpus(AudioConfig(sample_rate=8000, clip_samples=32768, channels=2), 0, store).opening == Opening(decoded=28)
