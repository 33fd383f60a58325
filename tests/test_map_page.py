"""The map's page as a file: complete, small, the same for the same values, and safe whatever a recording is called."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made_up_page import item, largest_page, small_page

from trainables.effects.names import DRY
from trainables.maps.clip_sound import ClipPair
from trainables.maps.map_page import MapPage, PageColumn, PageItem, PageSetting, map_page_html, page_data, write_map_page
from trainables.maps.pictures import effect_styles

NASTY = "</script><script>alert(1)</script><!-- {{style}} & \u2028 \"'"


class Parts(HTMLParser):
    """Tags, and the text of every script and of the title."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "title": []}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] in self.texts and data.strip():
            self.texts[self.tags[-1][0]].append(data)


def parts(page: MapPage) -> Parts:
    parsed = Parts()
    parsed.feed(map_page_html(page))
    return parsed


def data(page: MapPage) -> Any:
    return json.loads(parts(page).texts["script"][0])


def test_everything_is_in_the_file() -> None:
    page = map_page_html(small_page())
    addresses = [
        value for _, attributes in parts(small_page()).tags for name, value in attributes.items() if name in ("src", "href")
    ]
    assert addresses == ["data:,"]
    assert not re.search(r"https?://|@import|url\(|\bfetch\(|XMLHttpRequest|localStorage|document\.cookie", page)
    assert "default-src 'none'" in page and "{{" not in page.replace("{{style}}", "")


def test_data_never_become_markup() -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(", map_page_html(small_page()))


def test_a_thousand_and_five_hundred_points_with_sound_stay_below_ten_megabytes(tmp_path: Path) -> None:
    assert write_map_page(tmp_path / "map.html", largest_page()).stat().st_size < 10_000_000


def test_the_same_values_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_map_page(tmp_path / name, small_page()).read_bytes() for name in "ab")
    assert first == second


def test_names_that_look_like_markup_break_nothing() -> None:
    nasty = PageItem(NASTY, True, NASTY, (PageSetting(NASTY, 1.0, NASTY, NASTY),))
    page = replace(small_page([nasty] * 5), title=NASTY, caption=NASTY, note=NASTY)
    plain, parsed = parts(small_page()), parts(page)
    assert [tag for tag, _ in parsed.tags] == [tag for tag, _ in plain.tags]
    assert parsed.texts["script"][1:] == plain.texts["script"][1:]
    told = data(page)
    assert {told[key] for key in ("title", "caption", "note")} == {NASTY} and told["items"][0]["recording"] == NASTY
    assert parsed.texts["title"] == [NASTY]
    assert not set("<>&") & set(parsed.texts["script"][0])


def test_numbers_that_are_none_are_null() -> None:
    page = replace(small_page(), columns=(PageColumn("depth", np.array([np.nan, np.inf, -np.inf, 0.0, 1.23456789])),))
    assert data(page)["columns"] == [{"name": "depth", "unit": "", "values": [None, None, None, 0.0, 1.2346]}]
    unknown = PageItem("delay", False, "a", (PageSetting("time_ms", float("nan"), "?"),))
    assert data(small_page([unknown] * 5))["items"][0]["settings"] == [["time_ms", "?", None]]


def test_every_sound_is_kept_once() -> None:
    dry = replace(item(0), sound=replace(item(0).sound, wet=item(0).sound.dry))  # type: ignore[type-var]
    told = data(small_page([item(0), item(0), dry, item(1), PageItem("delay", False, "silent")]))
    assert len(told["sounds"]) == 4
    places = [(each.get("wet"), each.get("dry")) for each in told["items"]]
    assert places == [(0, 1), (0, 1), (1, 1), (2, 3), (None, None)]
    assert base64.b64decode(told["sounds"][0]) == item(0).sound.wet  # type: ignore[union-attr]


def test_a_wet_recording_without_a_dry_one_has_one_sound() -> None:
    mine = PageItem("yours: a.wav", False, "a.wav", (), ClipPair(b"", b"wet"))
    told = data(small_page([mine, *map(item, range(4))]))["items"]
    assert told[0] == {"effect": "yours: a.wav", "recording": "a.wav", "heldOut": False, "settings": [], "wet": 0, "added": True}
    assert not any("added" in other for other in told[1:])


def test_points_look_as_in_the_picture() -> None:
    told = data(small_page())["effects"]
    assert {e["name"]: (e["colour"], e["shape"]) for e in told} == effect_styles([e["name"] for e in told])


def test_knobs_come_with_unit_and_scale() -> None:
    knobs = page_data(replace(small_page(), items=tuple(map(item, (0, 10, 9, 1, 1)))))["knobs"]
    assert [(k["effect"], k["name"], k["unit"], k["log"]) for k in knobs] == [
        (effect, *knob) for effect in ("multiband", "overdrive") for knob in (("drive_db", "dB", False), ("tone_hz", "Hz", True))
    ]
    assert DRY not in {knob["effect"] for knob in knobs}


@pytest.mark.parametrize("items", [0, 1])
def test_few_points_are_a_page_too(items: int) -> None:
    page = MapPage("few", "", tuple(map(item, range(items))), {"UMAP": np.zeros((items, 2))})
    assert len(data(page)["items"]) == items
