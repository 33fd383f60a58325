"""What trials reported before a sweep was taken up again, from its ledgers."""

from __future__ import annotations

from collections.abc import Iterable

from tune.ledger.home import SweepFolder
from tune.ledger.measurements import epoch_metrics, trial_results
from tune.ledger.study import StudyTrial
from tune.search.curves import Curve, Unit
from tune.search.stopping_rule import WORK_SECONDS


def read_curves(trials: Iterable[StudyTrial], folder: SweepFolder, unit: Unit) -> dict[int, Curve]:
    """By trial number: values from the study, seconds of work from the trials' folders."""
    return {trial.number: _curve(trial, folder, unit) for trial in trials}


def _curve(trial: StudyTrial, folder: SweepFolder, unit: Unit) -> Curve:
    seconds = _work_seconds(folder, trial.number) if unit == "seconds" else {}
    curve = Curve(unit)
    for epoch in sorted({*trial.values_by_epoch, *seconds}):
        curve = curve.after(epoch, trial.values_by_epoch.get(epoch), seconds.get(epoch, 0.0))
    return curve


def _work_seconds(folder: SweepFolder, number: int) -> dict[int, float]:
    epochs = epoch_metrics(trial_results(folder, number))
    return {epoch: metrics.get(WORK_SECONDS, 0.0) for epoch, metrics in epochs.items()}
