"""The only door to MLflow's runs: a parent run a sweep, a child run a trial, all by explicit run ids.

No active run and no MLFLOW_RUN_ID, so that nothing else in the process can write to the wrong run. When to write what,
and what to do when MLflow is down, is decided in sweep_tracker.py.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from mlflow import MlflowClient
from mlflow.entities import Metric, Param, Run, RunTag
from mlflow.exceptions import MlflowException

from tune.errors import InfrastructureLost, InvalidInput
from tune.stores import Tracking, check_tracking, prepare, use_write_ahead_log

T = TypeVar("T")
HOPELESS = {
    "INVALID_PARAMETER_VALUE",
    "RESOURCE_DOES_NOT_EXIST",
    "RESOURCE_ALREADY_EXISTS",
    "BAD_REQUEST",
    "INVALID_STATE",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
    "ENDPOINT_NOT_FOUND",
}
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
    """Turns MLflow's errors into InfrastructureLost, in one line."""
    try:
        yield
    except MlflowException as error:
        raise InfrastructureLost(f"tracking store {tracking.uri}: {str(error).strip().splitlines()[0]}") from error


def is_hopeless(error: Exception) -> bool:
    """Whether the same write would fail in the same way again."""
    if isinstance(error, MlflowException):
        return error.error_code in HOPELESS
    return isinstance(error, (FileNotFoundError, PermissionError)) or not isinstance(error, OSError)


def newest_sweep(tracking: Tracking) -> tuple[str, str] | None:
    """(experiment id, parent run id) of the sweep started last; None where there is none."""
    client = connect(tracking)
    experiments = [found.experiment_id for found in client.search_experiments()]
    query = "tags.`fxsweep.role` = 'sweep'"
    runs = client.search_runs(experiments, query, max_results=1, order_by=["attributes.start_time DESC"])
    return (runs[0].info.experiment_id, runs[0].info.run_id) if runs else None


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
        return str(run.info.run_id)

    def child(self, parent_run_id: str, number: int) -> str | None:
        """The run of a trial, if it has one."""
        found = self._children(parent_run_id, f"tags.`fxsweep.trial` = '{number}'")
        return str(found[0].info.run_id) if found else None

    def open_children(self, parent_run_id: str) -> list[str]:
        """The runs of trials that are RUNNING."""
        return [run.info.run_id for run in self._children(parent_run_id, "attributes.status = 'RUNNING'")]

    def reopen(self, run_id: str, tags: Mapping[str, str]) -> None:
        """A run that goes on."""
        self.client.update_run(run_id, status="RUNNING")
        self.add(run_id, {}, 0, 0, tags)

    def add(self, run_id: str, metrics: Mapping[str, float], step: int, at_ms: int, tags: Mapping[str, str]) -> None:
        """Metrics and tags, in one call (a call for each thousand metrics)."""
        chunks = _chunks([Metric(name, float(value), at_ms, step) for name, value in metrics.items()], METRICS_A_CALL)
        self.client.log_batch(run_id, metrics=next(chunks, []), tags=[RunTag(*tag) for tag in tags.items()])
        for chunk in chunks:
            self.client.log_batch(run_id, metrics=chunk)

    def add_params(self, run_id: str, params: Mapping[str, object]) -> None:
        for chunk in _chunks([Param(name, str(value)) for name, value in params.items()], PARAMS_A_CALL):
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

    def _children(self, parent_run_id: str, query: str) -> list[Run]:
        of_parent = f"tags.`mlflow.parentRunId` = '{parent_run_id}' and {query}"
        return list(self.client.search_runs([self.experiment_id], of_parent, max_results=10_000))


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _folder_name(experiment: str) -> str:
    return "".join(character if character.isalnum() or character in "-_." else "_" for character in experiment)
