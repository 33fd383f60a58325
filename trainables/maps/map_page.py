"""A latent map as one HTML file that plays: points to hover, hear, colour and gather. It needs no network and no server.

The page's own files are in map_template/; trainables/pages puts values into them.
"""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import numpy.typing as npt
from matplotlib.colors import to_hex

from trainables.effects.names import DRY
from trainables.maps.added import is_added
from trainables.maps.clip_sound import ClipPair
from trainables.maps.pictures import ADDED_COLOURS, BLUE, GREY, RED, STYLES, effect_styles
from trainables.pages.filled import filled_page

TEMPLATE = Path(__file__).parent / "map_template"
SCRIPTS = (
    "data.js", "colours.js", "marks.js", "words.js", "state.js", "view.js", "plot.js", "pointer.js", "sound.js", "panels.js",
    "controls.js", "main.js",
)  # fmt: skip
SCALE_STOPS = 33  # of viridis; between two of them a straight line is not told from the curve
COORDINATE_DIGITS, VALUE_DIGITS = 4, 5


@dataclass(frozen=True)
class PageSetting:
    """A knob's value at an item.

    Attributes:
        name: of the knob.
        value: physical.
        text: value and unit, for people.
        unit: for the scale bar; may be empty.
        logarithmic: whether the scale bar is.
        meaning: one line, what the knob does.
    """

    name: str
    value: float
    text: str
    unit: str = ""
    logarithmic: bool = False
    meaning: str = ""


@dataclass(frozen=True)
class PageItem:
    """One point of the map, and what is told of it when it is hovered.

    Attributes:
        effect, recording: names.
        held_out: whether the model never saw the effect in training.
        settings: in the order in which they are listed.
        sound: None where there is nothing to hear.
    """

    effect: str
    held_out: bool
    recording: str
    settings: tuple[PageSetting, ...] = ()
    sound: ClipPair | None = None


@dataclass(frozen=True)
class PageColumn:
    """A number for each item, to colour by: brightness, depth.

    Attributes:
        values: (items,); NaN is drawn grey.
        unit: for the scale bar; may be empty.
    """

    name: str
    values: npt.NDArray[np.floating]
    unit: str = ""


@dataclass(frozen=True)
class MapPage:
    """What a page shows.

    Attributes:
        items: the points.
        projections: (items, 2) by name ("UMAP", "PCA"), in the order shown; at least one.
        note: a sentence on how to read the projections.
        columns: further numbers to colour by.
    """

    title: str
    caption: str
    items: tuple[PageItem, ...]
    projections: Mapping[str, npt.NDArray[np.floating]]
    note: str = ""
    columns: tuple[PageColumn, ...] = ()


def write_map_page(path: Path, page: MapPage) -> Path:
    """Write the page to `path`; the same values give the same bytes."""
    path.write_text(map_page_html(page), encoding="utf-8")
    return path


def map_page_html(page: MapPage) -> str:
    """The whole page as HTML."""
    return filled_page(TEMPLATE, "page", page.title, page_data(page), SCRIPTS)


def read_page_data(path: Path) -> dict[str, Any]:
    """What `page_data` put into a page that `write_map_page` wrote.

    Raises:
        ValueError: it is no such page.
    """
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL)
    data = json.loads(found[1]) if found else None
    if not isinstance(data, dict):
        raise ValueError(f"{path}: no page of a latent map")
    return data


def page_data(page: MapPage) -> dict[str, Any]:
    """What the page's script reads: plain JSON, every sound once."""
    styles = effect_styles([item.effect for item in page.items])
    sounds = _distinct(sound for item in page.items if item.sound for sound in (item.sound.wet, item.sound.dry) if sound)
    return {
        "title": page.title,
        "caption": page.caption,
        "note": page.note,
        "projections": [{"name": name, **_plane(points)} for name, points in page.projections.items()],
        "effects": [{"name": name, "colour": colour, "shape": shape} for name, (colour, shape) in styles.items()],
        "groupColours": [colour for colour, _ in STYLES.values()],
        "groupShapes": [shape for _, shape in STYLES.values()],
        "seenColours": [BLUE, RED, GREY, ADDED_COLOURS[0]],
        "dry": DRY,
        "viridis": [to_hex(matplotlib.colormaps["viridis"](share)) for share in np.linspace(0.0, 1.0, SCALE_STOPS)],
        "items": [_item(item, sounds) for item in page.items],
        "columns": [{"name": c.name, "unit": c.unit, "values": _numbers(c.values)} for c in page.columns],
        "knobs": _knobs(page.items),
        "sounds": [base64.b64encode(sound).decode("ascii") for sound in sounds],
    }


def _item(item: PageItem, sounds: Mapping[bytes, int]) -> dict[str, Any]:
    """Names, whether it was held out, the settings' texts and values by name, and the places of its sounds."""
    parts = {"wet": item.sound.wet, "dry": item.sound.dry} if item.sound else {}
    heard = {part: sounds[sound] for part, sound in parts.items() if sound}
    settings = [[setting.name, setting.text, *_numbers([setting.value])] for setting in item.settings]
    added = {"added": True} if is_added(item.effect) else {}
    told = {"effect": item.effect, "recording": item.recording, "heldOut": item.held_out, "settings": settings}
    return told | heard | added


def _knobs(items: Sequence[PageItem]) -> list[dict[str, Any]]:
    """Each effect's knobs, as its items have them."""
    found = {(item.effect, s.name): s for item in items for s in item.settings}
    return [
        {"effect": effect, "name": s.name, "unit": s.unit, "log": s.logarithmic, "meaning": s.meaning}
        for (effect, _), s in found.items()
    ]


def _plane(points: npt.NDArray[np.floating]) -> dict[str, list[float]]:
    x, y = np.round(points.astype(np.float64), COORDINATE_DIGITS).T
    return {"x": x.tolist(), "y": y.tolist()}


def _numbers(values: Iterable[float]) -> list[float | None]:
    """As JSON has them: what is not finite is null."""
    return [float(f"{value:.{VALUE_DIGITS}g}") if math.isfinite(value) else None for value in map(float, values)]


def _distinct(sounds: Iterable[bytes]) -> dict[bytes, int]:
    return {sound: place for place, sound in enumerate(dict.fromkeys(sounds))}
