"""All that a tracking store says of one sweep, so that two stores can be compared."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from mlflow import MlflowClient
from mlflow.entities import Run

from tune.tracking.stores import Tracking


def contents(store: Tracking, name: str) -> dict[str, dict[str, Any]]:
    """By "sweep" or "trial N": name, times, status, params, tags, every value of every metric, every file's bytes.

    Run ids are not compared, only that every trial names its parent's.
    """
    client = MlflowClient(tracking_uri=store.uri)
    experiments = [found.experiment_id for found in client.search_experiments()]
    runs = client.search_runs(experiments, f"tags.`fxsweep.sweep` = '{name}'", max_results=1000)
    said = {_key(run): _said(client, run) for run in runs}
    assert len(said) == len(runs), "a run is there twice"
    parent = next(run.info.run_id for run in runs if _key(run) == "sweep")
    assert {run.data.tags.get("mlflow.parentRunId", parent) for run in runs} == {parent}
    return said


def _key(run: Run) -> str:
    return f"trial {run.data.tags['fxsweep.trial']}" if "fxsweep.trial" in run.data.tags else "sweep"


def _said(client: MlflowClient, run: Run) -> dict[str, Any]:
    history = [client.get_metric_history(run.info.run_id, metric) for metric in run.data.metrics]
    with tempfile.TemporaryDirectory() as folder:
        files = {
            found.path: Path(client.download_artifacts(run.info.run_id, found.path, folder)).read_bytes()
            for found in client.list_artifacts(run.info.run_id)
            if not found.is_dir
        }
    return {
        "name": run.info.run_name,
        "times": (run.info.start_time, run.info.end_time),
        "status": run.info.status,
        "params": run.data.params,
        "tags": {tag: value for tag, value in run.data.tags.items() if tag != "mlflow.parentRunId"},
        "points": sorted((point.key, point.step, point.timestamp, point.value) for points in history for point in points),
        "files": files,
    }
