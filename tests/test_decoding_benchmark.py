"""The benchmark of decoding measures what it says, on a folder small enough for a test."""

from __future__ import annotations

from benchmarks.decoding import measure, table


def test_every_figure_is_measured_and_told() -> None:
    figures = measure(recordings=12, seconds=2.0, crops=5)
    assert len(figures) == 11 and all(value > 0 for value in figures.values())
    assert figures["store_megabytes"] > 12 * 2.0 * 44100 * 4 / 1e6
    assert table(figures).count("times as fast") == 8
