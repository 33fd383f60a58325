"""A table of learning curves: for each of some settings, score and seconds of work at every epoch (curve_recording.py)."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Point = tuple[float, ...]

FILE = Path(__file__).parent / "curves" / "vae.csv"


@dataclass(frozen=True)
class CurveTable:
    """Curves of some settings.

    Attributes:
        keys: names of the settings, in the order of the points.
        points: (settings) values of the settings.
        scores: (settings, epochs) the objective of the model that a trial would keep.
        seconds: (settings, epochs) of work, of each epoch.
    """

    keys: tuple[str, ...]
    points: tuple[Point, ...]
    scores: Floats
    seconds: Floats

    @property
    def epochs(self) -> int:
        return int(self.scores.shape[1])

    def choices(self) -> dict[str, list[float]]:
        """The values of each setting."""
        return {key: sorted({point[place] for point in self.points}) for place, key in enumerate(self.keys)}

    def row(self, params: Mapping[str, Any]) -> int:
        """The place of a trial's settings."""
        return self.points.index(tuple(params[key] for key in self.keys))


def write_table(table: CurveTable, path: Path) -> None:
    """One line for each setting; its curves are numbers between spaces."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*table.keys, "scores", "seconds"])
        for point, scores, seconds in zip(table.points, table.scores, table.seconds, strict=True):
            writer.writerow([*(f"{value:g}" for value in point), _joined(scores, 4), _joined(seconds, 3)])


def read_table(path: Path = FILE) -> CurveTable:
    """What `write_table` wrote."""
    with path.open(newline="", encoding="utf-8") as file:
        heading, *rows = csv.reader(file)
    points = tuple(tuple(_number(value) for value in row[:-2]) for row in rows)
    scores, seconds = (np.array([[float(value) for value in row[column].split()] for row in rows]) for column in (-2, -1))
    return CurveTable(tuple(heading[:-2]), points, scores, seconds)


def joined(tables: Sequence[CurveTable]) -> CurveTable:
    """One table of all rows, in the order of their points."""
    rows = sorted((row for table in tables for row in zip(table.points, table.scores, table.seconds, strict=True)), key=_point)
    points, scores, seconds = zip(*rows, strict=True)
    return CurveTable(tables[0].keys, points, np.array(scores), np.array(seconds))


def _point(row: tuple[Point, Floats, Floats]) -> Point:
    return row[0]


def _joined(values: Floats, digits: int) -> str:
    return " ".join(f"{value:.{digits}f}" for value in values)


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value
