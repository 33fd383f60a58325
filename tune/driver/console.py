"""What `fxsweep run` says while it works: a line when a trial ends, and one live line of progress.

On a terminal the live line stays at the bottom; elsewhere (a file, a job's log) it is printed now and then.
A job's log also carries machine-readable status lines, from which `fxsweep status` reads over the network.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tune.ledger.status import SweepStatus, TrialStatus, count_states, to_json
from tune.space.names import run_name

STATUS_PREFIX = "fxsweep-status "
QUEUE_PREFIX = "fxsweep-queue "  # its place in the queue follows; 0 when its turn has come
DRIVER_ENDED = "fxsweep-driver-ended"  # everything is put away
MACHINE_PREFIXES = (STATUS_PREFIX, QUEUE_PREFIX, DRIVER_ENDED)
QUIET_SECONDS = 15.0  # between progress lines where there is no terminal
STATUS_SECONDS = 2.0  # between machine-readable status lines, at least
STATUS_BYTES_PER_SECOND = 4000  # on average: every line tells of all trials, and the log of a long sweep must stay readable
WIDTH_OF_A_LOG = 140
GOES_ON = ("running", "stopped")  # in a sweep that runs, what was stopped is to be taken up
STATE_COLOURS = {"complete": "green", "pruned": "yellow", "failed": "red"}


class SweepConsole:
    """Prints; keeps the times of its last lines and nothing else.

    Args:
        console: rich's.
        machine_readable: whether to print status lines.
    """

    def __init__(self, console: Console, machine_readable: bool = False) -> None:
        self.console, self.machine_readable = console, machine_readable
        self.counts: Callable[[], str] = lambda: ""
        self.log: Path | None = None  # where every line is kept as well
        self.live = console.status("starting") if console.is_terminal else None
        self.last_progress = self.next_status = 0.0
        self.last_said = ""

    def say(self, *lines: str | Text | Table) -> None:
        for line in lines:
            show(self.console, line)
            self._keep(line)

    def record(self, text: str) -> None:
        """What belongs into the log and not between a user's progress lines, such as a traceback.

        A job's log is all that can be read from afar, so there it is printed.
        """
        self._keep(text.rstrip())
        if self.machine_readable:
            print(text.rstrip(), flush=True)

    def _keep(self, line: str | Text | Table) -> None:
        """Lost where the log can't be written: a full disk must not hide why a sweep ends."""
        if self.log is not None:
            with suppress(OSError), self.log.open("a", encoding="utf-8") as file:
                show(Console(file=file, width=WIDTH_OF_A_LOG), line)

    def driver_ended(self) -> None:
        """The last line of a job's log that is for programs: everything is put away."""
        self._print_for_programs(DRIVER_ENDED)

    def waits_in_queue(self, place: int) -> None:
        """For programs: its place from 1, and 0 when its turn has come."""
        self._print_for_programs(f"{QUEUE_PREFIX}{place}")

    def _print_for_programs(self, line: str) -> None:
        if self.machine_readable:
            print(line, flush=True)

    def start(self) -> None:
        if self.live is not None:
            self.live.start()

    def stop(self) -> None:
        if self.live is not None:
            self.live.stop()

    def trial_ended(self, trial: TrialStatus, status: SweepStatus) -> None:
        score = f"{trial.score:.3f}" if trial.score is not None else "-"
        state = (f"{trial.state:<8}", STATE_COLOURS.get(trial.state, "white"))
        facts = f" {score:>6}  {trial.epochs:>3} epochs  {trial.seconds:>4.0f} s  {run_name(trial.params)}"
        why = (f" ({trial.reason})" if trial.reason else "", "dim")
        self.say(Text.assemble(f"  trial {trial.number:<3} ", state, facts, why))
        self.progress(status, at_once=self.live is not None)

    def progress(self, status: SweepStatus, at_once: bool = False) -> None:
        now = time.monotonic()
        if self.live is not None:
            self.live.update(progress_line(status, self.counts(), time.time()))
        elif (at_once or now - self.last_progress >= QUIET_SECONDS) and progress_line(status, "", 0.0) != self.last_said:
            self.last_progress, self.last_said = now, progress_line(status, "", 0.0)
            self.say(f"  {progress_line(status, self.counts(), time.time())}")

    def machine_status(self, status: SweepStatus) -> None:
        """One line of JSON for readers of the job's log."""
        now = time.monotonic()
        if self.machine_readable and (status.ended is not None or now >= self.next_status):
            line = STATUS_PREFIX + json.dumps(to_json(status), separators=(",", ":"))
            self.next_status = now + max(STATUS_SECONDS, len(line) / STATUS_BYTES_PER_SECOND)
            print(line, flush=True)


def show(console: Console, shown: str | Text | Table) -> None:
    """Prints a string as it is (a bracket in a file's name is no markup); a line too long is the terminal's to break."""
    console.print(Text(shown) if isinstance(shown, str) else shown, highlight=False, soft_wrap=True)


def progress_line(status: SweepStatus, counts: str, now_seconds: float) -> str:
    """`3 of 10 trials, 2 running, 31 epochs, best 0.634, ...; about 1:20 left`."""
    states = count_states(status.trials)
    running = states.get("running", 0)
    ended = sum(count for state, count in states.items() if state not in GOES_ON)
    epochs = sum(t.epochs for t in status.trials)
    best = status.best()
    parts = [
        f"{ended} of {status.budget_trials} trials",
        f"{running} running",
        f"{epochs} epochs",
        f"best {best.score:.3f}" if best and best.score is not None else "",
        counts,
        time_left(status.trials, status.budget_trials, status.spent_seconds or now_seconds - status.started),
    ]
    return ", ".join(part for part in parts if part)


def time_left(trials: Sequence[TrialStatus], budget: int, elapsed_seconds: float) -> str:
    """A guess from the pace so far; a running trial counts as half done."""
    done = sum(0.5 if t.state in GOES_ON else 1.0 for t in trials)
    if all(t.state in GOES_ON for t in trials) or done >= budget:
        return ""
    return f"about {clock(elapsed_seconds * (budget - done) / done)} left"


def clock(seconds: float) -> str:
    """`1:05` is a minute and five seconds, `2:00:00` two hours."""
    minutes, rest = divmod(int(max(0.0, seconds)), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"
