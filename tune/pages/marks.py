"""What a figure is made of: shapes in pixels whose colours are roles. One drawing becomes SVG for a page, and PNG for print.

A colour is a role (`blue`, `ink`; see `colours.py`), lighter on a dark ground, or `#rrggbb` where a scale needs it.
A `title` is what a reader is told who points at the mark.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Shape = Literal["circle", "square", "triangle", "down", "left", "diamond", "pentagon", "star", "plus", "cross", "bar"]
Anchor = Literal["start", "middle", "end"]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Line:
    """Straight from point to point."""

    points: Points
    colour: str = "ink"
    width: float = 1.5
    dashed: bool = False
    opacity: float = 1.0
    title: str = ""


@dataclass(frozen=True)
class Area:
    """What a closed line surrounds, filled."""

    points: Points
    colour: str
    opacity: float = 0.18
    title: str = ""


@dataclass(frozen=True)
class Dot:
    """A small shape around a point; `radius` from its middle to its edge."""

    x: float
    y: float
    colour: str = "blue"
    shape: Shape = "circle"
    radius: float = 4.5
    filled: bool = True
    opacity: float = 1.0
    title: str = ""
    place: int | None = None  # among those that a script looks for


@dataclass(frozen=True)
class Box:
    """A rectangle, filled."""

    left: float
    top: float
    width: float
    height: float
    colour: str = "blue"
    opacity: float = 1.0
    title: str = ""


@dataclass(frozen=True)
class Words:
    """A line of text whose baseline begins, has its middle, or ends at a point; `turned`: read from below."""

    x: float
    y: float
    text: str
    colour: str = "ink"
    size: float = 13.0
    anchor: Anchor = "start"
    bold: bool = False
    turned: bool = False


Mark = Line | Area | Dot | Box | Words


@dataclass(frozen=True)
class Drawing:
    """A figure.

    Attributes:
        name: its file's, without suffix: letters, digits and _.
        said: what it shows, for those who cannot see it.
        width, height: in pixels of a page.
        marks: drawn in this order.
    """

    name: str
    said: str
    width: float
    height: float
    marks: tuple[Mark, ...]


def text_width(text: str, size: float = 13.0) -> float:
    """About how many pixels a line of text takes, in a wide font: what is too much room does no harm."""
    narrow = sum(character in "iljtfr.,:;'|!()-[] 1" for character in text)
    wide = sum(character in "mwMW@%" for character in text)
    return size * (0.65 * len(text) - 0.25 * narrow + 0.3 * wide)
