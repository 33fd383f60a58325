"""Files by URL: the same in a folder and in an object store."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from object_stores import KEYS, ObjectStore, object_store

from trainables.stored_files import StoredFile, delete_file, list_files, move_file, opened, within, write_file


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with object_store() as started:
        yield started


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty storage."""
    if request.param == "folder":
        return str(tmp_path / "a folder? yes")
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    store: ObjectStore = request.getfixturevalue("store")
    return store.url(tmp_path.name)


def names(url: str) -> list[str]:
    return sorted(listed.name for listed in list_files(url))


def test_what_is_written_is_read_listed_moved_and_deleted(place: str) -> None:
    assert list_files(place) == []
    write_file(within(place, "x", "deep", "a.pt"), b"one")
    write_file(within(place, "x", "b.pt"), b"two")
    write_file(within(place, "x", "b.pt"), b"three")
    assert names(within(place, "x")) == ["b.pt", "deep/a.pt"]
    assert StoredFile(within(place, "x", "b.pt")).read_bytes() == b"three"
    assert {listed.size_bytes for listed in list_files(place)} == {3, 5}
    move_file(within(place, "x", "b.pt"), within(place, "x", "aside", "c.pt"))
    delete_file(within(place, "x", "deep", "a.pt"))
    assert names(place) == ["x/aside/c.pt"]
    assert all(listed.changed_ns > 0 for listed in list_files(place))


def test_what_is_not_there_is_an_error_of_the_system(place: str) -> None:
    with pytest.raises(FileNotFoundError):
        StoredFile(within(place, "none")).read_bytes()
    with pytest.raises(OSError):
        delete_file(within(place, "none"))


def test_options_stay_at_the_end_of_a_url_and_a_folder_has_none() -> None:
    assert within("s3://b/p/?region=x&scheme=http", "NAME", "trials") == "s3://b/p/NAME/trials?region=x&scheme=http"
    assert within("/a/what?", "b") == "/a/what?/b"


def test_no_key_goes_with_a_file_to_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    url = "s3://bucket/x?endpoint_override=127.0.0.1:9&scheme=http&region=us-east-1"
    sent = pickle.dumps((StoredFile(url), opened(url)))
    assert KEYS["AWS_SECRET_ACCESS_KEY"].encode() not in sent and KEYS["AWS_ACCESS_KEY_ID"].encode() not in sent
