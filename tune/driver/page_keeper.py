"""Keeps a running sweep's pages up to date: at most every minute, in a process of their own, so that the driver never waits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import tune
from tune.ledger.home import SweepFolder

PAUSE_SECONDS = 60.0  # between the end of one drawing and the start of the next, at least
SHARE = 0.05  # of the time that drawing may take: a large sweep's pages take longer and come less often
END_SECONDS = 5.0
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass
class PageKeeper:
    """To be polled again and again; every call returns at once.

    Args:
        folder: of the sweep.
        tell: what is done with a page that has changed.
        clock: seconds; anything that grows.
    """

    folder: SweepFolder
    tell: Callable[[Path], object]
    pause_seconds: float = PAUSE_SECONDS
    clock: Callable[[], float] = time.monotonic
    process: subprocess.Popen[bytes] | None = None
    began: float = 0.0
    due: float | None = None  # None before the first poll
    seen: int = 0  # the status file's time when pages were last drawn, in nanoseconds
    told: dict[Path, bytes] = field(default_factory=dict)  # digests of what was told last

    def poll(self) -> None:
        """Starts a drawing when it is due and something has changed; takes in one that has ended."""
        now = self.clock()
        if self.due is None:
            self.due = now + self.pause_seconds
        if self.process is not None:
            if self.process.poll() is not None:
                self._take_in(self.process, now)
        elif now >= self.due and (changed := self._changed()) != self.seen:
            self.seen, self.began = changed, now
            self.process = self._start()

    def close(self) -> None:
        """Ends a drawing that is under way: the last word is the driver's own."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.communicate(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        self.process = None

    def _changed(self) -> int:
        return self.folder.status.stat().st_mtime_ns if self.folder.status.is_file() else 0

    def _start(self) -> subprocess.Popen[bytes]:
        root = str(Path(str(tune.__file__)).parent.parent)
        paths = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
        return subprocess.Popen(
            [sys.executable, "-m", "tune.driver.draw_pages", str(self.folder.path)],
            env=os.environ | ONE_THREAD | {"PYTHONPATH": paths},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the driver
        )

    def _take_in(self, process: subprocess.Popen[bytes], now: float) -> None:
        printed, _ = process.communicate()
        self.process, self.due = None, now + max(self.pause_seconds, (now - self.began) / SHARE)
        if process.returncode != 0:
            return
        for path in map(Path, json.loads(printed)):
            digest = sha256(path.read_bytes()).digest()
            if self.told.get(path) != digest:
                self.told[path] = digest
                self.tell(path)
