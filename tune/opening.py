"""A sweep's beginning in MLflow and in its status file."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from tune.code_version import code_version
from tune.spec import Sweep, spec_hash
from tune.stage import Stage
from tune.status import SweepStatus
from tune.stores import Tracking, default_tracking, tracking_at
from tune.sweep_file import document_text
from tune.sweep_tracker import SweepTracker


def sweep_tracking(sweep: Sweep, home: Path) -> Tracking:
    """The sweep's own server, else $MLFLOW_TRACKING_URI, else the local store beside the sweeps."""
    uri = sweep.tracking.uri or os.environ.get("MLFLOW_TRACKING_URI")
    return tracking_at(uri) if uri else default_tracking(home)


def open_tracker(sweep: Sweep, name: str, stage: Stage, tracking: Tracking, parent_run_id: str | None = None) -> SweepTracker:
    """The sweep's parent run, new or gone on with, tagged with everything that its scores depend on."""
    tags = {
        "spec_hash": spec_hash(sweep),
        "evaluation_hash": stage.evaluation_hash,
        "seed": str(sweep.seed),
        "code_version": code_version(),
        "backend": stage.backend,
        "corpus_id": stage.corpus.identity,
        "effect_builds": json.dumps({effect.choice.name: effect.identity for effect in stage.plan.effects}),
    }
    return SweepTracker.open(
        tracking,
        sweep_name=name,
        experiment=sweep.experiment,
        tags=tags,
        params=sweep_params(sweep),
        spec_text=document_text(sweep.canonical()),
        parent_run_id=parent_run_id,
    )


def first_status(sweep: Sweep, name: str, stage: Stage, tracking: Tracking, tracker: SweepTracker) -> SweepStatus:
    """Running, with no trial yet."""
    return SweepStatus(
        name=name,
        state="running",
        objective=sweep.objective.model_dump(),
        objectives=tuple(objective.model_dump() for objective in sweep.objectives) if len(sweep.objectives) > 1 else (),
        repeat=sweep.repeat,
        mlflow={"uri": tracking.uri, "experiment": tracker.experiment_id, "run_id": tracker.parent_run_id},
        budget_trials=sweep.budget.trials,
        started=time.time(),
        evaluation_hash=stage.evaluation_hash,
        corpus_id=stage.corpus.identity,
    )


def sweep_params(sweep: Sweep) -> dict[str, Any]:
    """The sweep's fixed values as MLflow parameters, by dotted name."""
    flat: dict[str, Any] = {}
    for section, values in sweep.canonical().items():
        if isinstance(values, dict):
            flat |= {f"{section}.{key}": json.dumps(v) if isinstance(v, dict | list) else v for key, v in values.items()}
        else:
            flat[section] = values
    return flat
