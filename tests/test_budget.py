"""Budgets of hours: added up over drivers, held, and told apart."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tune.driver.budget import BudgetMeter, EarlyEnd, Spent, more_of, spent_up
from tune.sweep_file.sections import Budget
from tune.sweep_file.spec import Sweep, parse_sweep


@dataclass
class Trial:
    status: str


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def sweep_of(**train: object) -> Sweep:
    return parse_sweep({"name": "x", "train": train, "budget": {"hours": 2, "compute_hours": 3}})


@pytest.mark.parametrize(
    ("train", "held"), [({"workers": 0}, 1), ({"workers": 2}, 2), ({"workers": 1, "gpus": 1}, 1), ({"workers": 3, "gpus": 1}, 3)]
)
def test_time_counts_once_and_computing_for_everything_that_running_trials_hold(train: dict[str, int], held: int) -> None:
    clock = Clock()
    meter = BudgetMeter(sweep_of(**train), Spent(10.0, 20.0), clock)
    clock.now += 5.0
    meter.on_step_end(1, [Trial("RUNNING"), Trial("TERMINATED"), Trial("RUNNING"), Trial("PENDING")])
    assert meter.spent == Spent(15.0, 20.0 + 2 * 5.0 * held)
    clock.now += 1.0
    meter.on_step_end(2, [])
    assert meter.spent == Spent(16.0, 20.0 + 2 * 5.0 * held)


@pytest.mark.parametrize(
    ("spent", "told"),
    [
        (Spent(7199.0, 10799.0), ""),
        (Spent(7200.0, 0.0), "budget.hours 2 is spent"),
        (Spent(0.0, 10800.0), "budget.compute_hours 3 is spent"),
    ],
)
def test_a_budget_is_spent_when_its_last_second_is(spent: Spent, told: str) -> None:
    assert spent_up(sweep_of().budget, spent) == told
    assert spent_up(Budget(), spent) == ""


@pytest.mark.parametrize(("spent", "option"), [(Spent(7200.0, 0.0), "--hours"), (Spent(0.0, 10800.0), "--compute-hours")])
def test_more_is_offered_of_the_budget_that_is_spent(spent: Spent, option: str) -> None:
    assert more_of(spent_up(sweep_of().budget, spent), "x") == f"fxsweep extend x {option} 1"


def test_what_an_earlier_driver_spent_counts() -> None:
    assert BudgetMeter(sweep_of(), Spent(7200.0)).spent_up()


def test_the_first_reason_ends_the_search_and_stays() -> None:
    said = {"first": "", "second": ""}
    end = EarlyEnd(lambda: said["first"], lambda: said["second"])
    assert not end.stop_all() and not end("trial", {}) and end.reason == ""
    said["second"] = "enough"
    assert end.stop_all()
    said["first"] = "later"
    assert end.stop_all() and end.reason == "enough"
