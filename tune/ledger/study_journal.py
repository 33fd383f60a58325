"""A study's journal file: an Optuna journal that survives the death of whoever writes it, and a full disk."""

from __future__ import annotations

import json
from pathlib import Path

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock

from tune.ledger.measurements import is_torn

LOCK_SUFFIX = ".lock"  # of the link by which Optuna locks a journal while it writes
_BEGINNING = b'{"op_code"'  # of every record


class WholeLines(JournalFileSymlinkLock):  # type: ignore[misc]
    """Optuna's lock for who writes, which sees to it that no record is written behind half a one, as a full disk leaves it.

    Nothing could read the two, or what follows them.
    """

    def __init__(self, journal: Path) -> None:
        super().__init__(str(journal))
        self.journal = journal

    def acquire(self) -> bool:
        acquired = bool(super().acquire())
        drop_torn_line(self.journal)
        return acquired


def open_journal(journal: Path) -> JournalStorage:
    """The journal, made if it is not there, fit to be written. Only for who holds the sweep's lock (tune/driver/liveness.py)."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    drop_dead_lock(journal)
    mend_lines(journal)
    return JournalStorage(JournalFileBackend(str(journal), WholeLines(journal)))


def drop_dead_lock(journal: Path) -> None:
    """Left by a driver that was killed while it wrote: the next would wait half a minute, in a folder that was moved for ever."""
    journal.with_name(journal.name + LOCK_SUFFIX).unlink(missing_ok=True)


def drop_torn_line(journal: Path) -> None:
    """A write cut short by a crash or a full disk would make every later line unreadable."""
    if not is_torn(journal):
        return
    content = journal.read_bytes()
    with journal.open("r+b") as file:
        file.truncate(content.rfind(b"\n") + 1)


def mend_lines(journal: Path) -> int:
    """Takes out what no reader understands, halves of records: the last line, or what an older version wrote behind one.

    Returns:
        How many lines there were of that kind.
    """
    lines = journal.read_bytes().splitlines(keepends=True) if journal.exists() else []
    mended = [_whole(line) for line in lines]
    if mended == lines:
        return 0
    partial = journal.with_name(journal.name + ".partial")
    partial.write_bytes(b"".join(mended))
    partial.replace(journal)
    return sum(before != after for before, after in zip(lines, mended, strict=True))


def _whole(line: bytes) -> bytes:
    """The record that a line ends with; nothing if it is cut off itself."""
    found = line[max(0, line.rfind(_BEGINNING)) :]
    return found if found.endswith(b"\n") and _is_record(found) else b""


def _is_record(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
