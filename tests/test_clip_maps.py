"""Latent maps beside each other in a real browser: the same clip in each, heard by pointer and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import Page as Tab
from browser import chromium
from curve_sweep import material_of, write_curve_sweep
from made_up_page import item

from trainables.maps.map_page import MapPage, PageItem, read_page_data, write_map_page
from tune.ledger.home import SweepFolder
from tune.pages import clip_maps
from tune.pages.clip_maps import maps_figure, read_clip_maps
from tune.pages.marks import Dot
from tune.pages.side_by_side import compare_page, write_comparison

CLIPS = 24


def write_map(folder: SweepFolder, number: int, items: Sequence[PageItem], seed: int) -> None:
    points = np.random.default_rng(seed).standard_normal((len(items), 2))
    folder.pictures(number).mkdir(parents=True, exist_ok=True)
    write_map_page(folder.pictures(number) / "latent_map.html", MapPage("a", "b", tuple(items), {"UMAP": points}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> SweepFolder:
    """Three trials, of which the last has a map of other clips."""
    found = write_curve_sweep(tmp_path_factory.mktemp("home"), trials=3)
    items = [item(number) for number in range(CLIPS)]
    write_map(found, 0, items, 0)
    write_map(found, 1, [replace(one, held_out=one.effect == "overdrive") for one in items], 1)
    write_map(found, 2, items[:5], 2)
    return found


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory, folder: SweepFolder) -> Iterator[Tab]:
    material = material_of(folder)
    path = write_comparison(material, folder, material.status.trials)
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        page.open(path, 1400, 900)
        yield page


def test_a_page_gives_back_what_was_put_into_it(folder: SweepFolder, tmp_path: Path) -> None:
    data = read_page_data(folder.pictures(0) / "latent_map.html")
    assert len(data["items"]) == CLIPS and data["items"][1]["effect"] == item(1).effect
    (tmp_path / "x.html").write_text("<p>")
    with pytest.raises(ValueError, match="no page of a latent map"):
        read_page_data(tmp_path / "x.html")


def test_maps_of_other_clips_and_maps_that_are_not_drawn_are_missing(folder: SweepFolder) -> None:
    maps = read_clip_maps(folder, material_of(folder).status.trials)
    assert [one.trial.number for one in maps.maps] == [0, 1] and maps.missing == (2,)
    assert len(maps.clips) == CLIPS and all(clip.wet is not None for clip in maps.clips)


def test_effects_are_hollow_in_the_map_of_the_trial_that_never_heard_them(folder: SweepFolder) -> None:
    maps = read_clip_maps(folder, material_of(folder).status.trials)
    dots = [mark for mark in maps_figure(maps, {0: "0", 1: "1"}).marks if isinstance(mark, Dot) and mark.place is not None]
    assert len(dots) == 2 * CLIPS and [dot.place for dot in dots] == [*range(CLIPS), *range(CLIPS)]
    hollow = [dot.title.partition(":")[0] for dot in dots[CLIPS:] if not dot.filled]
    assert set(hollow) == {"overdrive"}


def test_a_page_of_many_clips_stays_small(folder: SweepFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_maps, "MOST_CLIPS", 10)
    monkeypatch.setattr(clip_maps, "MOST_SOUND_BYTES", 20_000)
    maps = read_clip_maps(folder, material_of(folder).status.trials[:2])
    assert len(maps.clips) == 10 and len({clip.effect for clip in maps.clips}) == 10, "one of each effect"
    assert sum(map(len, maps.sounds)) <= 20_000 and any(clip.wet is None for clip in maps.clips)


def test_pointing_at_a_clip_shows_it_in_every_map_and_a_click_plays_wet_then_dry(tab: Tab) -> None:
    box = tab.value(
        "(() => {const mark = [...document.querySelectorAll('[data-place]')].at(-1); mark.scrollIntoView({block: 'center'});"
        "const b = mark.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]})()"
    )
    tab.mouse("Moved", *map(float, box))
    assert tab.value("document.querySelectorAll('.chosen').length") == 2
    tab.click(*map(float, box))
    assert tab.value("document.getElementById('heard').textContent").startswith("playing wet: ")
    tab.until("document.getElementById('player').currentTime > 0.1")
    tab.until("document.getElementById('heard').textContent.startsWith('playing dry: ')")
    tab.until("!document.getElementById('heard').textContent.startsWith('playing')")
    assert tab.troubles == []


def test_clips_are_gone_through_and_heard_by_keyboard(tab: Tab) -> None:
    tab.value("document.querySelector('#side_by_side_maps svg').focus()")
    before = tab.value("document.querySelector('.chosen')?.dataset.place")
    for kind in ("keyDown", "keyUp"):
        tab.ask("Input.dispatchKeyEvent", type=kind, key="ArrowRight", code="ArrowRight")
    assert tab.value("document.querySelector('.chosen').dataset.place") != before
    for kind in ("keyDown", "keyUp"):
        tab.ask("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter")
    assert tab.value("document.getElementById('heard').textContent").startswith("playing wet: ")
    for kind in ("keyDown", "keyUp"):
        tab.ask("Input.dispatchKeyEvent", type=kind, key="Escape", code="Escape")
    assert tab.value("document.getElementById('player').paused") and tab.troubles == []


def test_without_any_map_the_page_says_so(tmp_path: Path) -> None:
    folder = write_curve_sweep(tmp_path, trials=2)
    material = material_of(folder)
    page = compare_page(material, folder, material.status.trials)
    assert page.script == "" and "No latent map of 2 trials (0 and 1) is drawn." in str(page.sections[-1].parts)
