"""The ledger of measurements: what each trial reported, a line an epoch, in its own folder.

Written by the driver before anybody else hears of a report, straight to where it stays: what Ray Tune keeps of its own is
copied there now and then only, and a driver that is killed would lose the epochs in between.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tune.ledger.home import SweepFolder
from tune.ledger.status import finite

RESULTS_FILE = "result.json"
OUR_OWN = ("epoch", "ended", "failed", "error", "cause", "stopped", "done")
KEPT_OF_TUNE = ("trial_id", "timestamp", "time_this_iter_s")
TUNE_KEYS = {
    "training_iteration", "trial_id", "date", "timestamp", "time_this_iter_s", "time_total_s", "pid", "hostname",
    "node_ip", "time_since_restore", "iterations_since_restore", "checkpoint_dir_name", "should_checkpoint",
}  # fmt: skip


@dataclass(frozen=True)
class Report:
    """What a trial reported at the end of one epoch; `at_ms` is Ray Tune's time, whole seconds."""

    epoch: int
    metrics: Mapping[str, float]
    at_ms: int


@dataclass(frozen=True)
class Measured:
    """All that a trial's ledger tells.

    Attributes:
        epochs: the metrics of each epoch, in order.
        ended: why it ended by itself ("patience", "max_epochs"), or "".
        error: the traceback of its failure, or "".
        seconds: how long it was trained, epochs that were trained twice included.
        first_at, last_at: when its first and its last report came, in seconds since 1970; 0 without any.
    """

    epochs: tuple[dict[str, float], ...] = ()
    ended: str = ""
    error: str = ""
    seconds: float = 0.0
    first_at: float = 0.0
    last_at: float = 0.0


def append_result(path: Path, result: Mapping[str, Any]) -> None:
    """Adds a line, in one write."""
    kept = own_metrics(result) | {key: result[key] for key in (*OUR_OWN, *KEPT_OF_TUNE) if key in result}
    path.parent.mkdir(parents=True, exist_ok=True)
    end_last_line(path)
    with path.open("ab") as file:
        file.write(json.dumps(kept).encode() + b"\n")


def end_last_line(path: Path) -> None:
    """Ends a line that was cut off, so that the next one can be read."""
    if is_torn(path):
        with path.open("ab") as file:
            file.write(b"\n")


def is_torn(path: Path) -> bool:
    """Whether a file's last line was cut off."""
    if not path.is_file() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def own_metrics(result: Mapping[str, Any]) -> dict[str, float]:
    """What `fit` reported and is finite, without what Ray Tune adds."""
    return {k: v for k, v in finite(result).items() if k not in TUNE_KEYS and k not in OUR_OWN}


def trial_results(folder: SweepFolder, number: int) -> Path:
    """The ledger of a trial."""
    return folder.trials / f"trial-{number}" / RESULTS_FILE


def reported_ms(result: Mapping[str, Any]) -> int:
    """When Ray Tune got a result, in milliseconds since 1970; 0 if it does not say."""
    return round(float(result.get("timestamp") or 0) * 1000)


def read_reports(path: Path) -> list[Report]:
    """What was reported of each epoch, in order; of one that was trained twice, the first report: the study has that one, too.

    A line that was cut off, as by a full disk, counts as not there, and a failure's report is no epoch.
    """
    first = {int(line["epoch"]): line for line in reversed(_epoch_lines(path))}
    return [Report(epoch, own_metrics(first[epoch]), reported_ms(first[epoch])) for epoch in sorted(first)]


def last_result(path: Path) -> dict[str, Any]:
    """The last epoch's result with everything that Ray Tune keeps; empty if there is none."""
    lines = _epoch_lines(path)
    return lines[-1] if lines else {}


def read_epochs(path: Path) -> list[dict[str, float]]:
    """The metrics of each epoch, in order; as `epoch_metrics`."""
    return list(epoch_metrics(path).values())


def epoch_metrics(path: Path) -> dict[int, dict[str, float]]:
    """The metrics by epoch, as `read_reports` has them. Nothing where there is no file."""
    return {report.epoch: dict(report.metrics) for report in read_reports(path)}


def read_results(path: Path) -> list[dict[str, Any]]:
    """What was reported of each epoch, in order, with how it ended; a failure comes last."""
    epochs = {int(line["epoch"]): line for line in _epoch_lines(path)}
    failed = [line for line in _lines(path)[-1:] if line.get("failed")]
    return [*(epochs[epoch] for epoch in sorted(epochs)), *failed]


def read_measured(path: Path) -> Measured:
    """All that a ledger tells; nothing where there is no file."""
    lines = _lines(path)
    if not lines:
        return Measured()
    last, times = lines[-1], [float(line.get("timestamp", 0.0)) for line in lines]
    return Measured(
        epochs=tuple(read_epochs(path)),
        ended=str(last.get("ended", "")),
        error=str(last.get("error", "")) if last.get("failed") else "",
        seconds=sum(float(line.get("time_this_iter_s", 0.0)) for line in lines),
        first_at=times[0],
        last_at=times[-1],
    )


def _epoch_lines(path: Path) -> list[dict[str, Any]]:
    return [line for line in _lines(path) if "epoch" in line and not line.get("failed")]


def _lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return [result for line in text.splitlines() if (result := _parsed(line))]


def _parsed(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
