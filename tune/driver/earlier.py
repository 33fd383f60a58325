"""What a sweep has behind it when a new driver takes it up: read from its ledgers, not from what the last driver had in mind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from trainables.rendering.render_counts import RenderCounts, from_facts
from trainables.training.trainable import CheckpointFile
from tune.driver.budget import Spent
from tune.driver.examination import late_controls
from tune.ledger.checkpoints import checkpoints_of, epoch_of, set_aside
from tune.ledger.home import SweepFolder
from tune.ledger.measurements import Measured, read_measured, trial_results
from tune.ledger.status import SweepStatus, TrialState, TrialStatus
from tune.ledger.storage import storage_of
from tune.ledger.study import StudyTrial

KEPT = 2  # checkpoints of a trial that goes on: the newest may have been cut off


@dataclass(frozen=True)
class Earlier:
    """The sweep so far; nothing, for a new one.

    Attributes:
        trials: every trial that was proposed; those that have not ended are `stopped`.
        epochs: the metrics of each of their epochs, by number.
        checkpoints: the last one of each trial that has ended.
        left_over: those that a trial that has not ended may go on from, the newest first.
        spent: of the budgets.
        rendered: what its drivers counted of rendering.
        started: when its first driver began, in seconds since 1970.
        model: the registered version of the best trial, and that trial's number; None if there is none yet.
    """

    trials: tuple[TrialStatus, ...] = ()
    epochs: Mapping[int, Sequence[dict[str, float]]] = field(default_factory=dict)
    checkpoints: Mapping[int, CheckpointFile] = field(default_factory=dict)
    left_over: Mapping[int, tuple[CheckpointFile, ...]] = field(default_factory=dict)
    spent: Spent = field(default_factory=Spent)
    rendered: RenderCounts = field(default_factory=RenderCounts)
    started: float | None = None
    model: tuple[Mapping[str, str], int] | None = None

    def taken_up(self, status: SweepStatus) -> SweepStatus:
        """A driver's first status with this in it."""
        return replace(status, trials=self.trials, started=self.started or status.started)

    def ended(self) -> tuple[TrialStatus, ...]:
        return tuple(trial for trial in self.trials if trial.state not in ("running", "stopped"))


def read_earlier(folder: SweepFolder, status: SweepStatus, study: Sequence[StudyTrial]) -> Earlier:
    """Reads the ledgers of a sweep whose driver is gone.

    Args:
        status: its last one, for what the ledgers do not have: run ids, worries, what was spent.
        study: all its trials, told from the ledger of measurements where their driver died before it could.
    """
    best = status.best()
    trials = [trial for trial in study if trial.state != "waiting"]
    measured = {trial.number: read_measured(trial_results(folder, trial.number)) for trial in trials}
    known = {trial.number: trial for trial in status.trials}
    statuses = [_status(folder, t, measured[t.number], known.get(t.number), status.objective["metric"]) for t in trials]
    unfinished = {trial.number for trial in statuses if trial.state == "stopped"}
    checkpoints = {trial.number: checkpoints_of(folder, trial.number) for trial in trials}
    return Earlier(
        trials=tuple(statuses),
        epochs={number: list(found.epochs) for number, found in measured.items()},
        checkpoints={number: paths[0] for number, paths in checkpoints.items() if paths and number not in unfinished},
        left_over={number: _left_over(folder, number, len(measured[number].epochs)) for number in unfinished},
        spent=Spent(status.spent_seconds, status.compute_seconds),
        rendered=from_facts(status.rendering),
        started=status.started or None,
        model=(status.model, best.number) if status.model and best else None,
    )


def _left_over(folder: SweepFolder, number: int, epochs: int) -> tuple[CheckpointFile, ...]:
    """What a trial may go on from. Ledgers that were copied from a storage may lack the last epoch: it is trained once more."""
    kept = set_aside(folder, number, KEPT)
    return tuple(path for path in kept if epoch_of(path) <= epochs) if storage_of(folder) else kept


def _status(folder: SweepFolder, trial: StudyTrial, measured: Measured, known: TrialStatus | None, metric: str) -> TrialStatus:
    epochs, known = measured.epochs, known or TrialStatus(trial.number, "stopped", trial.params)
    last = {**epochs[-1], **late_controls(folder, trial.number)} if epochs else {}
    ended = _seconds(trial.ended) or measured.last_at or None
    return replace(
        known,
        state=_state(trial),
        params=trial.params,
        score=last.get(metric),
        epochs=len(epochs),
        reason=trial.reason or measured.ended,
        seconds=max(measured.seconds, known.seconds),
        metrics=last,
        started=known.started or _seconds(trial.started),
        ended=None if _state(trial) == "stopped" else known.ended or ended,
    )


def _seconds(time: datetime | None) -> float:
    return time.timestamp() if time else 0.0


def _state(trial: StudyTrial) -> TrialState:
    return "stopped" if trial.state == "running" or trial.state == "waiting" else trial.state
