"""The pages that are listened to: self-contained, safe against names, and equally loud."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from browser import Page, chromium

from trainables.matching.listening_page import MatchPage, Question, listening_test_html, match_page_html

RATE = 16_000
SOUNDS = {
    name: np.random.default_rng(seed).normal(0.0, level, (1, RATE)).astype(np.float32)
    for seed, (name, level) in enumerate([("reference", 0.1), ("result", 0.2), ("input", 0.05)])
}


def data_of(page: str) -> dict[str, object]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return dict(json.loads(found[1]))


def test_a_match_page_has_every_sound_with_its_picture_and_loads_nothing_else() -> None:
    page = match_page_html(MatchPage("a </script> b", "told", SOUNDS, RATE, {"drive": "0.7"}))
    data = data_of(page)
    assert data["title"] == "a </script> b" and page.count("</script>") == 2 and "http" not in page.replace("http-equiv", "")
    sounds = list(data["sounds"])  # type: ignore[call-overload]
    assert [sound["name"] for sound in sounds] == ["reference", "result", "input"]
    assert all(sound["sound"].startswith("data:audio/mpeg;base64,") for sound in sounds)
    assert all(sound["picture"].startswith("data:image/png;base64,") for sound in sounds)


def test_a_listening_test_hides_names_from_the_page_and_keeps_them_for_the_export() -> None:
    conditions = {"hidden reference": SOUNDS["reference"], "matcher": SOUNDS["result"], "nothing done": SOUNDS["input"]}
    page = listening_test_html("How like?", [Question("paired/overdrive/0", SOUNDS["reference"], conditions)], RATE)
    (question,) = data_of(page)["questions"]  # type: ignore[misc]
    assert [condition["name"] for condition in question["conditions"]] == list(conditions)
    assert question["reference"] == question["conditions"][0]["sound"]
    assert "shuffled" in page and "ratings-" in page


LONG = {name: np.tile(sound, 8) for name, sound in SOUNDS.items()}
CONDITIONS = {"hidden reference": LONG["reference"], "matcher": LONG["result"], "nothing done": LONG["input"]}


@pytest.fixture(scope="module")
def tab_and_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, Path]]:
    folder = tmp_path_factory.mktemp("page")
    questions = [Question(f"paired/overdrive/{number}", LONG["reference"], CONDITIONS) for number in range(2)]
    path = folder / "test.html"
    path.write_text(listening_test_html("How like?", questions, RATE), encoding="utf-8")
    with chromium(folder / "profile") as page:
        yield page, path


def opened(tab_and_file: tuple[Page, Path], scheme: str = "light", width: int = 1000) -> Page:
    page, path = tab_and_file
    page.open(path, width, 760, scheme)
    return page


def rate(page: Page, row: int, value: int) -> None:
    slider = f"document.querySelectorAll('.rating input')[{row}]"
    page.value(f"{slider}.value = {value}, {slider}.dispatchEvent(new Event('input')), 0")


def exported(page: Page) -> list[list[str]]:
    """Rows of what would be saved."""
    page.value("HTMLAnchorElement.prototype.click = function () { window.savedAs = this.href; }")
    page.value("document.getElementById('export').click()")
    text = unquote(str(page.value("window.savedAs")).partition(",")[2])
    return list(csv.reader(text.splitlines()))


@pytest.mark.parametrize("width", [1000, 400])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_listening_test_fits_its_window_and_names_no_condition(
    tab_and_file: tuple[Page, Path], scheme: str, width: int
) -> None:
    page = opened(tab_and_file, scheme, width)
    assert page.value("document.documentElement.scrollWidth") <= width
    shown = str(page.value("document.body.innerText"))
    assert "sound 3" in shown and "1 of 2" in shown
    assert not any(name in shown for name in ("matcher", "nothing done", "hidden reference"))
    assert page.troubles == []


def test_a_listening_test_is_worked_by_keys_and_switching_keeps_the_place(tab_and_file: tuple[Page, Path]) -> None:
    page = opened(tab_and_file)
    page.key("r")
    page.until("!document.getElementById('player').paused && document.getElementById('player').currentTime > 0.3")
    page.key("2")
    page.until("document.querySelectorAll('.rating button')[1].classList.contains('heard')")
    assert page.value("document.getElementById('player').currentTime") > 0.2
    assert page.value("document.activeElement === document.querySelectorAll('.rating input')[1]")
    page.key(" ")
    assert page.value("document.getElementById('player').paused")
    page.key("n")
    assert page.value("document.getElementById('place').textContent") == "2 of 2"
    page.key("b")
    assert page.value("document.getElementById('place').textContent") == "1 of 2"


def test_what_is_rated_is_saved_and_what_is_not_is_empty(tab_and_file: tuple[Page, Path]) -> None:
    page = opened(tab_and_file)
    assert page.value("document.querySelectorAll('.unrated').length") == 3
    rate(page, 0, 80)
    rate(page, 2, 50)
    assert page.value("document.querySelectorAll('.unrated').length") == 1
    assert page.value("document.getElementById('told').textContent").startswith("Not rated yet: 1 sound here, 4 in all.")
    head, *rows = exported(page)
    assert head == ["listener", "question", "condition", "rating"] and len({row[0] for row in rows}) == 1
    assert sorted(row[2] for row in rows) == sorted([*CONDITIONS] * 2)
    assert sorted(row[3] for row in rows) == ["", "", "", "", "50", "80"]


@pytest.fixture(scope="module")
def match_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("match") / "match.html"
    long = {name: np.tile(sound, 13) for name, sound in SOUNDS.items()}
    path.write_text(match_page_html(MatchPage("a" * 90, "told", long, RATE, {"drive": "0.7"})), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [1280, 420])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_match_page_fits_its_window_and_says_that_it_holds_the_beginning(
    tab_and_file: tuple[Page, Path], match_file: Path, scheme: str, width: int
) -> None:
    page, _ = tab_and_file
    page.open(match_file, width, 800, scheme)
    assert page.value("document.documentElement.scrollWidth") <= width
    assert "Only the first 12 seconds are here" in str(page.value("document.body.innerText")) and page.troubles == []


def test_a_and_b_are_heard_and_voted_for_without_their_names(tab_and_file: tuple[Page, Path], match_file: Path) -> None:
    page, _ = tab_and_file
    page.open(match_file, 1280, 800)
    heard = {}
    for letter in "ab":
        page.value(f"document.getElementById('blind-{letter}').click()")
        page.until("!document.getElementById('player').paused && document.getElementById('player').currentTime > 0.2")
        heard[letter] = str(page.value("document.getElementById('player').src"))
        assert page.value("document.querySelectorAll('.heard').length") == 1
    known = {sound["sound"]: sound["name"] for sound in data_of(match_file.read_text())["sounds"]}  # type: ignore[attr-defined]
    assert {known[sound] for sound in heard.values()} == {"result", "input"}
    assert page.value("document.getElementById('votes').textContent") == "No vote yet."
    page.value("document.getElementById('vote-a').click()")
    assert f"You chose the {known[heard['a']]}." in str(page.value("document.getElementById('votes').textContent"))
    assert page.value("document.getElementById('player').paused") and page.troubles == []


def test_where_nothing_was_done_there_is_nothing_to_compare_blindly(tab_and_file: tuple[Page, Path], tmp_path: Path) -> None:
    same = {**SOUNDS, "result": SOUNDS["input"]}
    (tmp_path / "same.html").write_text(match_page_html(MatchPage("t", "told", same, RATE, {})), encoding="utf-8")
    page, _ = tab_and_file
    page.open(tmp_path / "same.html")
    shown = str(page.value("document.body.innerText"))
    assert "A is nearer" not in shown and "Only the first" not in shown
