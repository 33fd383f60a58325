"""Should I worry about a trial? Asked of the files that a sweep keeps: its sweep file, ledgers and weights read back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from trainables.diagnosis.diagnosis import Check, ReadBack, TrialRecord, diagnose
from trainables.diagnosis.trial_record import LATE_CONTROLS_FILE, READ_BACK_FILE
from tune.ledger.home import SweepFolder, find_folder
from tune.ledger.measurements import read_epochs, read_reports, trial_results
from tune.ledger.status import SweepStatus, TrialStatus
from tune.space.trials import to_trial_config
from tune.sweep_file.spec import Sweep, load_sweep


def examination(
    sweep: Sweep, folder: SweepFolder, trial: TrialStatus, epochs: Sequence[Mapping[str, float]]
) -> tuple[Check, ...]:
    """The checks of a trial that has ended."""
    return diagnose(trial_record(sweep, folder, trial, epochs))


def trial_record(sweep: Sweep, folder: SweepFolder, trial: TrialStatus, epochs: Sequence[Mapping[str, float]]) -> TrialRecord:
    """What is known of a trial that has ended: its metrics and, where there is one, its weights read back."""
    ended = "pruned" if trial.state == "pruned" else trial.reason if trial.state == "complete" else ""
    read_back = _read_back(folder.pictures(trial.number) / READ_BACK_FILE)
    epochs = [*epochs[:-1], {**epochs[-1], **late_controls(folder, trial.number)}] if epochs else []
    return TrialRecord(to_trial_config(sweep, trial.params), tuple(epochs), ended, read_back)


def late_controls(folder: SweepFolder, number: int) -> dict[str, float]:
    """Metrics of controls that were made after the trial had ended; none if they are not there yet."""
    path = folder.pictures(number) / LATE_CONTROLS_FILE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def late_ms(folder: SweepFolder, number: int) -> int:
    """The time that late controls are told with, that of the trial's last epoch: a copied file forgets its own."""
    reports = read_reports(trial_results(folder, number))
    return reports[-1].at_ms if reports else 0


def examined_again(sweep: Sweep, folder: SweepFolder, trial: TrialStatus) -> tuple[Check, ...]:
    """The same from the sweep's files alone; no checks of a trial without a completed epoch, nor of a matcher."""
    if sweep.trainable == "matcher":
        return ()
    epochs = read_epochs(trial_results(folder, trial.number))
    return examination(sweep, folder, trial, epochs) if epochs else ()


def best_examined_again(home: Path, status: SweepStatus) -> tuple[Check, ...]:
    """The checks of a sweep's best trial; none if there is no such trial.

    Raises:
        InvalidInput: the sweep's files are not in `home`.
    """
    folder, best = find_folder(home, status.name), status.best()
    return examined_again(load_sweep(str(folder.spec)), folder, best) if best else ()


def _read_back(path: Path) -> ReadBack | None:
    return ReadBack(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else None
