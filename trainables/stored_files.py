"""Files by their URL: in a folder that several machines see, or in an object store (`s3://`), by pyarrow.

A URL is all that goes from process to process: each opens it with the keys of its own environment, so that none is sent or kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any


@dataclass(frozen=True)
class StoredFile:
    """A file of a storage, for reading: as much of a Path as readers of checkpoints need."""

    url: str

    def read_bytes(self) -> bytes:
        """All of it.

        Raises:
            OSError: it is not there, or the storage does not answer.
        """
        files, path = opened(self.url)
        with files.open_input_stream(path) as stream:
            return bytes(stream.readall())

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True)
class Listed:
    """A file as a storage lists it.

    Attributes:
        name: its path below the folder that was listed.
        changed_ns: since 1970, by the storage's own clock; object stores know whole seconds only.
    """

    name: str
    changed_ns: int
    size_bytes: int


def opened(url: str) -> tuple[Any, str]:
    """pyarrow's file system, and the path in it.

    Raises:
        OSError, ValueError: no such storage.
    """
    from pyarrow.fs import FileSystem

    files, path = FileSystem.from_uri(url)
    return files, str(path)


def within(url: str, *parts: str) -> str:
    """The URL of something below another: its options (`?endpoint_override=...`) stay at its end."""
    place, mark, options = url.partition("?") if "://" in url else (url, "", "")
    return "/".join([place.rstrip("/"), *parts]) + mark + options


def write_file(url: str, data: bytes) -> None:
    """Makes or replaces a file, and the folders above it.

    Raises:
        OSError: the storage refuses it, or does not answer.
    """
    files, path = opened(url)
    if files.type_name == "local":
        files.create_dir(str(PurePosixPath(path).parent), recursive=True)
    with files.open_output_stream(path) as stream:
        stream.write(data)


def list_files(url: str) -> list[Listed]:
    """Every file below a folder, at any depth; none if there is no such folder.

    Raises:
        OSError: the storage does not answer.
    """
    from pyarrow.fs import FileSelector

    files, path = opened(url)
    found = files.get_file_info(FileSelector(path, allow_not_found=True, recursive=True))
    below = PurePosixPath(path)
    return [
        Listed(PurePosixPath(one.path).relative_to(below).as_posix(), one.mtime_ns or 0, one.size or 0)
        for one in found
        if one.is_file
    ]


def delete_file(url: str) -> None:
    """Raises OSError if it is not there or the storage refuses."""
    files, path = opened(url)
    files.delete_file(path)


def move_file(source: str, target: str) -> None:
    """Within one storage."""
    files, path = opened(target)
    if files.type_name == "local":
        files.create_dir(str(PurePosixPath(path).parent), recursive=True)
    files.move(opened(source)[1], path)
