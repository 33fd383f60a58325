"""Whether a sweep's driver lives: it holds a lock on its `driver.json` for as long as it does.

A lock, not a process id: ids are used again, and a lock goes with its process however that dies.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder


@contextmanager
def driver_lock(folder: SweepFolder) -> Iterator[None]:
    """Held by the driver for the whole sweep.

    Raises:
        InvalidInput: another driver holds it.
    """
    with folder.driver.open("a", encoding="utf-8") as file:  # not "w": that would wipe out what another driver wrote
        if not _locked(file):
            raise InvalidInput(f"sweep '{folder.name}': is running already. Stop it first: fxsweep stop {folder.name}")
        file.truncate(0)
        json.dump({"pid": os.getpid()}, file)
        file.flush()
        yield


def _locked(file: TextIO, patience_seconds: float = 1.0) -> bool:
    """Whether the lock was to be had. Patient, since `driver_pid` holds it for an instant."""
    end = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > end:
                return False
        time.sleep(0.01)


def driver_pid(folder: SweepFolder) -> int | None:
    """The living driver's process id, or None."""
    try:
        with folder.driver.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(json.load(file)["pid"])
    except (OSError, ValueError, KeyError):
        return None
    return None


def stop_driver(folder: SweepFolder, timeout_seconds: float = 60.0) -> bool:
    """SIGTERM, then waits; True if there was a driver and it has ended.

    Raises:
        InvalidInput: the driver is another user's.
    """
    pid = driver_pid(folder)
    if pid is None:
        return False
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:  # it has just ended by itself
        pass
    except PermissionError:
        raise InvalidInput(f"sweep '{folder.name}': its driver (process {pid}) is another user's. Ask them to stop it.") from None
    end = time.monotonic() + timeout_seconds
    while time.monotonic() < end:
        if driver_pid(folder) is None:
            return True
        time.sleep(0.1)
    return False
