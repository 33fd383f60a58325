"""Drawings as SVG and PNG: the same marks, readable by those who point and those who cannot see."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
from matplotlib.image import imread

from trainables.maps.pictures import STYLES
from tune.pages.colours import DARK, EFFECTS_BY_NIGHT, LIGHT, SERIES, css_colour, scale_colour, variables
from tune.pages.marks import Area, Box, Dot, Drawing, Line, Shape, Words, text_width
from tune.pages.png import DPI, PIXELS_AN_INCH, png
from tune.pages.svg import svg

SHAPES: tuple[Shape, ...] = (
    "circle", "square", "triangle", "down", "left", "diamond", "pentagon", "star", "plus", "cross", "bar",
)  # fmt: skip
EVERYTHING = Drawing(
    "everything",
    'says "so" & more',
    120,
    60,
    (
        Box(10, 10, 30, 40, "blue", title="a box"),
        Line(((50, 10), (50, 50)), "orange", 2, dashed=True, title="a line"),
        Area(((60, 10), (80, 10), (80, 50)), "green"),
        *(Dot(90, 8 + 4 * place, "purple", shape, title=shape, place=place) for place, shape in enumerate(SHAPES)),
        Words(100, 50, "<b>$x$", turned=True),
    ),
)


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2 has it: 1 to 21."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_svg_is_well_formed_says_what_it_shows_and_tells_of_each_mark() -> None:
    root = ET.fromstring(svg(EVERYTHING))
    assert root.attrib["role"] == "img" and root.attrib["aria-label"] == EVERYTHING.said
    assert [title.text for title in root.iter("title")] == ["a box", "a line", *SHAPES]
    assert [mark.attrib["data-place"] for mark in root if "data-place" in mark.attrib] == [str(n) for n in range(len(SHAPES))]


def test_text_is_never_markup() -> None:
    assert ET.fromstring(svg(EVERYTHING))[-1].text == "<b>$x$"


def test_png_has_three_pixels_for_each_of_the_page_and_is_the_same_each_time() -> None:
    picture = png(EVERYTHING)
    assert imread(io.BytesIO(picture)).shape[:2] == (60 * DPI / PIXELS_AN_INCH, 120 * DPI / PIXELS_AN_INCH) == (180, 360)
    assert picture == png(EVERYTHING)


def test_png_draws_where_svg_does() -> None:
    pixels = imread(io.BytesIO(png(EVERYTHING)))[:, :, :3]
    assert np.allclose(pixels[90, 75], [0, 0x72 / 255, 0xB2 / 255], atol=0.01), "the middle of the box"
    assert np.allclose(pixels[10, 10], 1), "the corner is paper"


def test_every_shape_looks_otherwise_hollow() -> None:
    for shape in SHAPES:
        dot = Dot(30, 30, "ink", shape, 12)
        filled, hollow = (png(replace(EVERYTHING, marks=(replace(dot, filled=how),))) for how in (True, False))
        assert (filled != hollow) == (shape not in ("cross", "plus", "bar")), shape


def test_series_are_seen_on_both_grounds() -> None:
    for colours in (LIGHT, DARK):
        assert {
            role: contrast(colours[role], colours["page"]) for role in SERIES if contrast(colours[role], colours["page"]) < 3
        } == {}
        assert min(contrast(colours[role], colours["page"]) for role in ("ink", "quiet", "blue")) >= 4.5


def test_effects_colours_are_those_of_the_maps_and_seen_on_a_dark_ground() -> None:
    assert set(EFFECTS_BY_NIGHT) == {colour for colour, _ in STYLES.values()}
    assert min(contrast(by_night, DARK["page"]) for by_night in EFFECTS_BY_NIGHT.values()) >= 4.5
    defined = variables(night=True)
    for colour, by_night in EFFECTS_BY_NIGHT.items():
        assert f"--{css_colour(colour).removeprefix('var(--').removesuffix(')')}: {by_night};" in defined
    assert css_colour("#123456") == "#123456" and css_colour("ink") == "var(--ink)"


def test_a_scale_of_colours_goes_from_dark_to_bright_and_stops_at_its_ends() -> None:
    assert scale_colour(-1) == scale_colour(0) == "#440154" and scale_colour(2) == scale_colour(1) == "#fde725"


def test_a_longer_text_is_wider() -> None:
    assert 0 < text_width("i") < text_width("m") < text_width("mi") < text_width("mi", 20)
