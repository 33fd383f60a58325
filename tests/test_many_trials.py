"""Pages of a sweep of 1,000 trials: small enough to open, every answer from all trials, and what is not drawn is said."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from curve_sweep import material_of, write_curve_sweep

from tune.analysis.sweep_pages import write_sweep_pages
from tune.pages.drawn_trials import BEST_DRAWN, MOST_DRAWN, drawn_numbers, evenly, left_out

PAGES = ("summary.html", "what_mattered.html", "early_stopping.html", "effect_splits.html", "side_by_side.html")
MOST_BYTES = 5_000_000
TRIALS = 1000
THINNED = ("what_mattered_slices", "what_mattered_surface", "what_mattered_best", "what_mattered_parallel")


def test_of_few_trials_all_are_drawn_and_nothing_is_said() -> None:
    assert drawn_numbers([3, 1], [0, 2]) == {0, 1, 2, 3} and left_out(MOST_DRAWN) == ""


def test_of_many_the_best_are_drawn_and_the_others_evenly() -> None:
    ranked = list(range(999, -1, -1))
    drawn = drawn_numbers(ranked, [])
    assert len(drawn) == MOST_DRAWN and set(ranked[:BEST_DRAWN]) < drawn
    others = sorted(drawn - set(ranked[:BEST_DRAWN]))
    assert others[0] == 0 and others[-1] == 899
    assert {b - a for a, b in pairwise(others)} <= {4, 5}
    assert f"{MOST_DRAWN} of 1000 trials are drawn, the best {BEST_DRAWN}" in left_out(1000)


def test_an_even_choice_keeps_both_ends_and_never_repeats() -> None:
    assert evenly([1, 2, 3], 3) == [1, 2, 3] and evenly(list(range(10)), 4) == [0, 3, 6, 9]
    assert evenly([], 3) == [] and len(set(evenly(list(range(301)), 300))) == 300


@pytest.mark.slow
def test_every_page_of_a_thousand_trials_is_small_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    folder = write_curve_sweep(tmp_path, trials=TRIALS)
    material = material_of(folder)
    write_sweep_pages(material.sweep, folder, material.status)
    texts = {name: (folder.path / name).read_text(encoding="utf-8") for name in PAGES}
    assert {name: len(text.encode()) for name, text in texts.items() if len(text.encode()) > MOST_BYTES} == {}
    for name in ("what_mattered.html", "early_stopping.html"):
        assert f"{MOST_DRAWN} of {TRIALS} trials are drawn" in texts[name]
    assert "800 more trials are in leaderboard.csv" in texts["summary.html"]
    assert "of each kind at even distances" in texts["effect_splits.html"]
    assert f"From {TRIALS} trials that ended" in texts["what_mattered.html"]
    for figure in THINNED:
        assert trials_of(figure, texts["what_mattered.html"]) == material.drawn, figure
    assert material.best is not None and f"trial {material.best.number} " in texts["summary.html"]


def trials_of(figure: str, page: str) -> set[int]:
    """Whose titles are in a figure's drawing."""
    drawing = page.partition(f'<figure id="{figure}">')[2].partition("</svg>")[0]
    return {int(number) for number in re.findall(r"<title>trial (\d+)", drawing)}
