"""One process that hosts one plugin, seen from outside: asked with a time limit, and reported by name when it fails."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Thread
from typing import IO

from trainables.effects.isolation.messages import Message, receive, send
from trainables.errors import TakeFailed

HOST = "trainables.effects.isolation.isolated_host"
PIPE_BYTES = 1 << 20  # what Linux allows to anybody: a clip goes through at once
KEPT_PIECES = 4  # of what the plugin printed last
SECONDS_TO_END = 5.0

# Memory that a plugin reads without having written it is zero, on every machine and after every other render.
ZEROED_MEMORY = {"MALLOC_PERTURB_": "255", "GLIBC_TUNABLES": "glibc.malloc.perturb=255:glibc.malloc.tcache_count=0"}


def host_command() -> tuple[str, ...]:
    """The command of a host of our own."""
    return (sys.executable, "-P", "-m", HOST)


class Child:
    """A running host. Not for two threads at once.

    Args:
        name: of its plugin, for reports.
        command: the host; it is told our process id as its last argument.
    """

    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name = name
        self._process = _starter(os.getpid()).submit(_start, (*command, str(os.getpid()))).result()
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        for pipe in (self._to, self._from):
            os.set_blocking(pipe, False)
            with suppress(OSError):
                fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        self._said: deque[bytes] = deque(maxlen=KEPT_PIECES)
        self._listener = Thread(target=_keep, args=(self._process.stderr, self._said), daemon=True)
        self._listener.start()

    @property
    def process_id(self) -> int:
        return self._process.pid

    def is_running(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: Message, seconds: float) -> Message:
        """The reply to a request.

        Raises:
            TakeFailed: the process hung for longer than `seconds`, crashed or ended; it is gone then.
        """
        deadline = time.monotonic() + seconds
        timed = Message({**request.head, "seconds": seconds}, request.audio)
        try:
            send(self._to, timed, deadline)
            return receive(self._from, deadline)
        except TimeoutError:
            self.stop()
            raise TakeFailed("hung", f"{self.name} hung for {seconds:g} s{self._last_words()}.") from None
        except (EOFError, BrokenPipeError):
            kind, how = self._how_it_ended()
            raise TakeFailed(kind, f"{self.name} {how}{self._last_words()}.") from None
        except BaseException:
            self.stop()  # half a message may be on its way
            raise

    def stop(self) -> None:
        """Kill it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._listener.join(SECONDS_TO_END)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def _how_it_ended(self) -> tuple[str, str]:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(SECONDS_TO_END)
        status = self._process.poll()
        self.stop()
        if status is None:
            return "stopped", "stopped answering"
        if status >= 0:
            return "stopped", f"stopped with exit status {status}"
        name = signal.Signals(-status).name
        return ("hung", "hung") if name == "SIGALRM" else ("crashed", f"crashed with signal {name}")

    def _last_words(self) -> str:
        lines = b"".join(self._said).decode(errors="replace").split("\n")
        printed = [line.strip() for line in lines if line.strip()]
        return f"; the last that it printed: '{printed[-1][:200]}'" if printed else ""


@lru_cache(maxsize=1)
def _starter(process_id: int) -> ThreadPoolExecutor:
    """A thread as long-lived as this process: a child is told to die with the very thread that started it."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="plugin-hosts")


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
    environment = os.environ | ZEROED_MEMORY | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, bufsize=0, stdin=pipe, stdout=pipe, stderr=pipe, env=environment)


def _keep(printed: IO[bytes], said: deque[bytes]) -> None:
    """Read on for ever, so that a talkative plugin never waits for a reader."""
    with printed:
        while piece := printed.read(4096):
            said.append(piece)
