"""What of a trial's report MLflow has not heard: a control is the same at every epoch, and there are many of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tune.ledger.measurements import Report

CONTROL = "control/"


def news(metrics: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    """A report without the controls that are what they were in the report before it."""
    return {name: value for name, value in metrics.items() if not name.startswith(CONTROL) or before.get(name) != value}


def news_of_each(reports: Iterable[Report]) -> Iterator[tuple[Report, dict[str, float]]]:
    """Reports in their order, each with what is new in it."""
    before: Mapping[str, float] = {}
    for report in reports:
        yield report, news(report.metrics, before)
        before = report.metrics
