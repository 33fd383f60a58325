"""Which files are unchanged: told by their stamps, and by their bytes where a stamp may be too coarse."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from trainables.corpus import known_files
from trainables.corpus.known_files import KnownFile, content_of, look_at, read_known, stamp, write_known


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "x.wav").write_bytes(b"one")
    return tmp_path / "x.wav"


def test_content_is_what_the_bytes_are(file: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").write_bytes(b"one")
    (tmp_path / "other").write_bytes(b"two")
    assert content_of(file) == content_of(tmp_path / "copy") != content_of(tmp_path / "other")


def test_a_file_with_the_known_stamp_is_not_read(file: Path) -> None:
    known = KnownFile(stamp(file), "as it was")
    assert look_at(file, known) is known
    file.write_bytes(b"longer than before")
    assert look_at(file, known).content == content_of(file)


def test_a_young_file_is_not_settled_and_an_old_one_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not look_at(file, None).settled
    monkeypatch.setattr(known_files, "SETTLED_SECONDS", -1.0)
    assert look_at(file, None).settled


@pytest.mark.parametrize("settled", [True, False])
def test_a_file_is_unchanged_by_its_stamp_and_if_that_is_unsettled_by_its_bytes(file: Path, settled: bool) -> None:
    known = replace(look_at(file, None), settled=settled)
    assert known.is_unchanged(file)
    assert replace(known, content="another").is_unchanged(file) is settled
    os.utime(file)
    assert not known.is_unchanged(file)


def test_settled_files_are_remembered_for_each_folder(tmp_path: Path, file: Path) -> None:
    known = {"x.wav": replace(look_at(file, None), settled=True), "young.wav": replace(look_at(file, None), settled=False)}
    write_known(tmp_path / "store", tmp_path / "a", known)
    write_known(tmp_path / "store", tmp_path / "b", {})
    assert read_known(tmp_path / "store", tmp_path / "a") == {"x.wav": known["x.wav"]}
    assert read_known(tmp_path / "store", tmp_path / "b") == read_known(tmp_path / "store", tmp_path / "c") == {}
