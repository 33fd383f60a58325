"""The only door to MLflow's runs: a parent run a sweep, a child run a trial, all by explicit run ids.

No active run and no MLFLOW_RUN_ID, so that nothing else in the process can write to the wrong run. When to write what,
and what to do when MLflow is down, is decided in sweep_tracker.py.
"""

from __future__ import annotations

import getpass
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from mlflow import MlflowClient
from mlflow.entities import LifecycleStage, Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException
from sqlalchemy.exc import SQLAlchemyError

from tune.errors import InfrastructureLost, InvalidInput
from tune.tracking.admission import FORBIDDEN
from tune.tracking.datasets import run_datasets
from tune.tracking.run_record import Point
from tune.tracking.run_tags import plain_params
from tune.tracking.stores import Tracking, check_tracking, prepare, use_write_ahead_log, without_password

T = TypeVar("T")
HOPELESS = {
    "INVALID_PARAMETER_VALUE",
    "RESOURCE_DOES_NOT_EXIST",
    "RESOURCE_ALREADY_EXISTS",
    "BAD_REQUEST",
    "INVALID_STATE",
    "ENDPOINT_NOT_FOUND",
    *FORBIDDEN,
}
UNKNOWN = ("RESOURCE_DOES_NOT_EXIST", "PERMISSION_DENIED")  # a server with passwords tells nobody what isn't there
PARAMS_A_CALL = 100  # MLflow takes no more
METRICS_A_CALL = 1000


def connect(tracking: Tracking) -> MlflowClient:
    """A client of the store; its schema is brought up to date (seconds, the first time), its database set to WAL.

    Raises:
        InvalidInput: the address can't work.
        InfrastructureLost: a server that doesn't answer.
    """
    check_tracking(tracking.uri)
    prepare(tracking)
    with reaching(tracking):
        client = MlflowClient(tracking_uri=tracking.uri, registry_uri=tracking.uri)
        client.search_experiments(max_results=1)
        use_write_ahead_log(tracking)
    return client


@contextmanager
def reaching(tracking: Tracking) -> Iterator[None]:
    """Turns the errors of MLflow, of its database (locked, full) and of its artifacts into one line.

    Raises:
        InvalidInput: the server doesn't allow it. InfrastructureLost: anything else.
    """
    try:
        yield
    except (MlflowException, SQLAlchemyError, sqlite3.Error, OSError) as error:
        told = f"tracking store {tracking.uri}: {str(error).strip().splitlines()[0]}"
        if isinstance(error, MlflowException) and error.error_code in FORBIDDEN:
            raise InvalidInput(without_password(f"{told.rstrip('.')}. {FORBIDDEN[error.error_code]}")) from error
        raise InfrastructureLost(without_password(told)) from error


def is_hopeless(error: Exception) -> bool:
    """Whether the same write would fail in the same way again."""
    error = error.__cause__ if isinstance(error, InfrastructureLost) and isinstance(error.__cause__, Exception) else error
    if isinstance(error, MlflowException):
        return error.error_code in HOPELESS
    if isinstance(error, (InfrastructureLost, SQLAlchemyError, sqlite3.Error)):
        return False
    return isinstance(error, (FileNotFoundError, PermissionError)) or not isinstance(error, OSError)


def newest_sweep(tracking: Tracking) -> tuple[str, str] | None:
    """(experiment id, parent run id) of the sweep started last; None where there is none."""
    client = connect(tracking)
    experiments = [found.experiment_id for found in client.search_experiments()]
    query = "tags.`fxsweep.role` = 'sweep'"
    runs = client.search_runs(experiments, query, max_results=1, order_by=["attributes.start_time DESC"])
    return (runs[0].info.experiment_id, runs[0].info.run_id) if runs else None


@dataclass(frozen=True)
class RunThere:
    """What a run says already."""

    run_id: str
    status: str
    params: Mapping[str, str]
    tags: Mapping[str, str]
    metrics: frozenset[str]
    datasets: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether it says no more than it was made with."""
        return not self.params and not self.metrics


@dataclass(frozen=True)
class Runs:
    """The runs of one experiment. Every method is one to three calls, waits for them, and may raise MlflowException."""

    client: MlflowClient
    experiment_id: str

    @classmethod
    def of_experiment(cls, tracking: Tracking, name: str) -> Runs:
        """Makes the experiment unless it is there; its artifacts lie in the store's folder, if it has one."""
        client = connect(tracking)
        with reaching(tracking):
            if (found := client.get_experiment_by_name(name)) is None:
                location = None if tracking.artifact_root is None else f"{tracking.artifact_root}/{_folder_name(name)}"
                return cls(client, client.create_experiment(name, artifact_location=location))
        if found.lifecycle_stage == "deleted":
            remedy = f"Restore it (mlflow experiments restore -x {found.experiment_id}) or choose another name."
            raise InvalidInput(f"experiment '{name}': it was deleted in {tracking.uri}. {remedy}")
        return cls(client, found.experiment_id)

    def create(self, name: str, tags: Mapping[str, str], started_ms: int) -> str:
        """A new run, RUNNING; returns its id."""
        every_tag = {"mlflow.user": getpass.getuser(), "mlflow.source.name": "fxsweep"} | dict(tags)
        run = self.client.create_run(self.experiment_id, start_time=started_ms, tags=every_tag, run_name=name)
        self.add_datasets(run.info.run_id, tags)
        return str(run.info.run_id)

    def add_datasets(self, run_id: str, tags: Mapping[str, str]) -> None:
        """What a run with these tags was trained and scored on; what it has already stays as it is."""
        if datasets := run_datasets(tags):
            self.client.log_inputs(run_id, datasets)

    def sweep(self, sweep_id: str, known_run_id: str = "") -> str | None:
        """The parent run of a sweep, if it has one: by its id, else the run that is known to be its."""
        doubles = self.doubles(f"tags.`fxsweep.sweep_id` = '{sweep_id}' and tags.`fxsweep.role` = 'sweep'") if sweep_id else []
        return doubles[0].run_id if doubles else self._known(known_run_id)

    def child(self, parent_run_id: str, number: int) -> str | None:
        """The run of a trial, if it has one."""
        found = self.doubles(f"tags.`mlflow.parentRunId` = '{parent_run_id}' and tags.`fxsweep.trial` = '{number}'")
        return found[0].run_id if found else None

    def doubles(self, query: str) -> list[RunThere]:
        """Runs that should be one, the one to keep first: whoever lost the answer to "make a run" asks again."""
        found = [_there(run) for run in self.client.search_runs([self.experiment_id], query, max_results=10_000)]
        return sorted(found, key=lambda run: (run.is_empty, run.run_id))

    def drop(self, run_id: str) -> None:
        """Into MLflow's bin, from which a run can be restored."""
        self.client.delete_run(run_id)

    def children(self, parent_run_id: str) -> list[RunThere]:
        """The runs of a sweep's trials."""
        query = f"tags.`mlflow.parentRunId` = '{parent_run_id}'"
        return [_there(run) for run in self.client.search_runs([self.experiment_id], query, max_results=10_000)]

    def open_children(self, parent_run_id: str) -> list[str]:
        """The runs of trials that are RUNNING."""
        return [run.run_id for run in self.children(parent_run_id) if run.status == "RUNNING"]

    def there(self, run_id: str) -> RunThere:
        """What a run says, all but the history of its metrics (`points`) and its files."""
        return _there(self.client.get_run(run_id))

    def points(self, run_id: str, names: Iterable[str]) -> set[Point]:
        """Every value of these metrics; a call for each."""
        histories = {name: self.client.get_metric_history(run_id, name) for name in names}
        return {Point(name, p.value, p.step, p.timestamp) for name, history in histories.items() for p in history}

    def files(self, run_id: str, folder: str | None = None) -> dict[str, int]:
        """The size in bytes of every artifact by its name, in this folder or beside the run's folders."""
        listed = self.client.list_artifacts(run_id, folder)
        return {found.path.rpartition("/")[2]: int(found.file_size or 0) for found in listed if not found.is_dir}

    def reopen(self, run_id: str, tags: Mapping[str, str]) -> None:
        """A run that goes on."""
        self.client.update_run(run_id, status="RUNNING")
        self.add(run_id, {}, 0, 0, tags)

    def add(self, run_id: str, metrics: Mapping[str, float], step: int, at_ms: int, tags: Mapping[str, str]) -> None:
        """Metrics and tags, in one call (a call for each thousand metrics)."""
        self.add_points(run_id, (Point(name, float(value), step, at_ms) for name, value in metrics.items()), tags)

    def add_points(self, run_id: str, points: Iterable[Point], tags: Mapping[str, str]) -> None:
        """The same for values of any step and time."""
        chunks = _chunks([Metric(point.name, point.value, point.at_ms, point.step) for point in points], METRICS_A_CALL)
        self.client.log_batch(run_id, metrics=next(chunks, []), tags=[RunTag(*tag) for tag in tags.items()])
        for chunk in chunks:
            self.client.log_batch(run_id, metrics=chunk)

    def add_params(self, run_id: str, params: Mapping[str, object]) -> None:
        for chunk in _chunks([Param(*param) for param in plain_params(params).items()], PARAMS_A_CALL):
            self.client.log_batch(run_id, params=chunk)

    def end(self, run_id: str, status: str, at_ms: int, tags: Mapping[str, str]) -> None:
        """A terminal status first: when only one of the two calls gets through, it must be this one."""
        self.client.set_terminated(run_id, status, at_ms)
        self.add(run_id, {}, 0, at_ms, tags)

    def write_text(self, run_id: str, text: str, name: str) -> None:
        self.client.log_text(run_id, text, name)

    def upload(self, run_id: str, path: Path, folder: str | None) -> None:
        """A file, or what is in a folder."""
        if path.is_dir():
            self.client.log_artifacts(run_id, str(path), folder)
        else:
            self.client.log_artifact(run_id, str(path), folder)

    def _known(self, run_id: str) -> str | None:
        """This run, unless it is deleted or of another store."""
        try:
            run = self.client.get_run(run_id) if run_id else None
        except MlflowException as error:
            if error.error_code not in UNKNOWN:
                raise
            return None
        return run_id if run is not None and run.info.lifecycle_stage == LifecycleStage.ACTIVE else None


def _there(run: Run) -> RunThere:
    return RunThere(run.info.run_id, run.info.status, run.data.params, run.data.tags, frozenset(run.data.metrics), _datasets(run))


def _datasets(run: Run) -> frozenset[str]:
    """Their names."""
    return frozenset(given.dataset.name for given in run.inputs.dataset_inputs) if run.inputs else frozenset()


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _folder_name(experiment: str) -> str:
    return "".join(character if character.isalnum() or character in "-_." else "_" for character in experiment)
