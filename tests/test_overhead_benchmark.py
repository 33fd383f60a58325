"""The benchmark of overhead: its arithmetic on made-up times, and that our own searches reach it with every trial."""

from __future__ import annotations

import pytest

from benchmarks.overhead import WARM_TRIALS, filled, ms_per_trial, text
from benchmarks.searches import Times, our_search, plain_optuna, sweep_of
from benchmarks.sleeping_fit import SleepingFit


def test_milliseconds_are_those_after_the_warm_trials() -> None:
    warm, steady = [100.0 + n for n in range(WARM_TRIALS)], [200.0, 300.0]
    assert ms_per_trial(Times(warm + steady)) == pytest.approx(1000 * (300 - warm[-1]) / 2)


def test_slots_are_filled_by_work_between_the_first_and_the_last_end() -> None:
    back_to_back = Times([10.0, 10.0, 20.0, 20.0], [(0.0, 10.0), (0.0, 10.0), (10.0, 20.0), (10.0, 20.0)])
    assert filled(back_to_back) == pytest.approx(1.0)
    with_gaps = Times([10.0, 10.0, 20.0, 20.0], [(0.0, 10.0), (0.0, 10.0), (15.0, 20.0), (12.0, 20.0)])
    assert filled(with_gaps) == pytest.approx((5 + 8) / 20)


def test_our_search_ends_every_trial_and_tells_its_work(local_ray: None) -> None:
    times = our_search(sweep_of(trials=8, epochs=2), SleepingFit(0.05))
    assert len(times.ends) == 8 and len(times.work) == 16
    assert all(stop - began >= 0.05 for began, stop in times.work)
    assert 0 < filled(times) <= 1


def test_plain_optuna_ends_every_trial() -> None:
    assert len(plain_optuna(7).ends) == 7


def test_what_is_measured_is_told() -> None:
    told = text({"ours": 12.0}, {"in_process": {"2": 0.9, "10": 0.95}, "ray_train": {"2": 0.8, "10": 0.9}})
    assert [line.split() for line in told.splitlines()[1:2]] == [["ours", "12.0"]]
    assert told.splitlines()[-1].split() == ["ray_train", "0.800", "0.900"]
