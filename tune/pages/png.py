"""A drawing as PNG for papers: black on white, three pixels for each of the page's. The same drawing gives the same bytes."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, Rectangle

from tune.pages.colours import print_colour
from tune.pages.marks import Area, Box, Dot, Drawing, Line, Mark, Words
from tune.pages.svg import STROKED, corners, strokes

PIXELS_AN_INCH = 96.0  # of a page
DPI = 3 * PIXELS_AN_INCH
POINTS_A_PIXEL = 72 / PIXELS_AN_INCH
Look = dict[str, Any]
ALIGNMENT = {"start": "left", "middle": "center", "end": "right"}


def png(drawing: Drawing) -> bytes:
    """The figure as a file's bytes."""
    figure = Figure(figsize=(drawing.width / PIXELS_AN_INCH, drawing.height / PIXELS_AN_INCH), dpi=DPI, facecolor="white")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, drawing.width), ylim=(drawing.height, 0))
    axes.set_axis_off()
    for order, mark in enumerate(drawing.marks):
        _add(axes, mark, order)
    file = BytesIO()
    figure.savefig(file, format="png", metadata={"Software": None})
    return file.getvalue()


def _add(axes: Axes, mark: Mark, order: int) -> None:
    match mark:
        case Line():
            _add_line(axes, mark, order)
        case Area():
            look: Look = {
                "facecolor": print_colour(mark.colour),
                "alpha": mark.opacity,
                "linewidth": 0,
                "zorder": order,
            }
            axes.add_patch(Polygon(mark.points, **look))
        case Dot():
            _add_dot(axes, mark, order)
        case Box():
            look = {"facecolor": print_colour(mark.colour), "alpha": mark.opacity, "linewidth": 0, "zorder": order}
            axes.add_patch(Rectangle((mark.left, mark.top), mark.width, mark.height, **look))
        case Words():
            _add_words(axes, mark, order)


def _add_line(axes: Axes, line: Line, order: int) -> None:
    x, y = zip(*line.points, strict=True)
    look: Look = {"color": print_colour(line.colour), "alpha": line.opacity, "linewidth": POINTS_A_PIXEL * line.width}
    axes.add_line(Line2D(x, y, linestyle=(0, (4, 3)) if line.dashed else "-", zorder=order, **look))


def _add_dot(axes: Axes, dot: Dot, order: int) -> None:
    colour = print_colour(dot.colour)
    if dot.shape in STROKED:
        for a, b in strokes(dot):
            _add_line(axes, Line((a, b), dot.colour, 2.2, opacity=dot.opacity), order)
        return
    look: Look = {
        "facecolor": colour if dot.filled else "white",
        "edgecolor": colour,
        "linewidth": POINTS_A_PIXEL * 1.7,
    }
    look |= {"alpha": dot.opacity, "zorder": order}
    axes.add_patch(Circle((dot.x, dot.y), dot.radius, **look) if dot.shape == "circle" else Polygon(corners(dot), **look))


def _add_words(axes: Axes, words: Words, order: int) -> None:
    look: Look = {
        "color": print_colour(words.colour),
        "fontsize": POINTS_A_PIXEL * words.size,
        "ha": ALIGNMENT[words.anchor],
    }
    look |= {"va": "baseline", "rotation": 90 if words.turned else 0, "rotation_mode": "anchor", "zorder": order}
    plain = words.text.replace("$", r"\$")  # dollars would be mathematics
    axes.text(words.x, words.y, plain, fontweight="bold" if words.bold else "normal", **look)
