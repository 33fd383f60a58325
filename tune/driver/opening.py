"""A sweep's beginning in MLflow and in its status file."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from tune.errors import InfrastructureLost
from tune.ledger.code_version import code_version
from tune.ledger.home import SweepFolder, home_path
from tune.ledger.identity import Identity
from tune.ledger.status import SweepStatus
from tune.planning.stage import Stage
from tune.sweep_file.spec import Sweep, spec_hash
from tune.sweep_file.split_section import split_names
from tune.sweep_file.yaml_text import document_text
from tune.tracking.stores import Tracking, check_tracking, default_tracking, tracking_at, without_password
from tune.tracking.sweep_tracker import SweepTracker
from tune.tracking.writes import WriteCounts


def sweep_tracking(sweep: Sweep, home: Path) -> Tracking:
    """The sweep's own server, else $MLFLOW_TRACKING_URI, else the local store beside the sweeps.

    Raises:
        InvalidInput: the address can't work.
    """
    uri = sweep.tracking.uri or os.environ.get("MLFLOW_TRACKING_URI")
    return tracking_at(uri) if uri else default_tracking(home)


def refuse_wrong(tracking: Tracking) -> None:
    """Before anything else is done: refuses a server that answers and is the wrong one. One that is down may come up.

    Raises:
        InvalidInput: it isn't MLflow's, or doesn't let us in.
    """
    with suppress(InfrastructureLost):
        check_tracking(tracking.uri)


def sweep_tags(sweep: Sweep, stage: Stage) -> dict[str, str]:
    """Everything that the scores of a sweep's runs depend on."""
    return {
        "spec_hash": spec_hash(sweep),
        "evaluation_hash": stage.evaluation_hash,
        "seed": str(sweep.seed),
        "code_version": code_version(),
        "backend": stage.backend,
        "corpus_id": stage.corpus.identity,
        "effect_builds": json.dumps({effect.choice.name: effect.identity for effect in stage.plan.effects}),
    }


def open_tracker(
    sweep: Sweep, folder: SweepFolder, identity: Identity, tracking: Tracking, known_run_id: str | None = None
) -> SweepTracker:
    """The sweep's parent run; see `SweepTracker.open` for how long it waits and what it refuses.

    Args:
        known_run_id: of a sweep that is taken up again.
    """
    return SweepTracker.open(
        tracking,
        sweep_name=folder.name,
        experiment=sweep.experiment,
        tags=identity.tags,
        params=sweep_params(sweep),
        spec_text=shown_spec(sweep),
        sweep_id=identity.sweep_id,
        started_ms=identity.started_ms,
        parent_run_id=known_run_id or None,
    )


def unanswered(folder: SweepFolder, tracking: Tracking) -> str:
    """What is said of a tracking store that is not there when a sweep starts."""
    where = f"what is measured is kept in {folder.path} and written when it does"
    return f"MLflow at {without_password(tracking.uri)} does not answer: {where}; afterwards: {sync_command(folder)}"


def sync_command(folder: SweepFolder) -> str:
    """The command that writes what MLflow has missed."""
    home = folder.path.parent
    return f"fxsweep sync {folder.name}" + ("" if home == home_path() else f" --home {home}")


def missing_writes(folder: SweepFolder, tracking: Tracking, counts: WriteCounts) -> str:
    """What is said at the end of a sweep of which MLflow has missed something."""
    of_all = f"{counts.missing} of {counts.missing + counts.written} writes"
    why = f" ({counts.last_error})" if counts.last_error else ""
    return f"MLflow: {of_all} are missing from {without_password(tracking.uri)}{why}. To write them: {sync_command(folder)}"


def first_status(
    sweep: Sweep, identity: Identity, name: str, stage: Stage, tracking: Tracking, tracker: SweepTracker | None
) -> SweepStatus:
    """Running, with no trial yet.

    Args:
        tracker: None before there is a run.
    """
    return SweepStatus(
        name=name,
        state="running",
        objective=sweep.objective.model_dump(),
        objectives=tuple(objective.model_dump() for objective in sweep.objectives) if len(sweep.objectives) > 1 else (),
        repeat=sweep.repeat,
        split_names=split_names(sweep.search),
        mlflow={"uri": without_password(tracking.uri), "experiment": "", "run_id": ""} | (tracker.place() if tracker else {}),
        budget_trials=sweep.budget.trials,
        started=identity.started_ms / 1000,
        evaluation_hash=stage.evaluation_hash,
        corpus_id=stage.corpus.identity,
    )


def sweep_params(sweep: Sweep) -> dict[str, Any]:
    """The sweep's fixed values as MLflow parameters, by dotted name."""
    flat: dict[str, Any] = {}
    for section, values in _shown(sweep).items():
        if isinstance(values, dict):
            flat |= {f"{section}.{key}": json.dumps(v) if isinstance(v, dict | list) else v for key, v in values.items()}
        else:
            flat[section] = values
    return flat


def shown_spec(sweep: Sweep) -> str:
    """The sweep file as it is shown: without the password of its tracking server."""
    return document_text(_shown(sweep))


def _shown(sweep: Sweep) -> dict[str, Any]:
    values, uri = sweep.kept(), sweep.tracking.uri
    return values | {"tracking": {**values["tracking"], "uri": without_password(uri)}} if uri else values
