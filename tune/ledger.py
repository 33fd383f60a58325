"""What Ray Tune keeps of a trial: the metrics of each epoch, in its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
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


def own_metrics(result: Mapping[str, Any]) -> dict[str, float]:
    """What `fit` reported and is finite, without what Ray Tune adds."""
    return {k: v for k, v in finite(result).items() if k not in TUNE_KEYS and k not in OUR_OWN}


def trial_results(folder: SweepFolder, number: int) -> Path:
    """The file that Ray Tune adds a line to at each epoch of a trial."""
    return folder.trials / f"trial-{number}" / RESULTS_FILE


def read_epochs(path: Path) -> list[dict[str, float]]:
    """The metrics of each epoch, in order; as `epoch_metrics`."""
    return list(epoch_metrics(path).values())


def epoch_metrics(path: Path) -> dict[int, dict[str, float]]:
    """The metrics by epoch, in order; of one that was trained twice, the last. Nothing where there is no file.

    A line that was cut off, as by a full disk, counts as not there, and a failure's report is no epoch.
    """
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    results = [result for line in lines if (result := _parsed(line)) and not result.get("failed")]
    epochs = {int(result["epoch"]): own_metrics(result) for result in results if "epoch" in result}
    return dict(sorted(epochs.items()))


def _parsed(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
