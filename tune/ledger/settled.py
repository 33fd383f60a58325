"""A sweep's status when nobody runs it any more: of what its driver left unsaid, the ledgers know the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tune.ledger.home import SweepFolder
from tune.ledger.measurements import last_result, read_reports, trial_results
from tune.ledger.status import DRIVER_GONE, SweepStatus, TrialStatus, read_status
from tune.ledger.study import StudyTrial
from tune.ledger.sweep_study import known_trials
from tune.sweep_file.spec import Sweep


def settled_status(folder: SweepFolder, sweep: Sweep) -> SweepStatus:
    """The status with every trial ended and every time known.

    A trial that the status has running ended as the study says; one that the study has running, too, was stopped. Times that
    the status lacks, as in the folder of an older version, are the study's. Nothing is written.
    """
    status = read_status(folder.status)
    study = {trial.number: trial for trial in known_trials(sweep, folder)}
    status = replace(status, trials=tuple(_settled(folder, trial, study.get(trial.number)) for trial in status.trials))
    if status.state != "running":
        return status
    unfinished = replace(status, rendering={})  # the sum is drawn at the end
    return unfinished.ended_as("stopped", _last_sign(folder, status), DRIVER_GONE)


def _settled(folder: SweepFolder, trial: TrialStatus, told: StudyTrial | None) -> TrialStatus:
    if told is None:
        return trial
    started = trial.started or (told.started.timestamp() if told.started else 0.0)
    ended = trial.ended or (told.ended.timestamp() if told.ended else None)
    trial = replace(trial, started=started, ended=ended)
    if trial.state != "running" or told.state == "running" or told.state == "waiting":
        return trial
    return replace(trial, state=told.state, reason=told.reason or _why(folder, trial.number, told), ended=ended)


def _why(folder: SweepFolder, number: int, told: StudyTrial) -> str:
    ended = str(last_result(trial_results(folder, number)).get("ended") or "")
    return ended or ("stopped early by the scheduler" if told.state == "pruned" else "")


def _last_sign(folder: SweepFolder, status: SweepStatus) -> float:
    """When a driver that is gone was last heard of, in seconds since 1970: by its ledgers, because files get copied."""
    return max([status.started, *_signs(folder, status.trials)])


def _signs(folder: SweepFolder, trials: Iterable[TrialStatus]) -> Iterable[float]:
    for trial in trials:
        yield trial.started
        yield trial.ended or 0.0
        yield from (report.at_ms / 1000 for report in read_reports(trial_results(folder, trial.number)))
