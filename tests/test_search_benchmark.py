"""The replayed search: its clock, its target, and that every system finds a needle that random search needs longer for."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.curve_recording import EPOCHS, SPACE, Recorder, all_points
from benchmarks.curve_table import FILE, CurveTable, joined, read_table, write_table
from benchmarks.replay import SYSTEMS, replay, time_to
from benchmarks.search import Times, figures, measure, target_of, text

POINTS = tuple(itertools.product((1, 2, 3, 4), (0.1, 0.2)))
RISING = np.array([[(place + 1) * (epoch + 1) / 32 for epoch in range(4)] for place in range(8)])
TABLE = CurveTable(("latent_size", "beta"), POINTS, RISING, np.ones((8, 4)))


class Scripted:
    """Proposes the points in order and stops those of one row at their second epoch."""

    def __init__(self, stopped: int) -> None:
        self.stopped, self.heard = stopped, list[tuple[int, int, bool]]()

    def propose(self, trial: int) -> Mapping[str, Any]:
        return dict(zip(TABLE.keys, POINTS[trial % len(POINTS)], strict=True))

    def report(self, trial: int, epoch: int, score: float, last: bool) -> bool:
        self.heard.append((trial, epoch, last))
        return trial == self.stopped and epoch == 2


def test_slots_run_side_by_side_and_a_stopped_trial_makes_room_at_once() -> None:
    system = Scripted(stopped=0)
    reports = list(itertools.islice(replay(system, TABLE), 8))
    assert [seconds for seconds, _ in reports] == [1, 1, 2, 2, 3, 3, 4, 4]
    heard = [(0, 1, False), (1, 1, False), (0, 2, False), (1, 2, False), (1, 3, False), (2, 1, False), (1, 4, True)]
    assert system.heard[:7] == heard


def test_epochs_take_their_own_seconds() -> None:
    slow = replace(TABLE, seconds=np.where(np.arange(8)[:, None] == 0, 10.0, 1.0) * np.ones((8, 4)))
    assert [seconds for seconds, _ in itertools.islice(replay(Scripted(-1), slow), 5)] == [1, 2, 3, 4, 5]


def test_the_time_is_that_of_the_first_report_that_is_good_enough() -> None:
    assert time_to(RISING[1, 3], Scripted(-1), TABLE) == 4.0
    assert time_to(2.0, Scripted(-1), TABLE) == float("inf")
    assert target_of(TABLE) == pytest.approx(0.99)


def test_every_system_searches_and_every_figure_is_told() -> None:
    measured = measure(TABLE, seeds=2, slots=2)
    assert set(measured) == set(SYSTEMS)
    assert all(0 < seconds < float("inf") for times in measured.values() for seconds in times.seconds)
    told = figures(measured)
    assert set(told["median_time"]) == set(told["spread"]) == set(SYSTEMS)
    assert told["ours_over_stock"] == pytest.approx(measured["ours"].median / measured["stock"].median, abs=1e-3)
    assert text(TABLE, measured).count(" to ") == len(SYSTEMS)


def test_median_and_quartiles_bear_a_replay_that_never_got_there() -> None:
    times = Times((1.0, 2.0, 3.0, float("inf"), float("inf")))
    assert (times.median, times.quartiles) == (3.0, (2.0, float("inf")))


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "table.csv")
    again = read_table(tmp_path / "table.csv")
    assert (again.keys, again.points) == (TABLE.keys, TABLE.points)
    np.testing.assert_allclose(again.scores, TABLE.scores, atol=1e-4)
    np.testing.assert_allclose(again.seconds, TABLE.seconds, atol=1e-3)


def test_the_recorded_table_is_complete() -> None:
    table = read_table(FILE)
    assert table.keys == tuple(SPACE) and set(table.points) == set(all_points())
    assert len(table.points) >= 200 and table.scores.shape == table.seconds.shape == (len(table.points), EPOCHS)
    assert np.isfinite(table.scores).all() and (table.scores > 0).all() and (table.scores < 1).all()
    assert (table.seconds > 0).all()


def test_recording_is_training_and_repeats_to_the_bit() -> None:
    point, recorder = (0.3, 0.3, 2, 1e-3), Recorder()
    one, other = recorder.record(point, epochs=2), recorder.record(point, epochs=2)
    assert one.points == (point,) and one.scores.shape == (1, 2)
    np.testing.assert_array_equal(one.scores, other.scores)
    known = read_table(FILE)
    np.testing.assert_allclose(one.scores[0], known.scores[known.points.index(point), :2], atol=0.03)


def test_tables_are_joined_in_the_order_of_their_points() -> None:
    halves = [
        CurveTable(TABLE.keys, TABLE.points[rows], TABLE.scores[rows], TABLE.seconds[rows]) for rows in (slice(4, 8), slice(4))
    ]
    again = joined(halves)
    assert again.points == TABLE.points
    np.testing.assert_array_equal(again.scores, TABLE.scores)
