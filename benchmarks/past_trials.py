"""Trials that ended before a simulated sweep is taken up, in study, status and scheduler, as those of a real one would be."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState, create_trial

from benchmarks.curve_table import CurveTable
from benchmarks.replay import METRIC
from tune.driver.earlier import Earlier
from tune.ledger.measurements import own_metrics
from tune.ledger.status import TrialStatus
from tune.ledger.study import open_study
from tune.search.curves import Curve
from tune.search.optuna_space import distributions
from tune.space.drawing import drawn_point
from tune.sweep_file.spec import Sweep

EVALUATED, CONTROLLED = 78, 244  # metrics of a real report: a VAE's scores, and those of its controls
STOPPED_EARLY = 0.75  # of the trials, as successive halving leaves them


@dataclass(frozen=True)
class PastTrial:
    """One that ended: its settings, and the objective at each of its epochs (as many as it had)."""

    params: Mapping[str, Any]
    scores: tuple[float, ...]
    pruned: bool


@dataclass(frozen=True)
class Past:
    """Trials that ended, in the order of their numbers."""

    trials: tuple[PastTrial, ...] = ()

    def write_study(self, sweep: Sweep, journal: Path, name: str) -> None:
        """Begins the sweep's study with them, if there are any."""
        if self.trials:
            study = open_study(journal, name, [objective.mode for objective in sweep.objectives])
            study.add_trials(_frozen(trial, sweep) for trial in self.trials)

    def curves(self) -> dict[int, Curve]:
        """What the scheduler knows of them."""
        return {number: _curve(trial.scores) for number, trial in enumerate(self.trials)}

    def earlier(self) -> Earlier:
        """What the driver knows of them. The metrics of their epochs are left out: no more is asked of them."""
        return Earlier(trials=tuple(_status(number, trial) for number, trial in enumerate(self.trials)))


def draw_past(table: CurveTable, sweep: Sweep, trials: int, random: np.random.Generator) -> Past:
    """Settings by chance; of the trials STOPPED_EARLY end after a few epochs, the others at the last."""
    return Past(tuple(_drawn(table, drawn_point(sweep.dimensions, random), random) for _ in range(trials)))


def result_of(score: float, epoch: int, seconds: float, last: bool) -> dict[str, Any]:
    """What a trial reports: as many metrics as a real one."""
    scores = {f"eval/skill/{number}": score / number for number in range(1, EVALUATED)}
    controls = {f"control/pca/{number}": 0.5 / number for number in range(1, CONTROLLED + 1)}
    own = {METRIC: score, "epoch": epoch, "seconds/work": seconds, "trial/seconds": seconds * epoch, "timestamp": time.time()}
    return {**scores, **controls, **own, "training_iteration": epoch, "ended": "max_epochs" if last else "", "done": last}


def _drawn(table: CurveTable, params: Mapping[str, Any], random: np.random.Generator) -> PastTrial:
    pruned = bool(random.random() < STOPPED_EARLY)
    epochs = 1 + int(random.integers(table.epochs // 3)) if pruned else table.epochs
    return PastTrial(params, tuple(float(score) for score in table.scores[table.row(params), :epochs]), pruned)


def _frozen(trial: PastTrial, sweep: Sweep) -> FrozenTrial:
    frozen = create_trial(
        state=TrialState.PRUNED if trial.pruned else TrialState.COMPLETE,
        value=None if trial.pruned else trial.scores[-1],
        params=dict(trial.params),
        distributions=distributions(sweep.dimensions),
        intermediate_values=dict(enumerate(trial.scores, start=1)),
    )
    frozen.datetime_start = frozen.datetime_complete = datetime.now()
    return frozen


def _curve(scores: tuple[float, ...]) -> Curve:
    epochs = len(scores)
    return replace(Curve(), epochs=epochs, times=tuple(float(epoch) for epoch in range(1, epochs + 1)), values=scores)


def _status(number: int, trial: PastTrial) -> TrialStatus:
    metrics = own_metrics(result_of(trial.scores[-1], len(trial.scores), 1.0, not trial.pruned))
    state, now = ("pruned" if trial.pruned else "complete"), time.time()
    return TrialStatus(
        number, state, trial.params, trial.scores[-1], len(trial.scores), metrics=metrics, worries="", started=now, ended=now
    )  # fmt: skip
