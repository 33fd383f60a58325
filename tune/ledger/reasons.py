"""Why a trial failed, in full: a file beside its pictures, where the status has one line only."""

from __future__ import annotations

from pathlib import Path

from tune.ledger.home import SweepFolder
from tune.ledger.status import TrialStatus

REASON_FILE = "reason.txt"


def write_reason(folder: SweepFolder, number: int, reason: str) -> Path:
    """Keeps a reason of several lines, such as a traceback."""
    path = folder.pictures(number) / REASON_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(reason, encoding="utf-8")
    return path


def full_reason(folder: SweepFolder, trial: TrialStatus) -> str:
    """The same again; the status's line where there was no more to say."""
    path = folder.pictures(trial.number) / REASON_FILE
    return path.read_text(encoding="utf-8") if path.is_file() else trial.reason
