"""Which metrics of a report MLflow has not heard."""

from __future__ import annotations

import math

from tune.ledger.measurements import Report
from tune.tracking.news import news, news_of_each

FIRST = {"eval/probe_accuracy": 0.5, "control/pca/probe_accuracy": 0.4, "control/random/probe_accuracy": 0.1}


def test_controls_are_told_once_and_scores_at_every_epoch() -> None:
    assert news(FIRST, {}) == FIRST
    assert news(FIRST, FIRST) == {"eval/probe_accuracy": 0.5}


def test_a_control_that_came_later_or_has_changed_is_told() -> None:
    later = FIRST | {"control/pca/probe_accuracy": 0.45, "control/wet_vae/probe_accuracy": 0.3}
    told = {"eval/probe_accuracy": 0.5, "control/pca/probe_accuracy": 0.45, "control/wet_vae/probe_accuracy": 0.3}
    assert news(later, FIRST) == told


def test_what_is_no_number_is_always_told() -> None:
    broken = {"control/pca/skill": math.nan}
    assert set(news(broken, broken)) == set(broken)


def test_reports_are_compared_with_the_one_before_them() -> None:
    changed = FIRST | {"control/random/probe_accuracy": 0.2}
    reports = [Report(epoch, metrics, 0) for epoch, metrics in enumerate((FIRST, changed, changed, FIRST), 1)]
    told = [new.get("control/random/probe_accuracy") for _, new in news_of_each(reports)]
    assert told == [0.1, 0.2, None, 0.1]
