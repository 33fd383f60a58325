"""A drawing as SVG inside a page: crisp at any size, in the page's colours, with what is told of a mark that one points at."""

from __future__ import annotations

import math
from html import escape

from tune.pages.colours import css_colour
from tune.pages.marks import Area, Box, Dot, Drawing, Line, Mark, Points, Words

SIDES = {  # how many, where the first corner is, and how much larger than a circle that looks as large
    "square": (4, math.pi / 4, 1.1),
    "diamond": (4, 0.0, 1.25),
    "triangle": (3, -math.pi / 2, 1.25),
    "down": (3, math.pi / 2, 1.25),
    "left": (3, math.pi, 1.25),
    "pentagon": (5, -math.pi / 2, 1.12),
    "star": (10, -math.pi / 2, 1.4),
}
STROKED = ("cross", "plus", "bar")
INNER = 0.45  # of a star: how far in every other corner is


def svg(drawing: Drawing) -> str:
    """One element, as wide as there is room for."""
    marks = "".join(map(_mark, drawing.marks))
    size = f"{_number(drawing.width)} {_number(drawing.height)}"
    said = escape(drawing.said, quote=True)
    return f'<svg viewBox="0 0 {size}" style="max-width:{_number(drawing.width)}px" role="img" aria-label="{said}">{marks}</svg>'


def corners(dot: Dot) -> Points:
    """Of a shape with sides."""
    sides, turn, size = SIDES[dot.shape]
    found = []
    for side in range(sides):
        angle = turn + 2 * math.pi * side / sides
        radius = size * dot.radius * (INNER if dot.shape == "star" and side % 2 else 1.0)
        found.append((dot.x + radius * math.cos(angle), dot.y + radius * math.sin(angle)))
    return tuple(found)


def strokes(dot: Dot) -> tuple[Points, ...]:
    """Of a shape made of lines: a cross, a plus, or an upright bar."""
    x, y, r = dot.x, dot.y, dot.radius
    if dot.shape == "bar":
        return (((x, y - 1.6 * r), (x, y + 1.6 * r)),)
    if dot.shape == "plus":
        return ((x - 1.2 * r, y), (x + 1.2 * r, y)), ((x, y - 1.2 * r), (x, y + 1.2 * r))
    return ((x - r, y - r), (x + r, y + r)), ((x - r, y + r), (x + r, y - r))


def _mark(mark: Mark) -> str:
    match mark:
        case Line():
            return _line(mark)
        case Area():
            return _element(
                "polygon", mark.title, points=_points(mark.points), fill=css_colour(mark.colour), opacity=_number(mark.opacity)
            )
        case Dot():
            return _dot(mark)
        case Box():
            place = {"x": mark.left, "y": mark.top, "width": mark.width, "height": mark.height, "opacity": mark.opacity}
            return _element("rect", mark.title, fill=css_colour(mark.colour), **{k: _number(v) for k, v in place.items()})
        case Words():
            return _words(mark)


def _line(line: Line) -> str:
    look = {"stroke": css_colour(line.colour), "stroke-width": _number(line.width), "fill": "none"}
    look |= {"stroke-dasharray": "5 4"} if line.dashed else {}
    look |= {"opacity": _number(line.opacity)} if line.opacity < 1 else {}
    return _element("polyline", line.title, points=_points(line.points), **look)


def _dot(dot: Dot) -> str:
    colour = css_colour(dot.colour)
    found = {} if dot.place is None else {"data-place": str(dot.place)}
    if dot.shape in STROKED:
        path = "".join(f"M{_number(a[0])} {_number(a[1])}L{_number(b[0])} {_number(b[1])}" for a, b in strokes(dot))
        return _element("path", dot.title, d=path, stroke=colour, opacity=_number(dot.opacity), **{"stroke-width": "2.2"} | found)
    look = {"fill": colour if dot.filled else css_colour("page"), "stroke": colour, "stroke-width": "1.7"}
    look |= found | ({"opacity": _number(dot.opacity)} if dot.opacity < 1 else {})
    if dot.shape == "circle":
        return _element("circle", dot.title, cx=_number(dot.x), cy=_number(dot.y), r=_number(dot.radius), **look)
    return _element("polygon", dot.title, points=_points(corners(dot)), **look)


def _words(words: Words) -> str:
    place = {"x": _number(words.x), "y": _number(words.y)}
    if words.turned:
        place["transform"] = f"rotate(-90 {place['x']} {place['y']})"
    look = {"fill": css_colour(words.colour), "font-size": _number(words.size), "text-anchor": words.anchor}
    look |= {"font-weight": "700"} if words.bold else {}
    attributes = " ".join(f'{name}="{value}"' for name, value in (place | look).items())
    return f"<text {attributes}>{escape(words.text)}</text>"


def _element(name: str, title: str, **attributes: str) -> str:
    told = f"<title>{escape(title)}</title>" if title else ""
    written = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f"<{name} {written}>{told}</{name}>" if told else f"<{name} {written}/>"


def _points(points: Points) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
