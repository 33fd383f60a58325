"""The benchmark of searches: what its figures mean, on outcomes that are made up, and one real item."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import match_search
from benchmarks.match_search import (
    Contender,
    Outcome,
    contenders,
    difference,
    figures,
    make_items,
    play,
    ratio,
    table,
    untrained_ear,
)
from trainables.matching.ears import MelEar, MetricEar
from trainables.matching.search import by_cma
from tune.search.knob_tpe import by_tpe


def made_up(contender: Contender, effect: str, number: int, reached: float) -> Outcome:
    return Outcome(contender, effect, number, reached, 2.0, 0.5)


def test_a_ratio_is_the_mean_over_effects_and_a_difference_that_over_items() -> None:
    cma, tpe = Contender("cma", "mel", 96), Contender("tpe", "mel", 96)
    ours = [made_up(tpe, "a", n, 1.0) for n in range(3)] + [made_up(tpe, "b", 0, 0.0)]
    theirs = [made_up(cma, "a", n, 1.5) for n in range(3)] + [made_up(cma, "b", 0, 0.5)]
    assert ratio(ours) == pytest.approx(0.25) and ratio(theirs) == pytest.approx(0.5)
    assert difference(ours, theirs) == pytest.approx((-0.25, -0.25, -0.25))


def test_the_table_has_a_row_for_each_contender_and_marks_the_upper_bound() -> None:
    outcomes = [made_up(c, effect, 0, 1.0) for c in contenders() for effect in ("a", "b")]
    found = figures(outcomes)
    text = table(found, trained=False)
    assert found["items_an_effect"] == 1 and text.count("\n| cma") + text.count("\n| tpe") == len(contenders())
    assert "metric (upper bound)" in text and "embedding (untrained)" in text
    assert "TPE less CMA-ES at 96 renders: +0.000 (+0.000 to +0.000)" in text


def test_every_contender_gets_the_same_item_and_can_play(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_search, "BUDGETS", (4, 6, 8))
    monkeypatch.setattr(match_search, "MIDDLE", 6)
    (item,), (again,) = (list(make_items(["overdrive"], 1)) for _ in range(2))
    np.testing.assert_array_equal(item.right, again.right)
    ears = {"mel": MelEar(), "metric": MetricEar(), "embedding": untrained_ear()}
    outcomes = [play(item, c, ears, {"cma": by_cma, "tpe": by_tpe}) for c in match_search.contenders()]
    assert {o.contender.renders for o in outcomes} == {4, 6, 8} and all(o.reached >= 0.0 < o.untouched for o in outcomes)
