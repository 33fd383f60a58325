"""Everything that MLflow should say of a run, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

FIGURES = "figures"


@dataclass(frozen=True)
class Point:
    """One value of one metric, at an epoch and a time in milliseconds since 1970; two that are equal are one for MLflow."""

    name: str
    value: float
    step: int
    at_ms: int


@dataclass(frozen=True)
class RunRecord:
    """A run that has ended.

    Attributes:
        number: the trial's; None for the sweep's own run.
        tags: all but the parent's id, with how it ended.
        files: to be kept beside the run under their own names; those that are not there are passed over.
        texts: files by name that exist nowhere else.
        figures: as `files`, to be kept in the folder FIGURES.
        status: FINISHED, FAILED or KILLED.
    """

    number: int | None
    name: str
    params: Mapping[str, str]
    tags: Mapping[str, str]
    points: tuple[Point, ...]
    files: tuple[Path, ...]
    started_ms: int
    ended_ms: int
    status: str
    texts: Mapping[str, str] = field(default_factory=dict)
    figures: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Projection:
    """All runs of a sweep; of its trials those that have ended.

    Attributes:
        known_run_id: of the sweep's own run, where it is known and has no id to be found by.
    """

    sweep_id: str
    known_run_id: str
    parent: RunRecord
    trials: tuple[RunRecord, ...]
