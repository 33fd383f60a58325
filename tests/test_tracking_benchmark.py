"""The benchmark of tracking counts every call, and tells both systems' figures."""

from __future__ import annotations

from pathlib import Path

from benchmarks.tracking import figures, measure, results, table
from tune.tracking.stores import default_tracking

METRICS, REPORTS = 4, 3


def test_one_call_a_report_beside_one_for_each_number(tmp_path: Path) -> None:
    reported = results(REPORTS, METRICS)
    costs = measure(default_tracking(tmp_path), trials=1, reported=reported)
    assert costs["ours"].calls == 1
    assert costs["stock"].calls == 1 + len(reported[0]), "asks for the run, then writes each number by itself"
    told = figures({"sqlite": costs, "server": costs})
    for name in ("calls_per_report", "ms_per_report", "caller_ms_per_report"):
        assert set(told[name]) == {"ours", "stock", "ours_server", "stock_server"}
        assert all(value > 0 for value in told[name].values())
    assert set(told["stock_over_ours"]) == {"sqlite", "server"}
    assert table({"sqlite": costs}).count("sqlite: ") == 2
