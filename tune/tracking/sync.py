"""`fxsweep sync`: a sweep's runs in MLflow, made or completed from its ledgers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tune.analysis.sweep_pages import write_sweep_pages
from tune.driver.liveness import driver_lock, driver_pid
from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder, find_folder
from tune.ledger.identity import Identity, adopt
from tune.ledger.settled import settled_status
from tune.ledger.status import SweepStatus, read_status, write_status
from tune.models.registering import Registered, register_missing
from tune.sweep_file.spec import Sweep, load_sweep, spec_hash
from tune.tracking.descriptions import describe_experiment
from tune.tracking.projection import projection
from tune.tracking.recorded_store import recorded_tracking
from tune.tracking.run_writes import Written, write_missing, write_projection
from tune.tracking.runs import Runs, reaching
from tune.tracking.stores import Tracking, tracking_at, without_password
from tune.tracking.sweep_runs import drop_doubles


@dataclass(frozen=True)
class Synced:
    """Where a sweep is in MLflow, and what was written there.

    Attributes:
        trial_runs: run ids of the trials, by number.
        doubles: how many runs were removed that were there twice.
    """

    name: str
    uri: str
    experiment: str
    run_id: str
    trial_runs: Mapping[int, str]
    written: Written
    doubles: int
    model: Registered


def sync_sweep(home: Path, name: str, tracking_uri: str | None = None) -> Synced:
    """Writes into MLflow whatever it lacks of a sweep; called again, it writes nothing.

    Args:
        tracking_uri: the store; that of the sweep, if not given.

    Raises:
        InvalidInput: no such sweep, its driver lives, or the address can't work.
        InfrastructureLost: the store doesn't answer. What was written until then stays, and needs not be written again.
    """
    folder = find_folder(home, name)
    if (pid := driver_pid(folder)) is not None:
        rule = f"its driver (process {pid}) lives, and writes to MLflow itself"
        raise InvalidInput(f"sweep '{name}': {rule}. Wait for its end, or end it: fxsweep stop {name}")
    sweep = load_sweep(str(folder.spec))
    status = settled_status(folder, sweep)
    tracking = tracking_at(tracking_uri) if tracking_uri else recorded_tracking(sweep, status, home)
    own = tracking_uri is None or without_password(tracking.uri) == status.mlflow.get("uri")
    with driver_lock(folder):
        return _sync(folder, sweep, status, tracking, own)


def _sync(folder: SweepFolder, sweep: Sweep, status: SweepStatus, tracking: Tracking, own: bool) -> Synced:
    identity = adopt(folder, status.started, _tags_of_old(sweep, status))
    with reaching(tracking):
        runs = Runs.of_experiment(tracking, sweep.experiment)
        run_id, trial_runs, written = write_projection(runs, projection(folder, sweep, identity, status))
        doubles = drop_doubles(runs, identity.sweep_id, run_id)
        describe_experiment(runs)
    place = {"uri": without_password(tracking.uri), "experiment": runs.experiment_id, "run_id": run_id}
    model = register_missing(folder, identity, tracking, sweep.model_name, trial_runs)
    if own and _note(folder, place, trial_runs, model):
        written += _pages_with_run_ids(folder, sweep, identity, runs, run_id)
    return Synced(status.name, **place, trial_runs=trial_runs, written=written, doubles=doubles, model=model)


def _tags_of_old(sweep: Sweep, status: SweepStatus) -> dict[str, str]:
    """Of a sweep that began before identities were written: what is still known."""
    return {"spec_hash": spec_hash(sweep), "evaluation_hash": status.evaluation_hash, "seed": str(sweep.seed)}


def _note(folder: SweepFolder, place: Mapping[str, str], trial_runs: Mapping[int, str], model: Registered) -> bool:
    """Tells the status file where everything is; whether the trials' runs are new to it."""
    status = read_status(folder.status)
    trials = tuple(replace(trial, run_id=trial_runs.get(trial.number, trial.run_id)) for trial in status.trials)
    version = _model(status, model)
    noted = replace(status, mlflow=dict(place), trials=trials, model=version)
    if noted != status:
        write_status(folder.status, noted)
    return trials != status.trials


def _model(status: SweepStatus, model: Registered) -> Mapping[str, str] | None:
    """As the status has it, unless it is another one or new."""
    known = status.model or {}
    if not model.version or (known.get("version") == model.version and not model.alias):
        return status.model
    return {"name": model.name, "version": model.version} | ({"alias": model.alias} if model.alias else {})


def _pages_with_run_ids(folder: SweepFolder, sweep: Sweep, identity: Identity, runs: Runs, run_id: str) -> Written:
    """The sweep's pages again, which name the trials' runs."""
    status = settled_status(folder, sweep)
    with reaching(Tracking(str(runs.client.tracking_uri), None)):
        write_sweep_pages(sweep, folder, status)
        return write_missing(runs, projection(folder, sweep, identity, status).parent, runs.there(run_id))[1]
