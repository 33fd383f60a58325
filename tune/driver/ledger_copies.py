"""A sweep's ledgers, copied into its storage while it runs: what another machine needs to go on where this one is lost.

One thread, which sends what has changed since it last looked, the study before measurements and the status last: so measurements
are never older than what the study says of them. A storage that is away delays the copies and nothing else.
"""

from __future__ import annotations

import logging
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

from trainables.stored_files import StoredFile, list_files, within, write_file
from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.home import SweepFolder, check_name
from tune.ledger.pulse import PULSE_SECONDS, check_undriven, write_pulse
from tune.ledger.storage import check_storage, first_line, storage_of, sweep_url

COPIED = (  # in this order
    "sweep.yaml", "encoder.safetensors", "identity.json", "study.journal", "trials/*/result.json", "rejected_takes.csv",
    "card.json", "maps/*/*", "driver.log", "status.json",
)  # fmt: skip
PAUSE_SECONDS = 1.0
log = logging.getLogger("fxsweep")


class LedgerCopies:
    """What has been sent of one sweep's folder."""

    def __init__(self, folder: SweepFolder, url: str) -> None:
        self.folder, self.url = folder, url
        self.sent: dict[str, tuple[int, int]] = {}  # by name: when it was changed, and its size
        self.pulse_at = float("-inf")
        self.failure = ""

    def send(self) -> None:
        """Whatever has changed; `failure` says why not everything is there."""
        try:
            if time.monotonic() - self.pulse_at >= PULSE_SECONDS:
                write_pulse(self.folder, self.url)
                self.pulse_at = time.monotonic()
            for path in changed(self.folder, self.sent):
                self._send(path)
            self.failure = ""
        except (OSError, ValueError) as error:
            if not self.failure:
                log.warning("storage %s: does not answer (%s); ledgers are copied when it does", self.url, first_line(error))
            self.failure = first_line(error)

    def close(self) -> None:
        """The last words. A driver that has ended is none: the next one need not wait."""
        self.send()
        try:
            write_pulse(self.folder, self.url, ended=True)
        except (OSError, ValueError) as error:
            log.warning("storage %s: lacks the sweep's last words (%s)", self.url, first_line(error))

    def _send(self, path: Path) -> None:
        try:
            seen, data = path.stat(), path.read_bytes()
        except FileNotFoundError:
            return
        name = path.relative_to(self.folder.path).as_posix()
        write_file(within(self.url, *name.split("/")), data)
        self.sent[name] = (seen.st_mtime_ns, seen.st_size)


@contextmanager
def ledgers_copied(folder: SweepFolder) -> Iterator[None]:
    """Within the block, and once more at its end; does nothing for a sweep that has no storage."""
    if (url := storage_of(folder)) is None:
        yield
        return
    copies, over = LedgerCopies(folder, url), threading.Event()
    thread = threading.Thread(target=_keep_sending, args=(copies, over), name="ledger-copies", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        copies.close()


def changed(folder: SweepFolder, sent: dict[str, tuple[int, int]]) -> Iterator[Path]:
    """The files to be sent, in the order in which they must be."""
    for pattern in COPIED:
        for path in sorted(folder.path.glob(pattern)):
            seen = path.stat() if path.is_file() else None
            if seen and sent.get(path.relative_to(folder.path).as_posix()) != (seen.st_mtime_ns, seen.st_size):
                yield path


def fetch_sweep(home: Path, name: str, storage: str) -> None:
    """Brings the ledgers of a sweep to a machine that has nothing of it.

    Raises:
        InvalidInput: it is in this home already, or not in this storage, or its driver lives elsewhere.
        InfrastructureLost: the storage does not answer.
    """
    check_name(name)
    check_storage(storage)
    folder, url = SweepFolder(home / name), sweep_url(storage, name)
    if folder.path.exists():
        raise InvalidInput(f"sweep '{name}': is in {home} already, and knows its storage. Leave --storage out.")
    partial = SweepFolder(home / f".fetched-{uuid.uuid4().hex}")
    try:
        _fetch(partial, name, url)
        partial.storage.write_text(url, encoding="utf-8")
        write_pulse(partial, url)  # first: a folder that is there must be the one that the storage names
        partial.path.rename(folder.path)
    except OSError as error:
        raise InfrastructureLost(f"storage {url}: does not answer ({first_line(error)}).") from error
    finally:
        shutil.rmtree(partial.path, ignore_errors=True)


def _fetch(folder: SweepFolder, name: str, url: str) -> None:
    names = [listed.name for listed in list_files(url)]
    if "status.json" not in names:
        raise InvalidInput(f"sweep '{name}': there is none at {url}. Give --storage what its sweep file says.")
    check_undriven(SweepFolder(folder.path.parent / name), url)
    for wanted in filter(is_copied, names):
        path = folder.path / wanted
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(StoredFile(within(url, *wanted.split("/"))).read_bytes())


def is_copied(name: str) -> bool:
    """Whether a file of that name is one that drivers copy; whatever else is in a storage stays there."""
    parts = name.split("/")
    patterns = (pattern.split("/") for pattern in COPIED)
    fits = any(len(pattern) == len(parts) and all(map(fnmatchcase, parts, pattern)) for pattern in patterns)
    return fits and ".." not in parts


def _keep_sending(copies: LedgerCopies, over: threading.Event) -> None:
    while not over.is_set():
        copies.send()
        over.wait(PAUSE_SECONDS)
