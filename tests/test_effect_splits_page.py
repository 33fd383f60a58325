"""The page about effect splits, its figure, and who is given it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import chromium
from planted_splits import planted_sweep
from rich.console import Console

from trainables.outcomes import Estimate
from trainables.split_figure import EffectRow, draw_splits
from tune.console import SweepConsole
from tune.pages.effect_splits import COLUMNS, split_page
from tune.pages.shell import html
from tune.split_study import SplitStudy, split_study
from tune.status import SweepStatus
from tune.summary import print_summary

PLANTED = planted_sweep(30, adds={"leslie": 0.4})
NAN = float("nan")


@pytest.fixture(scope="module")
def study() -> SplitStudy:
    found = split_study(PLANTED)
    assert found is not None
    return found


def summary(status: SweepStatus, home: Path) -> str:
    text = io.StringIO()
    print_summary(status, home, SweepConsole(Console(file=text, width=100, color_system=None)))
    return text.getvalue()


def test_the_page_is_one_file_with_answer_figure_table_and_caveats(study: SplitStudy, tmp_path: Path) -> None:
    page = html(split_page(study, PLANTED), "splits")
    assert page.count("<tr") == 1 + 9 and page.count("data:image/png;base64,") == 1
    assert all(f">{column}</th>" in page for column in COLUMNS)
    assert "Must be heard in training: leslie." in page and "Pruned trials count" in page and "<strong>splits</strong>" in page
    assert not re.search(r"(src|href)=\"(?!data:|#)", page) and "@import" not in page


def test_names_that_look_like_markup_stay_text(study: SplitStudy) -> None:
    odd = replace(study, findings=(replace(study.findings[0], effect="<b>$x"), *study.findings[1:]))
    page = html(split_page(odd, PLANTED), "<i>")
    assert "&lt;b&gt;" in page and "&lt;i&gt;" in page and "<b>" not in page and "<i>" not in page


def test_effects_without_trials_on_a_side_have_a_dash_and_no_nan(study: SplitStudy) -> None:
    few = split_study(planted_sweep(2))
    assert few is not None
    page = html(split_page(few, PLANTED), "few")
    assert "<td>-</td>" in page and "nan" not in re.sub(r"base64,[^\"]+|<style>.*?</style>", "", page, flags=re.S)


def test_a_row_shows_what_is_known_filled_where_heard_and_hollow_where_not() -> None:
    rows = [
        EffectRow("a", Estimate(0.2, 0.1, 0.3), Estimate(0.6, 0.5, 0.7), 0.4, 0.1),
        EffectRow("b", None, Estimate(0.5, NAN, NAN), None, 0.1),
    ]
    axes = draw_splits(rows).axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    points = [line for line in axes.lines if len(line.get_xdata()) == 1 and line.get_marker() in "so"]
    assert sorted(float(line.get_xdata()[0]) for line in points) == pytest.approx([20, 50, 60])
    hollow = [line for line in points if line.get_markerfacecolor() == "white"]
    assert [float(line.get_xdata()[0]) for line in hollow] == [20]
    intervals = [sorted(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linestyle() == "-"]
    assert sorted(intervals) == [pytest.approx([10, 30]), pytest.approx([50, 70])]
    ticks = [line for line in axes.lines if line.get_marker() == "|" and len(line.get_xdata())]
    assert [float(tick.get_xdata()[0]) for tick in ticks] == [40]


def test_the_run_ends_with_the_answer_once_there_are_enough_trials(tmp_path: Path) -> None:
    assert "splits   must be heard: leslie; understood unheard: " in summary(PLANTED, tmp_path)
    assert "splits   " not in summary(replace(PLANTED, trials=PLANTED.trials[:5]), tmp_path)
    page = tmp_path / PLANTED.name / "effect_splits.html"
    assert str(page) not in summary(PLANTED, tmp_path)
    page.parent.mkdir()
    page.touch()
    assert f"         {page}\n" in summary(PLANTED, tmp_path)


def test_a_browser_shows_the_page_without_trouble_or_scrolling_sideways(study: SplitStudy, tmp_path: Path) -> None:
    path = tmp_path / "splits.html"
    path.write_text(html(split_page(study, PLANTED), "splits"), encoding="utf-8")
    with chromium(tmp_path / "profile") as page:
        page.open(path, 1100, 900)
        assert page.troubles == [] and page.value("document.documentElement.scrollWidth") <= 1100
        assert page.value("document.images[0].naturalWidth") > 800
        shot = page.screenshot(tmp_path / "page.png", whole=True)
    assert np.frombuffer(shot.read_bytes()[16:24], dtype=">u4")[1] > 900
