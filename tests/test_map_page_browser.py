"""The map's page in a real browser, opened from disk: what is hovered is told, what is clicked is heard."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import Page, chromium
from made_up_page import LAST, item, largest_page, small_page

from trainables.maps.map_page import MapPage, PageItem, PageSetting, map_page_html, write_map_page

MIDDLE = item(LAST)  # of UMAP's square
TIP = "document.getElementById('tip')"

# Inside the sandbox: choose a point and play it by keyboard, and tell the page around it what is heard.
REPORT = """
  const [canvas, player] = [document.querySelector('figure canvas'), document.querySelector('audio')];
  player.ontimeupdate = () => parent.postMessage(
    {seconds: player.currentTime, note: document.getElementById('sound-note').textContent, origin: self.origin}, '*');
  addEventListener('load', () => setTimeout(() => ['ArrowRight', 'Enter'].forEach(
    key => canvas.dispatchEvent(new KeyboardEvent('keydown', {key}))), 100));
"""
VIEWER = """
  addEventListener('message', event => { window.told = event.data; });
  document.querySelector('iframe').src = URL.createObjectURL(new Blob([%s], {type: 'text/html'}));
"""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def shown(tab: Page, tmp_path: Path) -> Iterator[Page]:
    """The page of five points; whatever a test does with it, the console must stay without errors."""
    yield show(tab, tmp_path, small_page())
    assert tab.troubles == []


def show(tab: Page, folder: Path, page: MapPage, width: int = 1400, scheme: str = "light") -> Page:
    tab.troubles.clear()
    tab.open(write_map_page(folder / "map.html", page), width=width, scheme=scheme)
    return tab


def canvas_box(tab: Page, plot: int = 0) -> tuple[float, float, float, float]:
    box = tab.value(
        f"(() => {{const b = document.querySelectorAll('figure canvas')[{plot}].getBoundingClientRect();"
        "return [b.left, b.top, b.width, b.height]})()"
    )
    left, top, width, height = map(float, box)
    return left, top, width, height


def middle(tab: Page, plot: int = 0) -> tuple[float, float]:
    left, top, width, height = canvas_box(tab, plot)
    return left + width / 2, top + height / 2


def text(tab: Page, selector: str) -> str:
    return str(tab.value(f"document.querySelector({selector!r}).textContent"))


def pixels(tab: Page, plot: int = 0) -> str:
    return str(tab.value(f"document.querySelectorAll('figure canvas')[{plot}].toDataURL()"))


def choose_colour(tab: Page, label: str) -> None:
    tab.value(
        "(() => {const menu = document.getElementById('colour-by');"
        f"menu.value = [...menu.options].find(option => option.text === {label!r}).value;"
        "menu.dispatchEvent(new Event('change'))})()"
    )


def drag(tab: Page, *corners: tuple[float, float]) -> None:
    tab.mouse("Moved", *corners[0])
    tab.mouse("Pressed", *corners[0])
    for corner in corners[1:]:
        tab.ask("Input.dispatchMouseEvent", type="mouseMoved", x=corner[0], y=corner[1], button="left", buttons=1)
    tab.mouse("Released", *corners[-1])


def test_hovering_tells_effect_settings_and_recording(shown: Page) -> None:
    assert shown.value(f"{TIP}.hidden")
    shown.mouse("Moved", *middle(shown))
    told = text(shown, "#tip")
    assert all(
        part in told for part in (MIDDLE.effect, MIDDLE.recording, "drive_db", "4.5 dB", "tone_hz", "540 Hz", "brightness")
    )
    left, top, _, _ = canvas_box(shown)
    shown.mouse("Moved", left + 3, top + 100)
    assert shown.value(f"{TIP}.hidden")


def test_a_click_plays_wet_then_dry_and_another_stops(shown: Page) -> None:
    shown.click(*middle(shown))
    assert text(shown, "#sound-note") == "playing wet"
    shown.until("document.querySelector('audio').currentTime > 0.1")
    shown.until("document.getElementById('sound-note').textContent === 'playing dry'")
    shown.until("document.querySelector('audio').currentTime > 0.1 && !document.querySelector('audio').paused")
    shown.until("document.getElementById('sound-note').textContent === ''")
    assert shown.value("document.querySelector('audio').ended")
    shown.click(*middle(shown))
    assert text(shown, "#sound-note") == "playing wet"
    shown.click(*middle(shown))
    assert text(shown, "#sound-note") == "" and shown.value("document.querySelector('audio').paused")


def test_what_is_heard_is_the_points_own_sound(shown: Page) -> None:
    shown.click(*middle(shown))
    assert MIDDLE.sound is not None
    sound = base64.b64encode(MIDDLE.sound.wet).decode()
    assert shown.value("document.querySelector('audio').src") == f"data:audio/mpeg;base64,{sound}"
    shown.until("document.querySelector('audio').duration > 0.7")


def test_one_of_the_two_can_be_heard_alone(shown: Page) -> None:
    shown.mouse("Moved", *middle(shown))
    shown.value("[...document.querySelectorAll('#chosen button')].find(b => b.textContent === 'dry').click()")
    assert text(shown, "#sound-note") == "playing dry"
    assert shown.value("document.querySelector('#chosen button.heard').textContent") == "dry"
    shown.until("document.getElementById('sound-note').textContent === ''")


@pytest.mark.parametrize("label", ["seen in training or not", "recording", "brightness", "overdrive: drive_db"])
def test_another_colouring_draws_the_points_otherwise(shown: Page, label: str) -> None:
    before = pixels(shown)
    choose_colour(shown, label)
    assert pixels(shown) != before
    choose_colour(shown, "effect")
    assert pixels(shown) == before


def test_a_scale_has_ends_and_unit_and_says_how_many_points_have_no_value(shown: Page) -> None:
    assert shown.value("document.getElementById('scale').hidden")
    choose_colour(shown, "brightness")
    assert [text(shown, f"#scale-{end}") for end in ("low", "middle", "high")] == ["1", "3", "5"]
    assert text(shown, "#scale-none") == "grey: 1 point without a value"
    choose_colour(shown, "overdrive: tone_hz")
    assert text(shown, "#scale-low") == "510 Hz" and text(shown, "#scale-none").startswith("grey: 4 points")
    choose_colour(shown, "depth")
    assert text(shown, "#scale-low") == "" and text(shown, "#scale-none").startswith("grey: 5 points")


def test_the_legend_counts_every_effect_and_switches_it(shown: Page) -> None:
    assert shown.value("[...document.querySelectorAll('#effects-list .count')].map(c => c.textContent)") == ["1"] * 5
    before = pixels(shown)
    shown.value("document.querySelector('#effects-list button').click()")
    assert text(shown, "#shown") == "4 of 5 points" and pixels(shown) != before
    shown.value("document.getElementById('all-effects').click()")
    assert text(shown, "#shown") == "5 of 5 points" and pixels(shown) == before


def test_words_filter_by_effect_recording_and_setting(shown: Page) -> None:
    for words, found in {"overdrive": 1, "voice/3": 1, "drive_db 0.5": 1, "overdrive voice/3": 0, "": 5}.items():
        shown.value(
            f"(() => {{const f = document.getElementById('find'); f.value = {words!r}; f.dispatchEvent(new Event('input'))}})()"
        )
        assert text(shown, "#shown") == f"{found} of 5 points", words


def test_a_loop_lists_the_points_in_it_with_their_sounds(shown: Page) -> None:
    left, top, width, height = canvas_box(shown)
    upper = top + 0.35 * height
    drag(shown, (left + 4, top + 4), (left + width - 4, top + 4), (left + width - 4, upper), (left + 4, upper))
    assert text(shown, "#gathered-title") == "2 points in the loop"
    rows = shown.value("[...document.querySelectorAll('#gathered-rows tr')].map(row => [...row.cells].map(c => c.textContent))")
    assert [row[1] for row in rows] == [item(2).effect, item(3).effect] and rows[0][2] == item(2).recording
    drag(shown, (left + width / 2, top + 4), (left + width - 4, top + 4), (left + width - 4, upper), (left + width / 2, upper))
    assert shown.value("[...document.querySelectorAll('#gathered-rows tr')].map(r => r.cells[1].textContent)") == [item(3).effect]
    shown.value("document.querySelector('#gathered-rows button').click()")
    assert text(shown, "#sound-note") == "playing wet" and text(shown, "#chosen-title") != item(2).effect
    shown.key("Escape")
    assert shown.value("document.getElementById('gathered').hidden") and text(shown, "#sound-note") == ""


def test_the_keyboard_reaches_every_point_and_plays_it(shown: Page) -> None:
    shown.value("document.querySelector('figure canvas').focus()")
    found = []
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft", "ArrowDown"):
        shown.key(key)
        found.append(text(shown, "#chosen-from"))
    assert found[0] == item(0).recording and set(found) >= {item(n).recording for n in (0, 1, 2, 3)}
    shown.key("Enter")
    assert text(shown, "#sound-note") == "playing wet"


def test_zooming_keeps_what_is_under_the_pointer_and_fit_shows_all_again(shown: Page) -> None:
    before, (x, y) = pixels(shown), middle(shown)
    shown.ask("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=-600)
    shown.until(f"document.querySelector('figure canvas').toDataURL() !== {before!r}")
    shown.mouse("Moved", x, y)
    assert text(shown, "#chosen-from") == MIDDLE.recording
    shown.value("document.querySelector('figure canvas').focus()")
    for key in ("ArrowLeft", "ArrowLeft"):
        shown.key(key)
    assert text(shown, "#chosen-from") in {item(0).recording, item(2).recording}
    left, top, width, height = canvas_box(shown)
    tip = shown.value(f"(() => {{const b = {TIP}.getBoundingClientRect(); return [b.left, b.top]}})()")
    assert left <= tip[0] <= left + width and top <= tip[1] <= top + height
    shown.key("0")
    shown.mouse("Moved", *middle(shown))
    assert text(shown, "#chosen-from") == MIDDLE.recording


def test_fit_makes_the_points_that_are_left_as_large_as_they_can_be(shown: Page) -> None:
    shown.value("[...document.querySelectorAll('#effects-list button')].slice(1).forEach(b => b.click())")
    shown.mouse("Moved", *middle(shown))
    assert shown.value(f"{TIP}.hidden")
    shown.value("[...document.querySelectorAll('figcaption button')].find(b => b.textContent === 'fit').click()")
    shown.mouse("Moved", *middle(shown))
    assert text(shown, "#chosen-title") == item(0).effect and not shown.value(f"{TIP}.hidden")


def test_dragging_with_shift_moves_the_map(shown: Page) -> None:
    x, y = middle(shown)
    shown.mouse("Moved", x, y)
    for kind, place, buttons in (("mousePressed", x, 1), ("mouseMoved", x + 60, 1), ("mouseReleased", x + 60, 0)):
        shown.ask("Input.dispatchMouseEvent", type=kind, x=place, y=y, button="left", buttons=buttons, modifiers=8, clickCount=1)
    shown.mouse("Moved", x, y - 150)
    assert shown.value(f"{TIP}.hidden")
    shown.mouse("Moved", x + 60, y)
    assert not shown.value(f"{TIP}.hidden") and MIDDLE.recording in text(shown, "#tip")
    assert shown.value("document.getElementById('gathered').hidden")


def test_dry_is_neither_seen_nor_held_out(tab: Page, tmp_path: Path) -> None:
    show(tab, tmp_path, small_page([item(n) for n in (0, 6, 9, 9, 19)]))
    choose_colour(tab, "seen in training or not")
    told = tab.value("[...document.querySelectorAll('#groups-list button')].map(b => b.textContent)")
    assert told == ["dry: no effect3", "held out, never seen1", "seen in training1"]


def test_a_recording_of_the_users_stands_out_and_plays(tab: Page, tmp_path: Path) -> None:
    mine = PageItem("yours: a.wav", False, "a.wav", (PageSetting("start_seconds", 1.5, "1.5 s", "s"),), MIDDLE.sound)
    show(tab, tmp_path, small_page([*map(item, range(4)), mine]))
    assert text(tab, "#effects-list li:last-child .name") == "yours: a.wav" and "your recordings" in text(tab, "#marks-note")
    choose_colour(tab, "seen in training or not")
    assert "your recordings1" in tab.value("[...document.querySelectorAll('#groups-list button')].map(b => b.textContent)")
    tab.click(*middle(tab))
    assert "1.5 s" in text(tab, "#tip") and text(tab, "#sound-note") == "playing wet"
    tab.until("document.querySelector('audio').currentTime > 0.1")
    tab.until("document.getElementById('sound-note').textContent === 'playing dry'")
    assert tab.troubles == []


def test_without_a_dry_recording_only_the_wet_one_plays(tab: Page, tmp_path: Path) -> None:
    assert MIDDLE.sound is not None
    mine = PageItem("yours: a.wav", False, "a.wav", (), replace(MIDDLE.sound, dry=b""))
    show(tab, tmp_path, small_page([*map(item, range(4)), mine]))
    tab.click(*middle(tab))
    assert tab.value("[...document.querySelectorAll('#chosen-buttons button')].map(b => b.textContent)") == ["wet"]
    assert text(tab, "#sound-note") == "playing wet"
    tab.until("document.getElementById('sound-note').textContent === ''")
    assert tab.troubles == []


def test_umap_and_pca_show_the_same_points_in_their_own_places(shown: Page) -> None:
    shown.mouse("Moved", *middle(shown, plot=1))
    assert text(shown, "#chosen-from") == item(0).recording
    shown.value("document.querySelector('input[value=PCA]').click()")
    assert shown.value("[...document.querySelectorAll('figure')].map(f => f.hidden)") == [True, False]
    assert text(shown, "#note") == "a note"


@pytest.mark.parametrize("width", [1400, 700])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_its_window_in_light_and_dark(tab: Page, tmp_path: Path, width: int, scheme: str) -> None:
    show(tab, tmp_path, small_page(), width, scheme)
    assert tab.value("document.documentElement.scrollWidth") <= width
    red, *_ = tab.value("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
    assert (red > 200) == (scheme == "light")
    assert all(canvas_box(tab)[2:]) and tab.troubles == []


def test_a_name_like_markup_stays_text(tab: Page, tmp_path: Path) -> None:
    nasty = "</script><img src=x onerror=window.broken=1><b>{{style}}"
    items = [PageItem(nasty, False, nasty, (PageSetting(nasty, 1.0, nasty),)) for _ in range(5)]
    show(tab, tmp_path, replace(small_page(items), title=nasty))
    tab.mouse("Moved", *middle(tab))
    assert text(tab, "h1") == nasty and nasty in text(tab, "#tip") and "no sound" in text(tab, "#chosen")
    assert tab.value("document.querySelector('#tip b, h1 b, img') === null && !window.broken")
    assert tab.troubles == []


@pytest.mark.parametrize("items", [0, 1])
def test_few_points_show_without_errors(tab: Page, tmp_path: Path, items: int) -> None:
    show(tab, tmp_path, MapPage("few", "", tuple(map(item, range(items))), {"UMAP": np.zeros((items, 2))}))
    assert text(tab, "#shown") == ("1 of 1 point" if items else "0 of 0 points") and tab.troubles == []


def test_the_page_plays_in_a_sandbox_without_an_origin(tab: Page, tmp_path: Path) -> None:
    """As a tracking server's artifact viewer shows it: `sandbox=allow-scripts`, from a blob."""
    inner = json.dumps(map_page_html(small_page()) + f"<script>{REPORT}</script>").replace("</", "<\\/")
    (tmp_path / "outer.html").write_text(
        f"<!doctype html><iframe sandbox='allow-scripts'></iframe><script>{VIEWER % inner}</script>"
    )
    tab.troubles.clear()
    tab.open(tmp_path / "outer.html")
    tab.until("window.told && told.seconds > 0.1")
    assert tab.value("told.origin") == "null" and tab.value("told.note") == "playing wet"
    assert tab.troubles == []


def test_the_largest_map_answers_the_pointer(tab: Page, tmp_path: Path) -> None:
    show(tab, tmp_path, largest_page())
    assert text(tab, "#shown") == "1500 of 1500 points"
    tab.click(*middle(tab))
    tab.until("document.querySelector('audio').currentTime > 0")
    left, top, width, height = canvas_box(tab)
    box = (left + 2, top + 2), (left + width - 2, top + 2), (left + width - 2, top + height - 2), (left + 2, top + height - 2)
    drag(tab, *box)
    assert text(tab, "#gathered-title") == "1500 points in the loop" and text(tab, "#gathered-more") == "and 1200 more points"
    assert tab.troubles == []
