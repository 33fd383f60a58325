"""The page about effect splits, its figure, and who is given it."""

from __future__ import annotations

import io
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from browser import chromium
from planned_status import sweep
from planted_splits import planted_sweep
from rich.console import Console

from trainables.evaluation.outcomes import Estimate
from tune.analysis.held_out_sets import GAIN, held_out_effects_matter, held_out_sets
from tune.analysis.split_study import EffectFinding, Side, SplitStudy, split_study
from tune.driver.console import SweepConsole
from tune.ledger.status import SweepStatus, TrialState, TrialStatus
from tune.ledger.summary import print_summary
from tune.pages.effect_splits import COLUMNS, split_page
from tune.pages.marks import Dot, Line
from tune.pages.shell import html
from tune.pages.splits_figure import effects_figure, sets_figure
from tune.space.splits import splits_holding_out

PLANTED = planted_sweep(30, adds={"leslie": 0.4})
NAN = float("nan")


@pytest.fixture(scope="module")
def study() -> SplitStudy:
    found = split_study(PLANTED)
    assert found is not None
    return found


def holding_out(number: int, split: str, state: TrialState = "complete", **ends: float) -> TrialStatus:
    """A trial with the gain `value` and its ends `low` and `high`, as far as they are given."""
    metrics = {GAIN if end == "value" else f"{GAIN}_{end}": value for end, value in ends.items()}
    return TrialStatus(number, state, {"effect_split": split}, 0.5, metrics=metrics)


def summary(status: SweepStatus, home: Path) -> str:
    text = io.StringIO()
    print_summary(status, home, SweepConsole(Console(file=text, width=100, color_system=None)))
    return text.getvalue()


def test_the_page_is_one_file_with_answer_figure_table_and_caveats(study: SplitStudy, tmp_path: Path) -> None:
    page = html(split_page(study, PLANTED), "splits")
    assert page.count("<tr") == 1 + 9 and page.count("<svg ") == 1
    assert all(f">{column}</th>" in page for column in COLUMNS)
    assert "Must be heard in training: leslie." in page and "Pruned trials count" in page and "<strong>splits</strong>" in page
    assert not re.search(r"(src|href)=\"(?!data:|#)", page) and "@import" not in page


def test_a_split_is_told_with_the_name_that_it_was_given(study: SplitStudy) -> None:
    status = sweep(holding_out(0, "-delay-leslie", value=0.1), holding_out(1, "-combo-leslie", value=0.0))
    named = replace(status, split_names={"-delay-leslie": "moving"})
    page = html(split_page(study, named))
    assert "moving (-delay-leslie)" in page and ">-combo-leslie<" in page
    assert "moving" not in html(split_page(study, status))


def test_names_that_look_like_markup_stay_text(study: SplitStudy) -> None:
    odd = replace(study, findings=(replace(study.findings[0], effect="<b>$x"), *study.findings[1:]))
    page = html(split_page(odd, PLANTED), "<i>")
    assert "&lt;b&gt;" in page and "&lt;i&gt;" in page and "<b>" not in page and "<i>" not in page


def test_effects_without_trials_on_a_side_have_a_dash_and_no_nan(study: SplitStudy) -> None:
    few = split_study(planted_sweep(2))
    assert few is not None
    page = html(split_page(few, PLANTED), "few")
    assert "<td>-</td>" in page and "nan" not in re.sub(r"<style>.*?</style>", "", page, flags=re.S)


def test_a_row_shows_what_is_known_filled_where_heard_and_hollow_where_not() -> None:
    findings = [
        EffectFinding("a", Side(3, Estimate(0.2, 0.1, 0.3)), Side(4, Estimate(0.6, 0.5, 0.7)), None, None, 0.4, 0.1),
        EffectFinding("b", Side(0, None), Side(1, Estimate(0.5, NAN, NAN)), None, None, None, 0.1),
    ]
    marks = effects_figure(findings, {"a": ([0.1, 0.3], [0.6])}).marks
    told = {mark.title.partition(":")[0]: mark for mark in marks if isinstance(mark, Dot) and mark.title}
    assert {title: (dot.shape, dot.filled) for title, dot in told.items()} == {
        "a, untrained encoder": ("bar", True),
        "a, heard by 4 trials": ("square", True),
        "a, never heard by 3 trials": ("circle", False),
        "b, heard by 1 trials": ("square", True),
    }
    places = [told[title].x for title in ("a, never heard by 3 trials", "a, untrained encoder", "a, heard by 4 trials")]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1]), "20, 40 and 60 of a hundred"
    assert len([mark for mark in marks if isinstance(mark, Line) and mark.title.startswith(("a,", "b,"))]) == 2
    assert len([mark for mark in marks if isinstance(mark, Dot) and mark.radius == 2]) == 3, "each trial"


def test_held_out_sets_that_generalise_are_told_from_those_that_do_not() -> None:
    gains = {"-a-b": (0.3, 0.2, 0.4), "-a-c": (0.0, -0.1, 0.1), "-b-c": (-0.3, -0.4, -0.2)}
    trials = [holding_out(n, split, value=v, low=low, high=high) for n, (split, (v, low, high)) in enumerate(gains.items())]
    found = held_out_sets(sweep(*trials))
    assert [(one.split, one.generalises) for one in found] == [("-a-b", True), ("-a-c", False), ("-b-c", False)]
    dots = [mark for mark in sets_figure(found).marks if isinstance(mark, Dot) and mark.title]
    assert [(dot.colour, dot.filled) for dot in dots] == [("blue", True), ("grey", False), ("orange", True)]


def test_repeats_of_a_set_are_one_row_with_their_mean() -> None:
    trials = [holding_out(number, "-a-b", value=0.1 * number, low=0.1 * number - 0.05) for number in (1, 3)]
    [found] = held_out_sets(sweep(*trials, holding_out(5, "-a-b", "failed", value=0.9)))
    assert found.trials == 2 and (found.gain.value, found.gain.low) == pytest.approx((0.2, 0.15)) and math.isnan(found.gain.high)


def test_an_effect_whose_holding_out_costs_is_found() -> None:
    random = np.random.default_rng(0)
    splits = [str(split) for split in random.choice(splits_holding_out(3), 40)]
    noise = 0.02 * random.standard_normal(40)
    gains = [0.2 - 0.15 * ("leslie" in split) + float(n) for split, n in zip(splits, noise, strict=True)]
    trials = [holding_out(number, split, value=gain) for number, (split, gain) in enumerate(zip(splits, gains, strict=True))]
    first = held_out_effects_matter(sweep(*trials))[0]
    assert first.effect == "leslie" and first.difference.high < -0.1


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
        assert page.value("document.querySelector('svg').getBoundingClientRect().width") > 800
        shot = page.screenshot(tmp_path / "page.png", whole=True)
    assert np.frombuffer(shot.read_bytes()[16:24], dtype=">u4")[1] > 900
