"""Decoded audio in files: mapped, sent by name, refused where it is not the same."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
import ray
from small_folder import small_audio, write_folder

from trainables.corpus.clips import cut_clip
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.corpus.stored_audio import StoredAudio, write_array, write_sealed
from trainables.errors import InputError

SAMPLES = np.random.default_rng(0).standard_normal((2, 5000)).astype(np.float32)


@pytest.fixture
def stored(tmp_path: Path) -> StoredAudio:
    write_array(tmp_path / "x.npy", SAMPLES)
    return StoredAudio(tmp_path / "x.npy", (2, 5000))


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return load_corpus(small_audio(write_folder(tmp_path / "music")), 0, tmp_path / "store")


def test_a_map_holds_the_samples_and_cannot_be_written(stored: StoredAudio) -> None:
    mapped = stored.map()
    assert np.array_equal(mapped, SAMPLES) and mapped.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        mapped[0, 0] = 1.0


def test_the_file_is_one_that_numpy_reads(stored: StoredAudio) -> None:
    assert np.array_equal(np.load(stored.path, allow_pickle=False), SAMPLES)


def test_pickled_it_is_a_name(stored: StoredAudio) -> None:
    sent = pickle.dumps(stored)
    assert len(sent) < 1000 and np.array_equal(pickle.loads(sent).map(), SAMPLES)


LOSSES: dict[str, Callable[[Path], object]] = {
    "gone": lambda file: file.unlink(),
    "shorter": lambda file: file.write_bytes(file.read_bytes()[:-4]),
    "changed": lambda file: file.write_bytes(file.read_bytes()[:-4] + b"1234"),
    "another": lambda file: write_array(file, SAMPLES[:1]),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_where_the_file_is_not_the_same_it_is_refused_by_name(stored: StoredAudio, loss: str) -> None:
    sent = pickle.dumps(stored)
    LOSSES[loss](stored.path)
    with pytest.raises(InputError, match=r"x\.npy.*missing on this machine.*--home"):
        pickle.loads(sent)


def test_an_equal_file_written_again_is_the_same(stored: StoredAudio) -> None:
    sent = pickle.dumps(stored)
    write_array(stored.path, SAMPLES)
    assert np.array_equal(pickle.loads(sent).map(), SAMPLES)


def test_a_file_that_is_gone_stays_readable_through_its_map(stored: StoredAudio) -> None:
    mapped = stored.map()
    stored.path.unlink()
    assert np.array_equal(mapped, SAMPLES)
    with pytest.raises(FileNotFoundError):
        stored.map()


def test_a_write_that_fails_leaves_neither_the_file_nor_its_beginning(tmp_path: Path) -> None:
    def fail(file: object) -> None:
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        write_sealed(tmp_path / "x.npy", fail)
    assert list(tmp_path.iterdir()) == []


def test_a_corpus_is_sent_by_name(corpus: Corpus, tmp_path: Path) -> None:
    by_name = pickle.dumps(corpus)
    assert len(by_name) < 10_000
    assert pickle.loads(by_name).identity == corpus.identity
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="missing on this machine"):
        pickle.loads(by_name)


def test_ray_actors_of_one_machine_map_the_same_files(local_ray: None, corpus: Corpus) -> None:
    @ray.remote(num_cpus=0)
    def content(there: Corpus) -> list[bytes]:
        assert all(isinstance(r.source, StoredAudio) for r in there.recordings)
        return [r.samples.tobytes() for r in there.recordings]

    assert ray.get(content.remote(ray.put(corpus))) == [r.samples.tobytes() for r in corpus.recordings]


def test_a_clip_of_a_map_is_a_new_array(corpus: Corpus) -> None:
    recording = corpus.recordings[0]
    clip = cut_clip(recording, 0, 8192)
    clip[:] = 0.0
    assert clip.base is None and recording.samples.any()


LARGE = """
import pickle, resource, sys
from pathlib import Path
import numpy as np
from small_folder import small_audio
from trainables.corpus.clips import cut_clip
from trainables.corpus.corpus import load_corpus

def peak_bytes():
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

before = peak_bytes()
corpus = load_corpus(small_audio(sys.argv[1]), 0, Path(sys.argv[2]))
corpus = pickle.loads(pickle.dumps(corpus))
random = np.random.default_rng(0)
for recording in corpus.recordings:
    for start in random.choice(recording.starts, 20):
        cut_clip(recording, int(start), 8192)
print(corpus.opening.from_store, sum(4 * r.length_samples for r in corpus.recordings), peak_bytes() - before)
"""


def test_hours_of_audio_open_and_give_clips_in_little_memory(tmp_path: Path) -> None:
    folder, store = write_folder(tmp_path / "music"), tmp_path / "store"
    load_corpus(small_audio(folder), 0, store)
    _stretch(store, length=160_000_000)
    command = [sys.executable, "-c", LARGE, str(folder), str(store)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    from_store, corpus_bytes, more_memory_bytes = map(int, done.stdout.split())
    assert from_store == 9 and corpus_bytes > 5.5e9
    assert more_memory_bytes < 0.05 * corpus_bytes


def _stretch(store: Path, length: int) -> None:
    """Makes every entry a long recording: ten bursts of noise with holes between them that take no room on the disk."""
    burst = np.float32(0.1) * SAMPLES.repeat(4, axis=1)[:1, : 16 * 1024]
    places = range(0, length, length // 10 // 1024 * 1024)[:10]
    power = np.zeros(length // 1024)

    def write(file: BinaryIO) -> None:
        np.lib.format.write_array_header_1_0(file, {"shape": (1, length), "fortran_order": False, "descr": "<f4"})
        for place in places:
            file.seek(128 + 4 * place)
            file.write(burst.tobytes())
            power[place // 1024 : place // 1024 + 16] = 0.01
        file.truncate(128 + 4 * length)

    for facts in store.glob("*-*/*.json"):
        entry = str(facts).removesuffix(".json")
        write_sealed(Path(f"{entry}.npy"), write)
        write_array(Path(f"{entry}.power.npy"), power)
        changed = json.loads(facts.read_bytes()) | {"length_samples": length}
        write_sealed(facts, lambda file, changed=changed: file.write(json.dumps(changed).encode()))
