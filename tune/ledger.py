"""What Ray Tune keeps of a trial: the metrics of each epoch, in its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tune.home import SweepFolder
from tune.status import finite

RESULTS_FILE = "result.json"
OUR_OWN = ("epoch", "ended", "failed", "error", "done")
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


def own_metrics(result: Mapping[str, Any]) -> dict[str, float]:
    """What `fit` reported and is finite, without what Ray Tune adds."""
    return {k: v for k, v in finite(result).items() if k not in TUNE_KEYS and k not in OUR_OWN}


def trial_results(folder: SweepFolder, number: int) -> Path:
    """The file that Ray Tune adds a line to at each epoch of a trial."""
    return folder.trials / f"trial-{number}" / RESULTS_FILE


def reported_ms(result: Mapping[str, Any]) -> int:
    """When Ray Tune got a result, in milliseconds since 1970; 0 if it does not say."""
    return round(float(result.get("timestamp") or 0) * 1000)


def last_checkpoint(folder: SweepFolder, number: int) -> Path | None:
    """The newest checkpoint that Ray Tune keeps of a trial, if there is one."""
    from trainables.trainable import CHECKPOINT_FILE  # ray: readers of metrics do without

    files = (folder.trials / f"trial-{number}").glob(f"checkpoint_*/{CHECKPOINT_FILE}")
    return max(files, key=lambda file: file.parent.name, default=None)


def read_reports(path: Path) -> list[Report]:
    """Every epoch that was reported, as often as it was, in the order of the file; see `read_epochs`."""
    return [Report(int(result["epoch"]), own_metrics(result), reported_ms(result)) for result in _results(path)]


def last_result(path: Path) -> dict[str, Any]:
    """The last epoch's result with everything that Ray Tune keeps; empty if there is none."""
    results = _results(path)
    return results[-1] if results else {}


def read_epochs(path: Path) -> list[dict[str, float]]:
    """The metrics of each epoch, in order; of one that was trained twice, the last. Nothing where there is no file.

    A line that was cut off, as by a full disk, counts as not there, and a failure's report is no epoch.
    """
    epochs = {report.epoch: dict(report.metrics) for report in read_reports(path)}
    return [epochs[epoch] for epoch in sorted(epochs)]


def _results(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    results = [result for line in lines if (result := _parsed(line)) and not result.get("failed")]
    return [result for result in results if "epoch" in result]


def _parsed(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
