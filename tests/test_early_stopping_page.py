"""Early stopping: who was stopped where, what it saved, and where the best stood."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from curve_sweep import curve_material

from tune.pages.curves_figure import curves_figure
from tune.pages.early_stopping import stopping_curves, stopping_page, stopping_rungs
from tune.pages.marks import Dot
from tune.pages.material import Material
from tune.pages.shell import html
from tune.search.curves import Curve


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return curve_material(tmp_path_factory.mktemp("home"), trials=30)


def test_who_came_to_a_rung_was_stopped_there_or_went_on(material: Material) -> None:
    first, second = stopping_rungs(material)
    assert (first.time, second.time) == (3, 9)
    assert first.came == 30 and first.came - first.stopped == second.came
    complete = sum(trial.state == "complete" for trial in material.status.trials)
    assert second.came - second.stopped == complete


def cut(curve: Curve, epochs: int) -> Curve:
    """As if nobody had gone on."""
    kept = sum(time <= epochs for time in curve.times)
    return replace(curve, times=curve.times[:kept], values=curve.values[:kept])


def test_a_rung_beyond_which_nobody_went_is_told_with_who_was_stopped_there(material: Material) -> None:
    brief = replace(material, courses={n: replace(c, by_epochs=cut(c.by_epochs, 9)) for n, c in material.courses.items()})
    told = stopping_rungs(brief)
    assert [(rung.time, rung.stopped) for rung in told] == [(rung.time, rung.stopped) for rung in stopping_rungs(material)]
    assert [rung.came for rung in told] == [rung.came for rung in stopping_rungs(material)]
    last = brief.sweep.model_copy(update={"train": replace(brief.sweep.train, max_epochs=9)})
    assert [rung.time for rung in stopping_rungs(replace(brief, sweep=last))] == [3], "at its last epoch a trial ends by itself"


def test_the_place_of_the_best_at_a_rung_counts_those_above_it(material: Material) -> None:
    best = material.status.best()
    assert best is not None
    curves = stopping_curves(material)
    above = [curve for curve in curves.values() if (curve.at(3) or 0) > (curves[best.number].at(3) or 0)]
    assert stopping_rungs(material)[0].best_place == 1 + len(above)


def test_what_was_saved_is_what_the_stopped_would_still_have_taken(material: Material) -> None:
    page = stopping_page(material)
    assert page is not None
    stopped = [trial for trial in material.status.trials if trial.state == "pruned"]
    saved = sum(27 - trial.epochs for trial in stopped)
    first = page.answer[0]
    assert first.startswith(f"{len(stopped)} of 30 trials were stopped early;") and f"up to {saved} epochs" in first


def test_each_trial_ends_as_it_ended(material: Material) -> None:
    drawing = curves_figure(material, stopping_curves(material), [3, 9])
    ends = [mark for mark in drawing.marks if isinstance(mark, Dot) and mark.title]
    assert len(ends) == 30
    assert sum(dot.shape == "cross" for dot in ends) == sum(trial.state == "pruned" for trial in material.status.trials)
    assert [dot.shape for dot in ends][-1] == "diamond", "the best is drawn last"


@pytest.mark.parametrize(
    ("scheduler", "told"), [({"type": "median", "grace_epochs": 3}, "The median rule"), ({"type": "none"}, "")]
)
def test_another_rule_is_told_and_none_has_no_page(tmp_path: Path, scheduler: dict[str, object], told: str) -> None:
    page = stopping_page(curve_material(tmp_path, trials=3, scheduler=scheduler))
    assert (page is None) == (told == "")
    assert told in (html(page) if page else "")


def test_few_ends_justify_nothing(tmp_path: Path) -> None:
    page = stopping_page(curve_material(tmp_path, trials=3))
    assert page is not None and "cannot be told" in page.answer[1]
