"""The drivers of one real sweep, one after the other: started, watched from outside, killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from processes import Process, below, called, send
from small_sweep import command, environment, facts, write_sweep

from tune.ledger.home import SweepFolder

PATIENCE_SECONDS = 480.0  # for anything; a machine may be busy with other things
MOST_DRIVERS = 20
PROMPT = "$ fxsweep "
AWAITS_PICTURES = "  waiting for"
NO_RAY = "could not be reached"  # said, with exit code 6, by a driver whose Ray took too long to start


@dataclass
class Drivers:
    """One sweep called `small` and whoever drives it; `close` ends all that was started.

    Args:
        folder: for the sweep file and the drivers' output.
        home: of the sweep.
        program: the command line before the verb.
        more: environment variables beside a user's own.
    """

    folder: Path
    home: Path
    spec: Mapping[str, Any]
    program: tuple[str, ...] = tuple(command())
    more: Mapping[str, str] = field(default_factory=dict)
    started: set[Process] = field(default_factory=set)
    process: subprocess.Popen[bytes] | None = None
    arguments: tuple[str, ...] = ()
    count: int = 0

    @property
    def sweep(self) -> SweepFolder:
        return SweepFolder(self.home / "small")

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text(errors="replace")

    @property
    def last_output(self) -> str:
        """Of the last driver."""
        return self.output.rpartition(PROMPT)[2]

    def run(self) -> None:
        """The first driver."""
        self._start("run", str(write_sweep(self.folder, dict(self.spec))))

    def resume(self) -> None:
        """The next one."""
        self._start("resume", "small")

    def status(self) -> dict[str, Any]:
        found: dict[str, Any] = facts("status", "small", "--home", str(self.home))
        return found

    def epochs(self) -> int:
        """How many are in the ledgers."""
        return epochs_in(self.sweep)

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def below(self) -> list[Process]:
        """Everything that the living driver has started."""
        found = below(self.process.pid) if self.process is not None and self.running() else []
        self.started |= set(found)
        return found

    def victims(self, wanted: str) -> list[Process]:
        return called(self.below(), wanted)

    def wait_for(self, what: Callable[[], Any], name: str) -> Any:
        """Waits until something is so while the driver runs; returns it."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (found := what()):
            assert self.running() or self._tried_again(), f"waiting for {name}, the driver has ended:\n{self.output}"
            assert time.monotonic() < end, f"no {name}:\n{self.output}"
            time.sleep(0.05)
        return found

    def signal(self, number: signal.Signals, group: bool = False) -> None:
        """To the driver, or to its whole process group as a terminal does."""
        assert self.process is not None
        self.below()
        (os.killpg if group else os.kill)(self.process.pid, number)

    def exit_code(self) -> int:
        """Of the driver, when it has ended."""
        assert self.process is not None
        end = time.monotonic() + PATIENCE_SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < end, f"the driver does not end:\n{self.output}"
            self.below()
            time.sleep(0.1)
        return int(self.process.returncode)

    def finish(self, awaits_pictures: bool = False) -> None:
        """Waits until the sweep is complete; for its pictures only if asked to, as they take long."""
        while (code := self._last_exit_code(awaits_pictures)) != 0:
            assert self._tried_again(), f"exit code {code}:\n{self.output}"

    def close(self) -> None:
        """Ends a driver that still runs, and everything that was started."""
        if self.process is not None and self.running():
            self.signal(signal.SIGKILL, group=True)
            self.process.wait()
            send(self.started)

    def _last_exit_code(self, awaits_pictures: bool) -> int:
        end = time.monotonic() + PATIENCE_SECONDS
        while self.running() and AWAITS_PICTURES not in self.last_output:
            assert time.monotonic() < end, f"the search does not end:\n{self.output}"
            self.below()
            time.sleep(0.1)
        if self.running() and not awaits_pictures:
            self.signal(signal.SIGINT)
        return self.exit_code()

    def _tried_again(self) -> bool:
        """Whether the driver ended because Ray did not start in time, as on a busy machine, and was started once more."""
        no_ray = self.process is not None and self.process.poll() == 6 and NO_RAY in self.last_output
        if no_ray and self.count < MOST_DRIVERS:
            self._start(*self.arguments)
        return no_ray

    def _start(self, *arguments: str) -> None:
        assert not self.running()
        self.count, self.arguments = self.count + 1, arguments
        with (self.folder / "output").open("ab") as output:
            output.write(f"{PROMPT}{' '.join(arguments)}\n".encode())
            output.flush()
            self.process = subprocess.Popen(
                [*self.program, *arguments, "--home", str(self.home)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=environment() | dict(self.more), start_new_session=True,
            )  # fmt: skip


def wait_until(what: Callable[[], Any], otherwise: Callable[[], str]) -> Any:
    """Waits until something is so, and returns it; if that takes too long, says what there is otherwise."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := what()):
        assert time.monotonic() < end, otherwise()
        time.sleep(0.1)
    return found


def epochs_in(folder: SweepFolder) -> int:
    """How many epochs a sweep's ledgers have."""
    return sum(len({report["epoch"] for report in reports}) for reports in ledgers(folder).values())


def ledgers(folder: SweepFolder) -> dict[int, list[dict[str, Any]]]:
    """By trial, the epochs' reports in its ledger, as often as they are there; half a line does not count."""
    files = folder.trials.glob("trial-*/result.json")
    return {int(file.parent.name.removeprefix("trial-")): _reports(file) for file in files}


def _reports(file: Path) -> list[dict[str, Any]]:
    whole, _, _ = file.read_text(encoding="utf-8", errors="replace").rpartition("\n")
    parsed = []
    for line in whole.splitlines():
        with suppress(ValueError):  # half a line that the next driver ended
            parsed.append(json.loads(line))
    return [report for report in parsed if not report.get("failed")]
