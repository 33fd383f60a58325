"""The score over two settings at once: what trials near each place reached, and the trials themselves.

Where an axis has names, trials of other names do not count; along an axis of numbers they count the less the further off they are
(a Gaussian kernel; Nadaraya 1964, Watson 1964). Places with no trial near are left empty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tune.pages.chart import Room, axes
from tune.pages.colours import scale_colour
from tune.pages.marks import Box, Dot, Drawing, Mark, Words
from tune.pages.material import Material
from tune.pages.measures import setting_label
from tune.pages.scales import Names
from tune.pages.setting_axis import Axis, setting_axis
from tune.pages.slices_figure import GOLDEN, trial_dot

WIDTH, HEIGHT = 920.0, 400.0
CELLS = 26  # along an axis of numbers
REACH = 0.09  # of the axis: the kernel's standard deviation
NEAR = 0.3  # trials' weight, below which a place is empty
SPREAD = 0.5
PLASTIC = 0.7548776662  # with GOLDEN along the other axis, dots fill a square evenly (M. Roberts 2018)


@dataclass(frozen=True)
class _Point:
    x: float
    y: float
    score: float


def surface_figure(material: Material, across: str, upwards: str) -> Drawing:
    """Of two settings that all ended trials have."""
    room = Room(96, 14, WIDTH - 130, 14 + HEIGHT)
    trials, dimensions = material.ended, material.sweep.dimensions
    x = setting_axis(dimensions.get(across), [trial.params[across] for trial in trials], room.left, room.right)
    y = setting_axis(dimensions.get(upwards), [trial.params[upwards] for trial in trials], room.bottom, room.top)
    scores = [material.measure.factor * float(trial.score or 0.0) for trial in trials]
    points = [_Point(x.at(t.params[across]), y.at(t.params[upwards]), s) for t, s in zip(trials, scores, strict=True)]
    low, high = min(scores), max(scores)
    marks: list[Mark] = [*axes(room, x, y, setting_label(across), setting_label(upwards)), *_cells(points, x, y, room, low, high)]
    for order, (trial, point) in enumerate(zip(trials, points, strict=True)):
        if trial.number not in material.drawn:
            continue
        left, top = point.x + _spread(x, order * GOLDEN), point.y + _spread(y, order * PLASTIC)
        marks += [Dot(left, top, "page", radius=5.5), trial_dot(material, trial, left, top)]
    said = f"{material.measure.name} over {across} and {upwards}"
    marks += _scale(material, Room(WIDTH - 100, room.top, WIDTH - 80, room.bottom), low, high)
    return Drawing("what_mattered_surface", said, WIDTH, room.bottom + 46, tuple(marks))


def _cells(points: Sequence[_Point], x: Axis, y: Axis, room: Room, low: float, high: float) -> list[Mark]:
    """Coloured by the score that is typical near their middle."""
    across, upwards = _count(x), _count(y)
    width, height = room.width / across, room.height / upwards
    marks: list[Mark] = []
    for column in range(across):
        for row in range(upwards):
            left, top = room.left + column * width, room.top + row * height
            score = _typical(points, left + width / 2, top + height / 2, x, y, room)
            if score is not None:
                share = (score - low) / (high - low) if high > low else 0.5
                marks.append(Box(left, top, width + 0.5, height + 0.5, scale_colour(share), 0.85))
    return marks


def _typical(points: Sequence[_Point], left: float, top: float, x: Axis, y: Axis, room: Room) -> float | None:
    weights = [_weight(point.x - left, x, room.width) * _weight(point.y - top, y, room.height) for point in points]
    total = sum(weights)
    return sum(weight * point.score for weight, point in zip(weights, points, strict=True)) / total if total >= NEAR else None


def _weight(distance: float, axis: Axis, length: float) -> float:
    if isinstance(axis, Names):
        return float(abs(distance) < abs(axis.part) / 2)
    return math.exp(-0.5 * (distance / (REACH * length)) ** 2)


def _count(axis: Axis) -> int:
    return len(axis.names) if isinstance(axis, Names) else CELLS


def _spread(axis: Axis, turn: float) -> float:
    return (turn % 1 - 0.5) * SPREAD * axis.part if isinstance(axis, Names) else 0.0


def _scale(material: Material, room: Room, low: float, high: float) -> list[Mark]:
    """The colours and the scores that they stand for."""
    steps, marks = 40, list[Mark]()
    for step in range(steps):
        height = room.height / steps
        colour, top = scale_colour(step / (steps - 1)), room.bottom - (step + 1) * height
        marks.append(Box(room.left, top, room.width, height + 0.5, colour, 0.85))
    for share in (0.0, 0.5, 1.0):
        text = f"{low + share * (high - low):.{material.measure.digits}f}".replace("-", "−")
        marks.append(Words(room.right + 6, room.bottom - share * (room.height - 8) - 1, text, "quiet", 12))
    middle = (room.top + room.bottom) / 2
    return [*marks, Words(room.right + 62, middle, material.measure.label, "ink", 13, "middle", turned=True)]
