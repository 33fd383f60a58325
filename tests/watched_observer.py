"""An observer with stand-ins for all that it tells, and Ray Tune's events in short."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from planned_status import sweep
from rich.console import Console

from trainables.rendering.render_counts import RenderCounts
from tune.driver.budget import Spent
from tune.driver.console import SweepConsole
from tune.driver.earlier import Earlier
from tune.driver.maps import MapQueue, Pictures
from tune.driver.notices import Notices
from tune.driver.observer import Outlets, SweepObserver
from tune.driver.setbacks import Setbacks
from tune.ledger.home import SweepFolder
from tune.ledger.status import TrialStatus, read_status

METRIC = "eval/probe_accuracy"
NOTHING_BEFORE = Earlier()


class Tracker:
    """Stands in for the writer to MLflow: keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.known: dict[str, str] = {}

    def trial_started(self, *given: Any) -> None:
        self.told.append(("started", *given))

    def trial_report(self, *given: Any) -> None:
        self.told.append(("report", *given))

    def trial_ended(self, *given: Any) -> None:
        self.told.append(("ended", *given))

    def trial_artifact(self, *given: Any) -> None:
        self.told.append(("artifact", *given))

    def run_id(self, number: int) -> str:
        return f"run-{number}"

    def place(self) -> dict[str, str]:
        return self.known


class Maps:
    """Stands in for the map actor: every request is answered at once."""

    def __init__(self) -> None:
        self.requests: list[tuple[int, Path, int, str, Path]] = []
        self.done: list[Pictures] = []

    def request(self, number: int, checkpoint: Path, history: Sequence[Any], title: str, folder: Path) -> None:
        self.requests.append((number, checkpoint, len(history), title, folder))
        self.done.append(Pictures(number, (folder / "latent_map.png",)))

    def drawn(self, folder: Path) -> bool:
        return MapQueue.drawn(folder)

    def collect(self, timeout_seconds: float) -> list[Pictures]:
        done, self.done = self.done, []
        return done


class Examiner:
    """Stands in for the checks: a trial's worry is its last epoch, then whether its pictures are there."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str, int]] = []

    def examine(self, trial: TrialStatus, epochs: Sequence[Any]) -> str:
        self.asked.append((trial.number, trial.state, len(epochs)))
        return f"asked {len(self.asked)} times"


class Watched:
    """An observer with what it tells, and Ray Tune's events in short."""

    def __init__(self, path: Path, earlier: Earlier = NOTHING_BEFORE, notices: Notices | None = None) -> None:
        self.folder, self.tracker, self.maps = SweepFolder(path), Tracker(), Maps()
        self.shown = io.StringIO()
        self.console = SweepConsole(Console(file=self.shown, width=200, color_system=None))
        self.console.log = self.folder.log
        meter = SimpleNamespace(poll=lambda: None, counts=RenderCounts(rendered_takes=16))
        self.examiner = Examiner()
        parts: Any = (self.folder, self.tracker, self.console, self.maps, meter, self.examiner)
        self.setbacks, why_stopped = Setbacks(), {1: "stopped at rung 3: 0.5 is below"}
        outlets = Outlets(*parts, SimpleNamespace(spent=Spent(7.0, 14.0)), self.setbacks, lambda n: why_stopped.get(n, ""))  # type: ignore[arg-type]
        outlets = replace(outlets, notices=notices or Notices())
        self.observer = SweepObserver(sweep(), outlets, earlier, writing_share=1.0)

    def start(self, trial: Any) -> None:
        self.observer.on_trial_start(0, [], trial)

    def result(self, trial: Any, epoch: int, score: float, ended: str = "") -> None:
        trial.last_result = {METRIC: score, "epoch": epoch, "ended": ended, "done": bool(ended), "time_total_s": 1.0}
        trial.last_result["timestamp"] = 1_700_000_000 + epoch
        self.observer.on_trial_result(0, [], trial, trial.last_result)

    def fail(self, trial: Any, error: str) -> None:
        trial.last_result = {METRIC: math.nan, "epoch": 1, "ended": "", "failed": True, "error": error, "done": True}
        self.observer.on_trial_result(0, [], trial, trial.last_result)
        self.complete(trial)

    def complete(self, trial: Any) -> None:
        self.observer.on_trial_complete(0, [], trial)

    def told(self, kind: str) -> list[tuple[Any, ...]]:
        return [given for what, *given in self.tracker.told if what == kind]  # type: ignore[misc]

    def file(self, number: int) -> TrialStatus:
        return read_status(self.folder.status).trial(number)


def tune_trial(number: int, checkpoint: str | None = "/trials/checkpoint") -> Any:
    return SimpleNamespace(
        trial_id=f"id-{number}",
        config={"trial_number": number, "latent_size": 8},
        last_result=None,
        checkpoint=SimpleNamespace(path=checkpoint) if checkpoint else None,
    )
