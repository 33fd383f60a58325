"""Writes into MLflow what it lacks of a run; what it has already stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from tune.tracking.run_record import FIGURES, Point, Projection, RunRecord
from tune.tracking.runs import Runs, RunThere


@dataclass(frozen=True)
class Written:
    """How much was missing: runs that were made, and those that had not ended as they did; values, tags and files."""

    runs: int = 0
    ended: int = 0
    points: int = 0
    params: int = 0
    tags: int = 0
    files: int = 0

    def __add__(self, more: Written) -> Written:
        return Written(*(getattr(self, field.name) + getattr(more, field.name) for field in fields(self)))

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


def write_missing(runs: Runs, record: RunRecord, there: RunThere | None, parent_run_id: str = "") -> tuple[str, Written]:
    """Makes the run unless it is there, and adds what it lacks; its end last.

    Args:
        there: the run as it is; None if it is to be made.
        parent_run_id: for the run of a trial.

    Returns:
        The run's id, and what was written.

    Raises:
        MlflowException: and then it may be called again.
    """
    tags = dict(record.tags) | ({"mlflow.parentRunId": parent_run_id} if parent_run_id else {})
    made = there is None
    there = there or _made(runs, record, tags)
    run_id = there.run_id
    params = {name: value for name, value in record.params.items() if name not in there.params}
    tags = {name: value for name, value in tags.items() if there.tags.get(name) != value}
    points = missing_points(runs, there, record.points)
    if params:
        runs.add_params(run_id, params)
    if points or tags:
        runs.add_points(run_id, points, tags)
    if not made and not there.datasets:
        runs.add_datasets(run_id, tags | dict(record.tags))
    files = _write_files(runs, run_id, record)
    ended = there.status != record.status
    if ended:
        runs.end(run_id, record.status, record.ended_ms, {})
    return run_id, Written(int(made), int(ended and not made), len(points), len(params), 0 if made else len(tags), files)


def missing_points(runs: Runs, there: RunThere, points: tuple[Point, ...]) -> list[Point]:
    """Those that a run has not."""
    has = runs.points(there.run_id, there.metrics & {point.name for point in points})
    return [point for point in dict.fromkeys(points) if point not in has]


def write_trial(runs: Runs, record: RunRecord, parent_run_id: str) -> tuple[str, Written]:
    """The same for the run of a trial, which is looked for."""
    found = runs.child(parent_run_id, int(record.number or 0))
    return write_missing(runs, record, runs.there(found) if found else None, parent_run_id)


def write_projection(runs: Runs, told: Projection) -> tuple[str, dict[int, str], Written]:
    """Makes and completes the runs of a sweep; returns the parent's id, the trials' ids by number, and what was written.

    Raises:
        MlflowException: and then it may be called again.
    """
    found = runs.sweep(told.sweep_id, told.known_run_id)
    run_id, written = write_missing(runs, told.parent, runs.there(found) if found else None)
    trial_runs = {}
    for record in told.trials:
        trial_runs[int(record.number or 0)], more = write_trial(runs, record, run_id)
        written += more
    return run_id, trial_runs, written


def _made(runs: Runs, record: RunRecord, tags: dict[str, str]) -> RunThere:
    run_id = runs.create(record.name, tags, record.started_ms)
    return RunThere(run_id, "RUNNING", {}, tags, frozenset())


def _write_files(runs: Runs, run_id: str, record: RunRecord) -> int:
    """Those that MLflow has not, or has in another size."""
    has = runs.files(run_id)
    texts = {name: text for name, text in record.texts.items() if has.get(name) != len(text.encode())}
    for name, text in texts.items():
        runs.write_text(run_id, text, name)
    below = {None: record.files, FIGURES: record.figures}
    return len(texts) + sum(_write_folder(runs, run_id, folder, files) for folder, files in below.items() if files)


def _write_folder(runs: Runs, run_id: str, folder: str | None, files: tuple[Path, ...]) -> int:
    has = runs.files(run_id, folder)
    missing = [file for file in files if file.is_file() and has.get(file.name) != file.stat().st_size]
    for file in missing:
        runs.upload(run_id, file, folder)
    return len(missing)
