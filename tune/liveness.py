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

from tune.home import SweepFolder


@contextmanager
def driver_lock(folder: SweepFolder) -> Iterator[None]:
    """Held by the driver for the whole sweep."""
    with folder.driver.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        json.dump({"pid": os.getpid()}, file)
        file.flush()
        yield


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
    """SIGTERM, then waits; True if there was a driver and it has ended."""
    pid = driver_pid(folder)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + timeout_seconds
    while time.monotonic() < end:
        if driver_pid(folder) is None:
            return True
        time.sleep(0.1)
    return False
