"""Which file had which content when it was last looked at, so that unchanged files need not be read again."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from trainables.corpus.stored_audio import PARTIAL
from trainables.digests import digest

SETTLED_SECONDS = 2.0  # the coarsest clock of a file system: a younger file may change without its times changing


class Stamp(NamedTuple):
    """What changes when a file changes."""

    size_bytes: int
    modified_ns: int
    changed_ns: int
    inode: int


@dataclass(frozen=True)
class KnownFile:
    """A file's content (a hash of its bytes) at the time of its stamp; `settled` if that stamp tells every later change."""

    stamp: Stamp
    content: str
    settled: bool = True

    def is_unchanged(self, path: Path) -> bool:
        """Whether the file still has this content.

        Raises:
            OSError: it cannot be read any more.
        """
        return stamp(path) == self.stamp and (self.settled or content_of(path) == self.content)


def look_at(path: Path, known: KnownFile | None) -> KnownFile:
    """The file as it is now; it is read unless its stamp is the known one.

    Raises:
        OSError: it cannot be read.
    """
    now_seconds, found = time.time(), stamp(path)
    if known is not None and known.stamp == found:
        return known
    settled = now_seconds - max(found.modified_ns, found.changed_ns) / 1e9 > SETTLED_SECONDS
    return KnownFile(found, content_of(path), settled)


def stamp(path: Path) -> Stamp:
    found = path.stat()
    return Stamp(found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def content_of(path: Path) -> str:
    """Hash of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def read_known(store: Path, folder: Path) -> dict[str, KnownFile]:
    """The known files of a folder by name; none where the record is missing or damaged."""
    try:
        rows = json.loads(_record(store, folder).read_bytes())
        return {name: KnownFile(Stamp(*map(int, numbers)), str(content)) for name, (content, *numbers) in rows.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def write_known(store: Path, folder: Path, known: Mapping[str, KnownFile]) -> None:
    """Keeps the record of a folder, if it can be written; of two sweeps at once the last one's stays."""
    rows = {name: [file.content, *file.stamp] for name, file in known.items() if file.settled}
    record = _record(store, folder)
    partial = record.with_name(f"{PARTIAL}{uuid4().hex}")
    with suppress(OSError):
        record.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(rows), encoding="utf-8")
        partial.replace(record)


def _record(store: Path, folder: Path) -> Path:
    return store / "files" / f"{digest(os.fsencode(folder.absolute()).hex())}.json"
