"""Latent maps of several trials beside each other: the same clips in each, so that one can be followed from map to map and heard.

All trials of a sweep are drawn from the same clips in the same order. Places and sounds are read from the maps' own pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from trainables.maps.map_page import read_page_data
from trainables.maps.pictures import effect_styles
from tune.ledger.home import SweepFolder
from tune.ledger.status import TrialStatus
from tune.pages.chart import Key, Room, legend
from tune.pages.marks import Dot, Drawing, Line, Mark, Shape, Words

MAP_FILE = "latent_map.html"
PROJECTION = "UMAP"
PARTS = ("wet", "dry")
WIDTH = 1240.0
COLUMNS = 3
MOST_CLIPS = 800  # of more, some evenly spread, so that a page stays small
MOST_SOUND_BYTES = 3_400_000  # as base64, of all clips together
SHAPES: dict[str, Shape] = {
    "o": "circle", "s": "square", "^": "triangle", "v": "down", "D": "diamond", "P": "plus", "X": "cross", "p": "pentagon",
    "<": "left", "*": "star", "h": "pentagon", "d": "diamond", ">": "left", "8": "circle", "H": "pentagon",
}  # fmt: skip


@dataclass(frozen=True)
class Clip:
    """What is told of one clip, and where its sounds are in the list of all; None where there is none."""

    effect: str
    recording: str
    settings: str
    wet: int | None
    dry: int | None


@dataclass(frozen=True)
class ClipMap:
    """Where a trial's map has the clips; `held_out` are the effects that it never heard."""

    trial: TrialStatus
    x: tuple[float, ...]
    y: tuple[float, ...]
    held_out: frozenset[str]


@dataclass(frozen=True)
class ClipMaps:
    """Maps of the same clips.

    Attributes:
        sounds: MP3 as base64.
        missing: trials whose map is not drawn, or is of other clips.
    """

    clips: tuple[Clip, ...]
    maps: tuple[ClipMap, ...]
    sounds: tuple[str, ...]
    missing: tuple[int, ...]


def read_clip_maps(folder: SweepFolder, trials: Sequence[TrialStatus]) -> ClipMaps:
    """Those that are drawn."""
    found: list[tuple[TrialStatus, dict[str, Any]]] = []
    missing = []
    for trial in trials:
        data = _data(folder, trial.number)
        same = data is not None and (not found or _identity(data) == _identity(found[0][1]))
        if data is not None and same:
            found.append((trial, data))
        else:
            missing.append(trial.number)
    if not found:
        return ClipMaps((), (), (), tuple(missing))
    shown = _shown(found[0][1]["items"])
    clips, sounds = _clips([found[0][1]["items"][place] for place in shown], found[0][1]["sounds"])
    return ClipMaps(clips, tuple(_map(trial, data, shown) for trial, data in found), sounds, tuple(missing))


def maps_figure(maps: ClipMaps, titles: Mapping[int, str]) -> Drawing:
    """Side by side, each clip in its effect's colour and shape, hollow where that trial never heard the effect."""
    styles = effect_styles([clip.effect for clip in maps.clips])
    keys = [Key(effect, colour, SHAPES.get(shape, "circle")) for effect, (colour, shape) in styles.items()]
    head, height = legend([*keys, Key("hollow: never heard in training", "quiet", "circle", False)], 10, 0, WIDTH - 20)
    columns = 2 if len(maps.maps) == 4 else min(COLUMNS, len(maps.maps))
    size = WIDTH / columns - 16
    tall = min(size, 430.0)
    marks: list[Mark] = [*head]
    for place, one in enumerate(maps.maps):
        row, column = divmod(place, columns)
        left, top = 8 + column * (size + 16), height + 30 + row * (tall + 44)
        marks.append(Words(left, top - 9, titles[one.trial.number], "ink", 13, bold=True))
        marks += _plane(maps, one, styles, Room(left, top, left + size, top + tall))
    rows = -(-len(maps.maps) // columns)
    said = "Latent maps of the trials, of the same clips. Arrow keys go from clip to clip, Enter plays one."
    return Drawing("side_by_side_maps", said, WIDTH, height + 30 + rows * (tall + 44) - 20, tuple(marks))


def _data(folder: SweepFolder, number: int) -> dict[str, Any] | None:
    path = folder.pictures(number) / MAP_FILE
    try:
        return read_page_data(path) if path.is_file() else None
    except ValueError:
        return None


def _identity(data: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(item["effect"], item["recording"], str(item["settings"])) for item in data["items"]]


def _shown(items: Sequence[Mapping[str, Any]]) -> list[int]:
    """All, or some of every effect, evenly spread."""
    by_effect: dict[str, list[int]] = {}
    for place, item in enumerate(items):
        by_effect.setdefault(item["effect"], []).append(place)
    each = max(1, MOST_CLIPS // len(by_effect))
    return sorted(place for places in by_effect.values() for place in places[:: -(-len(places) // each)])


def _clips(items: Sequence[Mapping[str, Any]], sounds: Sequence[str]) -> tuple[tuple[Clip, ...], tuple[str, ...]]:
    """Clips with their sounds; where all would be too large, only every so many have them."""
    every = next(every for every in count(1) if _sound_bytes(items[::every], sounds) <= MOST_SOUND_BYTES or every > len(items))
    heard = dict.fromkeys(item[part] for item in items[::every] for part in PARTS if part in item)
    places = {old: new for new, old in enumerate(heard)}
    clips = []
    for order, item in enumerate(items):
        settings = ", ".join(f"{name} {text}" for name, text, *_ in item["settings"])
        wet, dry = (places.get(item.get(part, -1)) if order % every == 0 else None for part in PARTS)
        clips.append(Clip(item["effect"], item["recording"], settings, wet, dry))
    return tuple(clips), tuple(sounds[old] for old in heard)


def _sound_bytes(items: Sequence[Mapping[str, Any]], sounds: Sequence[str]) -> int:
    return sum(len(sounds[place]) for place in {item[part] for item in items for part in PARTS if part in item})


def _map(trial: TrialStatus, data: Mapping[str, Any], shown: Sequence[int]) -> ClipMap:
    planes = {plane["name"]: plane for plane in data["projections"]}
    plane = planes.get(PROJECTION) or data["projections"][0]
    held_out = frozenset(item["effect"] for item in data["items"] if item["heldOut"])
    return ClipMap(trial, tuple(plane["x"][p] for p in shown), tuple(plane["y"][p] for p in shown), held_out)


def _plane(maps: ClipMaps, one: ClipMap, styles: Mapping[str, tuple[str, str]], room: Room) -> list[Mark]:
    corners = ((room.left, room.top), (room.right, room.top), (room.right, room.bottom), (room.left, room.bottom))
    marks: list[Mark] = [Line((*corners, corners[0]), "faint", 1.0)]
    low_x, low_y, span_x, span_y = min(one.x), min(one.y), max(one.x) - min(one.x) or 1.0, max(one.y) - min(one.y) or 1.0
    for place, clip in enumerate(maps.clips):
        colour, shape = styles[clip.effect]
        x = room.left + 10 + (one.x[place] - low_x) / span_x * (room.width - 20)
        y = room.bottom - 10 - (one.y[place] - low_y) / span_y * (room.height - 20)
        told = f"{clip.effect}: {clip.settings or 'no settings'}; {clip.recording}"
        filled = clip.effect not in one.held_out
        marks.append(Dot(x, y, colour, SHAPES.get(shape, "circle"), 3.6, filled, 0.9, told, place))
    return marks
