"""A plot's frame: axes with ticks, labels and a grid, around the room for its marks."""

from __future__ import annotations

from dataclasses import dataclass

from tune.pages.marks import Dot, Line, Mark, Shape, Words, text_width
from tune.pages.scales import Scale

SIZE = 12.0  # of tick labels, in pixels
APART = 10.0  # pixels between two tick labels at least


@dataclass(frozen=True)
class Room:
    """Where marks are drawn, in pixels."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True)
class Key:
    """One entry of a legend."""

    text: str
    colour: str
    shape: Shape | None = "circle"
    filled: bool = True
    dashed: bool = False
    line: bool = False
    opacity: float = 1.0


def axes(room: Room, x: Scale, y: Scale, x_label: str, y_label: str) -> list[Mark]:
    """Grid, ticks and labels; a label tells its unit."""
    return [*x_axis(room, x, x_label), *y_axis(room, y, y_label)]


def x_axis(room: Room, x: Scale, label: str, grid: bool = True) -> list[Mark]:
    """Below the room."""
    marks: list[Mark] = [Line(((room.left, room.bottom), (room.right, room.bottom)), "quiet", 1)]
    free_from = -1e9
    for tick in x.ticks():
        if grid:
            marks.append(Line(((tick.at, room.top), (tick.at, room.bottom)), "faint", 1))
        half = text_width(tick.text, SIZE) / 2
        if tick.at - half >= free_from:
            marks.append(Words(tick.at, room.bottom + 17, tick.text, "quiet", SIZE, "middle"))
            free_from = tick.at + half + APART
    return [*marks, Words((room.left + room.right) / 2, room.bottom + 37, label, "ink", 13, "middle")]


def y_axis(room: Room, y: Scale, label: str, grid: bool = True) -> list[Mark]:
    """Left of the room; the label reads from below."""
    marks: list[Mark] = []
    widest = 0.0
    for tick in y.ticks():
        if grid:
            marks.append(Line(((room.left, tick.at), (room.right, tick.at)), "faint", 1))
        marks.append(Words(room.left - 8, tick.at + 4, tick.text, "quiet", SIZE, "end"))
        widest = max(widest, text_width(tick.text, SIZE))
    if label:
        marks.append(Words(room.left - 18 - widest, (room.top + room.bottom) / 2, label, "ink", 13, "middle", turned=True))
    return marks


def legend(keys: list[Key], left: float, top: float, width: float) -> tuple[list[Mark], float]:
    """Entries side by side, in as many lines as they need; and the height of all in pixels."""
    marks: list[Mark] = []
    x, y = left, top + 12
    for key in keys:
        needed = 26 + text_width(key.text) + 16
        if x > left and x + needed > left + width:
            x, y = left, y + 21
        marks += [*_sample(key, x, y - 4), Words(x + 24, y, key.text, "ink", 13)]
        x += needed
    return marks, y - top + 10


def _sample(key: Key, x: float, y: float) -> list[Mark]:
    stroke = [Line(((x, y), (x + 18, y)), key.colour, 2.2, key.dashed, key.opacity)] if key.line or key.dashed else []
    return [*stroke, *([Dot(x + 9, y, key.colour, key.shape, 4.5, key.filled, key.opacity)] if key.shape else [])]


def interval(low: tuple[float, float], high: tuple[float, float], colour: str, title: str = "", width: float = 2.2) -> Line:
    """From end to end of what a value may be."""
    return Line((low, high), colour, width, title=title)
