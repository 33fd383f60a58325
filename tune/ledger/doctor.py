"""What the death of a driver left wrong in a sweep's ledgers, found and mended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tune.driver.earlier import read_earlier
from tune.driver.liveness import driver_lock
from tune.ledger.home import SweepFolder, find_folder
from tune.ledger.measurements import end_last_line, is_torn, trial_results
from tune.ledger.status import DRIVER_GONE, SweepStatus, read_status, write_status
from tune.ledger.study import StudyTrial, cut_off_running
from tune.ledger.study_journal import mend_lines
from tune.ledger.sweep_study import catch_up_study, known_trials
from tune.sweep_file.spec import Sweep, load_sweep


@dataclass(frozen=True)
class Finding:
    """What was wrong, and what was done."""

    problem: str
    mended: str


def mend(home: Path, name: str) -> tuple[SweepStatus, list[Finding]]:
    """Puts the ledgers of a sweep in order: what has ended is told to the study, and nothing says that it runs.

    Raises:
        InvalidInput: there is no such sweep, or its driver lives.
    """
    folder = find_folder(home, name)
    with driver_lock(folder):
        sweep, status = load_sweep(str(folder.spec)), read_status(folder.status)
        findings = [*_torn(folder, sweep), *_study(folder, sweep)]
        mended = _status(folder, status, known_trials(sweep, folder))
        if mended != status:
            write_status(folder.status, mended)
            findings += _differences(status, mended)
        return mended, findings


def _torn(folder: SweepFolder, sweep: Sweep) -> Iterator[Finding]:
    if sweep.study.storage is None and mend_lines(folder.journal):
        yield Finding("the study's journal has half a line", "removed; what it told is told again from the trial's ledger")
    for number in (trial.number for trial in known_trials(sweep, folder)):
        if is_torn(ledger := trial_results(folder, number)):
            end_last_line(ledger)
            yield Finding(f"trial {number}: its ledger ends in half a line", "that epoch is trained again on resume")


def _study(folder: SweepFolder, sweep: Sweep) -> Iterator[Finding]:
    """Trials that the study has as running."""
    running = [trial.number for trial in known_trials(sweep, folder) if trial.state == "running"]
    if not running:
        return
    cut_off_running(catch_up_study(sweep, folder), DRIVER_GONE)
    states = {trial.number: trial for trial in known_trials(sweep, folder)}
    for number in running:
        yield Finding(f"trial {number}: the study has it running", _now(states[number]))


def _now(trial: StudyTrial) -> str:
    if trial.state == "stopped":
        return f"it waits, with {len(trial.values_by_epoch)} epochs: fxsweep resume goes on with it"
    return f"its ledger says how it ended: {trial.state} ({trial.reason})"


def _status(folder: SweepFolder, status: SweepStatus, trials: tuple[StudyTrial, ...]) -> SweepStatus:
    """The status that the ledgers tell."""
    earlier = read_earlier(folder, status, trials)
    if status.state != "running":
        return replace(status, trials=earlier.trials)
    at_seconds = folder.status.stat().st_mtime
    return replace(status, trials=earlier.trials).ended_as("stopped", at_seconds, DRIVER_GONE)


def _differences(before: SweepStatus, after: SweepStatus) -> Iterator[Finding]:
    if before.state != after.state:
        yield Finding(f"the status says {before.state}, and its driver is gone", f"it says {after.state}")
    for trial in after.trials:
        known = before.known(trial.number)
        if known is None:
            yield Finding(f"trial {trial.number}: the status does not have it", f"it has: {trial.state}")
        elif (known.state, known.epochs) != (trial.state, trial.epochs):
            was = f"{known.state} after {known.epochs} epochs"
            yield Finding(f"trial {trial.number}: the status says {was}", f"{trial.state} after {trial.epochs}")


def verdict(findings: list[Finding], name: str) -> str:
    """The last line of a doctor's report."""
    return f"{name}: {len(findings)} things mended." if findings else f"{name}: everything is in order."
