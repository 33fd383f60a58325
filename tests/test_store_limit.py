"""The bound on the store: what was not used for longest goes first, what is in use never."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from small_folder import small_audio, write_folder

from trainables.corpus import store_limit
from trainables.corpus.corpus import load_corpus
from trainables.corpus.decoded import Decoded, derive, open_store
from trainables.corpus.decoding import Opening
from trainables.corpus.store_limit import drop_unused
from trainables.corpus.stored_audio import SEALED_SECONDS

HOUR = 3600.0


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Five entries of 4 kB of samples: `h1` was used an hour ago, `h2` two hours ago, and so on."""
    entries = open_store(tmp_path, 16000, 1)
    for hours in range(1, 6):
        entries.write(f"h{hours}", derive(np.full((1, 1000), hours, np.float32)))
        os.utime(entries.folder / f"h{hours}.json", (time.time() - hours * HOUR, SEALED_SECONDS))
    return tmp_path


def kept(store: Path) -> set[str]:
    entries = open_store(store, 16000, 1)
    return {key for key in ("h1", "h2", "h3", "h4", "h5") if isinstance(entries.read(key), Decoded)}


@pytest.mark.parametrize(
    ("limit_bytes", "in_use_hours", "left"),
    [
        (30_000, 0, {"h1", "h2", "h3", "h4", "h5"}),
        (13_000, 0, {"h1", "h2", "h3"}),
        (0, 0, set()),
        (0, 2.5, {"h1", "h2"}),
        (13_000, 4.5, {"h1", "h2", "h3", "h4"}),
    ],
)
def test_the_oldest_go_until_it_fits_but_none_in_use(store: Path, limit_bytes: int, in_use_hours: float, left: set[str]) -> None:
    assert drop_unused(store, limit_bytes, in_use_hours * HOUR) == 5 - len(left)
    assert kept(store) == left
    assert {file.name.split(".")[0] for file in store.glob("*/h*")} == left


def test_reading_an_entry_is_using_it(store: Path) -> None:
    open_store(store, 16000, 1).read("h5")
    drop_unused(store, 5000, in_use_seconds=0.0)
    assert kept(store) == {"h5"}


def test_other_ways_of_decoding_count_as_well(store: Path) -> None:
    open_store(store, 44100, 2).write("other", derive(np.zeros((2, 1000), np.float32)))
    drop_unused(store, 9000, in_use_seconds=0.0)
    assert kept(store) == set() and len(list(store.glob("44100-2-*/other.*"))) == 3


def test_what_a_killed_process_left_is_swept_away_once_it_is_old(store: Path) -> None:
    folder = open_store(store, 16000, 1).folder
    for name, age_seconds in (("old", 2 * HOUR), ("new", 0.0)):
        (folder / f".partial-{name}").write_bytes(b"half")
        os.utime(folder / f".partial-{name}", (time.time() - age_seconds,) * 2)
    drop_unused(store, in_use_seconds=HOUR)
    assert [file.name for file in folder.glob(".partial-*")] == [".partial-new"]


def test_a_corpus_larger_than_the_limit_is_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_limit.drop_unused, "__defaults__", (1, store_limit.IN_USE_SECONDS))
    audio = small_audio(write_folder(tmp_path / "music"))
    load_corpus(audio, 0, tmp_path / "store")
    assert load_corpus(audio, 0, tmp_path / "store").opening == Opening(from_store=9)


def test_a_store_that_is_not_there_has_nothing_to_drop(tmp_path: Path) -> None:
    assert drop_unused(tmp_path / "none") == 0
