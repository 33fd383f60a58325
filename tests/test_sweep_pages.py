"""The pages of a sweep: each in one file, small, whole without a network, with its answer first and nothing clipped."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from browser import Page as Tab
from browser import chromium
from curve_sweep import material_of, write_curve_sweep

from tune.analysis.sweep_pages import sweep_pages, write_sweep_pages
from tune.ledger.home import SweepFolder
from tune.ledger.status import SweepStatus
from tune.pages import what_mattered
from tune.pages.material import Material, read_material
from tune.pages.shell import Page, html
from tune.pages.summary import summary_page

PAGES = ("summary.html", "what_mattered.html", "early_stopping.html", "effect_splits.html", "side_by_side.html")
MOST_BYTES = 5_000_000
CLIPPED = """
[...document.querySelectorAll("svg")].flatMap(svg => {
  const room = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter(text => {
    const box = text.getBoundingClientRect();
    return box.left < room.left - 1 || box.right > room.right + 1 || box.top < room.top - 1 || box.bottom > room.bottom + 1;
  }).map(text => text.textContent);
})
"""
OVERLAPPING = """
[...document.querySelectorAll("svg")].flatMap(svg => {
  const boxes = [...svg.querySelectorAll("text")].map(text => [text.textContent, text.getBoundingClientRect()]);
  return boxes.flatMap(([one, a], n) => boxes.slice(n + 1).filter(([_, b]) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4
  ).map(([other]) => `${one} | ${other}`));
})
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    return write_curve_sweep(tmp_path_factory.mktemp("home"), trials=20)


@pytest.fixture(scope="module")
def material(folder: SweepFolder) -> Material:
    return material_of(folder)


@pytest.fixture(scope="module")
def files(folder: SweepFolder, material: Material) -> dict[str, Path]:
    """By name."""
    return {path.name: path for path in write_sweep_pages(material.sweep, folder, material.status)}


@pytest.fixture(scope="module")
def pages(material: Material, folder: SweepFolder) -> dict[str, Page]:
    """The same as values."""
    return {page.file: page for page in sweep_pages(material, folder)}


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


def test_a_sweep_leaves_all_its_pages_and_the_leaderboard(files: dict[str, Path]) -> None:
    assert set(files) == {*PAGES, "leaderboard.md", "leaderboard.csv"}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_small_and_needs_nothing_but_itself(files: dict[str, Path], name: str) -> None:
    page = files[name].read_text(encoding="utf-8")
    assert len(page.encode()) < MOST_BYTES
    linked = re.findall(r"(?:src|href)=\"([^\"]*)\"", page)
    assert {link for link in linked if not link.startswith(("data:", "#"))} <= set(PAGES)
    assert "@import" not in page and "url(" not in page and "NaN" not in page and ">nan" not in page


def test_every_figure_is_there_for_papers(folder: SweepFolder, files: dict[str, Path], pages: dict[str, Page]) -> None:
    names = {figure.drawing.name for page in pages.values() for figure in page.figures}
    assert len(names) >= 10
    assert {path.stem for path in folder.figures.iterdir()} == names
    assert all(path.read_bytes()[:4] == b"\x89PNG" for path in folder.figures.iterdir())


def test_the_same_ledgers_give_the_same_bytes(folder: SweepFolder, files: dict[str, Path], pages: dict[str, Page]) -> None:
    beside = [(page.file, page.title) for page in pages.values()]
    again = {name: html(page, folder.name, beside) for name, page in pages.items()}
    assert {name: files[name].read_text(encoding="utf-8") for name in PAGES} == again


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 420])
def test_pages_fit_their_window_by_day_and_by_night(tab: Tab, files: dict[str, Path], width: int, scheme: str) -> None:
    for name in PAGES:
        tab.troubles.clear()
        tab.open(files[name], width, 900, scheme)
        assert tab.value("document.documentElement.scrollWidth") <= width, name
        red, *_ = tab.value("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number)")
        assert (red > 200) == (scheme == "light") and tab.troubles == [], name


@pytest.mark.parametrize("name", PAGES)
def test_figures_keep_their_words_readable_on_a_phone_and_scroll(tab: Tab, files: dict[str, Path], name: str) -> None:
    tab.open(files[name], 420, 900)
    scales = "[...document.querySelectorAll('.drawing svg')].map(s => s.getBoundingClientRect().width / s.viewBox.baseVal.width)"
    assert min(tab.value(scales)) > 0.77
    scrolled = "[...document.querySelectorAll('.drawing')].every(box => box.scrollWidth > box.clientWidth)"
    assert tab.value(scrolled) and tab.value("document.documentElement.scrollWidth") <= 420


@pytest.mark.parametrize("name", PAGES)
def test_the_answer_is_on_the_first_screen_and_no_word_of_a_figure_is_clipped_or_covered(
    tab: Tab, files: dict[str, Path], name: str
) -> None:
    tab.open(files[name], 1280, 900)
    assert tab.value("document.querySelector('.answer').getBoundingClientRect().bottom") < 600
    assert tab.value(CLIPPED) == []
    assert tab.value(OVERLAPPING) == []


@pytest.mark.parametrize("name", PAGES)
def test_every_axis_is_labelled_with_its_unit(files: dict[str, Path], name: str) -> None:
    page = files[name].read_text(encoding="utf-8")
    words = set(re.findall(r"<text[^>]*>([^<]*)</text>", page))
    axes = {word for word in words if "accuracy" in word and "trial" not in word}
    assert all("(%)" in word for word in axes), axes


def test_pages_are_used_by_keyboard(tab: Tab, files: dict[str, Path]) -> None:
    tab.open(files["summary.html"])
    for kind in ("keyDown", "keyUp"):
        tab.ask("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert tab.value("document.activeElement.className") == "skip"
    assert tab.value("[...document.querySelectorAll('nav a')].every(link => link.tabIndex === 0)")
    assert tab.value("document.querySelectorAll('details summary').length") > 0


def test_links_to_neighbours_become_text_where_a_page_is_shown_alone(files: dict[str, Path]) -> None:
    page = files["summary.html"].read_text(encoding="utf-8")
    assert 'href="what_mattered.html"' in page and 'location.protocol === "blob:"' in page


def test_a_page_that_cannot_be_made_is_left_out_and_the_others_are_there(
    folder: SweepFolder, material: Material, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(what_mattered, "best_figure", lambda *given: 1 / 0)
    monkeypatch.setattr(what_mattered, "importances", lambda *given: ())
    with caplog.at_level(logging.ERROR, logger="fxsweep"):
        made = [page.file for page in sweep_pages(material, folder, final=False)]
    assert "summary.html" in made and "what_mattered.html" not in made
    assert "could not be made" in caplog.text


def test_names_that_look_like_markup_stay_text(material: Material) -> None:
    odd = replace(material.status, evaluation_hash="<b>", message="</script>")
    page = html(summary_page(replace(material, status=odd), "<i>so</i>"), "<u>")
    assert "<b>" not in page and "<i>" not in page and "<u>" not in page and page.count("</script>") == 1


@pytest.mark.parametrize("trials", [0, 1, 2])
def test_a_sweep_that_has_hardly_begun_has_pages_that_say_so(tmp_path: Path, trials: int) -> None:
    folder = write_curve_sweep(tmp_path, trials=max(1, trials))
    found = material_of(folder)
    status: SweepStatus = replace(found.status, trials=found.status.trials[:trials], ended=None, state="running")
    made = {path.name: path.read_text() for path in write_sweep_pages(found.sweep, folder, status, final=False)}
    assert ("No trial has ended" in made["summary.html"]) == (trials == 0)
    assert "still running" in made["summary.html"]
    assert ("cannot be told yet" in made.get("what_mattered.html", "")) == (trials == 2)
    assert not folder.figures.exists()


def test_material_is_read_from_the_ledgers(folder: SweepFolder, material: Material) -> None:
    read = read_material(material.sweep, folder, material.status)
    best = read.ranked[0]
    course = read.courses[best.number].by_epochs
    assert course.times[-1] == best.epochs and course.values[-1] == best.score
    assert read.ranked[0] == material.status.best()
    assert [t.score for t in read.ranked[1:]] == sorted((t.score for t in read.ranked[1:]), key=lambda s: -(s or 0))
