"""A sweep as its driver sees it, without Ray: real files, real observer, real MLflow; the trials are made up."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from made_up_trials import READ_BACK, healthy
from rich.console import Console
from small_sweep import SMALL, write_sweep

from trainables.rendering.render_counts import RenderCounts
from tune.analysis.sweep_pages import write_sweep_pages
from tune.driver.budget import Spent
from tune.driver.console import SweepConsole
from tune.driver.earlier import Earlier
from tune.driver.examiner import Examiner
from tune.driver.maps import Pictures
from tune.driver.observer import Outlets, SweepObserver
from tune.driver.opening import first_status, open_tracker
from tune.driver.setbacks import Setbacks
from tune.ledger.home import SweepFolder, new_folder
from tune.ledger.identity import begin
from tune.ledger.measurements import trial_results
from tune.ledger.status import SweepStatus, TrialState, to_ms
from tune.sweep_file.spec import load_sweep
from tune.sweep_file.yaml_text import document_text
from tune.tracking.descriptions import closing_tags
from tune.tracking.run_record import FIGURES
from tune.tracking.stores import Tracking

TAGS = {"spec_hash": "abc", "evaluation_hash": "e1a2", "seed": "0", "code_version": "1"}
EPOCHS = [dict(metrics) for metrics in healthy().epochs]
RENDERED = RenderCounts(asked_takes=40, rendered_takes=30, actor_seconds=3.0)


class Maps:
    """Stands in for the map actor: pictures, and controls made late, when asked to."""

    def __init__(self) -> None:
        self.done: list[Pictures] = []

    def request(self, *given: Any) -> None:
        pass

    def draw(self, folder: Path, number: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        late = {"control/wet_vae/probe_accuracy": 0.25}
        (folder / "latent_map.html").write_text(f"<p>{number}</p>")
        (folder / "late_controls.json").write_text(json.dumps(late))
        (folder / "read_back.json").write_text(json.dumps(asdict(READ_BACK)))
        self.done.append(Pictures(number, tuple(sorted(folder.iterdir()))))

    def collect(self, timeout_seconds: float) -> Sequence[Pictures]:
        done, self.done = self.done, []
        return done


class MadeUpSweep:
    """A sweep that runs until `end`."""

    def __init__(self, home: Path, tracking: Tracking) -> None:
        home.mkdir(exist_ok=True)
        self.sweep = load_sweep(str(write_sweep(home, SMALL)))
        self.folder: SweepFolder = new_folder(home, "small")
        self.folder.spec.write_text(document_text(self.sweep.canonical()), encoding="utf-8")
        identity = begin(self.folder, TAGS)
        self.tracker = open_tracker(self.sweep, self.folder, identity, tracking)
        self.maps = Maps()
        stage: Any = SimpleNamespace(evaluation_hash="e1a2", corpus=SimpleNamespace(identity="c0"))
        status = first_status(self.sweep, identity, self.folder.name, stage, tracking, self.tracker)
        meter = SimpleNamespace(poll=lambda: None, counts=RENDERED)
        console, examiner = SweepConsole(Console(file=io.StringIO())), Examiner(self.sweep, self.folder, self.tracker)
        judges: Any = (SimpleNamespace(spent=Spent()), Setbacks(), lambda number: "")
        outlets: Any = Outlets(self.folder, self.tracker, console, self.maps, meter, examiner, *judges)  # type: ignore[arg-type]
        self.observer = SweepObserver(status, outlets, Earlier(), writing_share=1.0)

    def start(self, number: int) -> Any:
        params = {"latent_size": 8, "patience": 1 + number, "effect_split": "-leslie-combo-loudness"}
        config = params | {"trial_number": number}
        trial = SimpleNamespace(trial_id=f"id-{number}", config=config, last_result={}, checkpoint=None)
        self.observer.on_trial_start(0, [], trial)
        return trial

    def report(self, trial: Any, epoch: int, ended: str = "", at_seconds: int = 1_700_000_000, **more: Any) -> None:
        """As Ray Tune does: the ledger first."""
        result = EPOCHS[epoch - 1] | {"epoch": epoch, "ended": ended, "timestamp": at_seconds + 7 * epoch, "pid": 12} | more
        file = trial_results(self.folder, trial.config["trial_number"])
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as lines:
            lines.write(json.dumps(result) + "\n")
        trial.last_result = result
        self.observer.on_trial_result(0, [], trial, result)

    def complete(self, trial: Any) -> None:
        number = trial.config["trial_number"]
        self.observer.on_trial_complete(0, [], trial)
        self.maps.draw(self.folder.pictures(number), number)
        self.observer.collect_maps()

    def trials(self) -> None:
        """One of each kind: complete, pruned, failed with a traceback, with an epoch that was trained twice, still running."""
        complete, pruned, failed, twice, running = (self.start(number) for number in range(5))
        for epoch in (1, 2, 3):
            self.report(complete, epoch, ended="patience" if epoch == 3 else "")
        self.complete(complete)
        self.report(pruned, 1)
        self.complete(pruned)
        self.report(failed, 1)
        self.report(failed, 2, failed=True, error="Traceback\n  File x\nValueError: loss is not finite")
        self.observer.on_trial_complete(0, [], failed)
        for epoch, at_seconds in ((1, 1_700_000_000), (2, 1_700_000_000), (2, 1_700_000_900), (3, 1_700_000_900)):
            self.report(twice, epoch, "max_epochs" if epoch == 3 else "", at_seconds, **{"train/loss": 1e-9 * at_seconds})
        self.complete(twice)
        self.report(running, 1)

    def end(self, state: TrialState = "complete", at_seconds: float = 1_800_000_000.5) -> SweepStatus:
        """In the order of `driver.Driver._end`."""
        status = replace(self.observer.status.ended_as(state, at_seconds), rendering=RENDERED.facts())
        self.observer.finish(status)
        for file in write_sweep_pages(self.sweep, self.folder, status):
            self.tracker.sweep_artifact(file)
        best = status.best()
        metrics = RENDERED.metrics() | ({"best_score": best.score} if best and best.score is not None else {})
        if self.folder.figures.is_dir():
            self.tracker.sweep_artifact(self.folder.figures, FIGURES)
        tags = closing_tags(status)
        assert self.tracker.close(state, metrics, tags, at_ms=to_ms(at_seconds)).missing == 0
        trials = tuple(replace(trial, run_id=self.tracker.run_id(trial.number)) for trial in status.trials)
        self.observer.finish(replace(status, trials=trials))
        return self.observer.status
