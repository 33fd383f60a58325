"""Successive halving, beside Ray's own on the same curves."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import numpy as np
import pytest
from ray.tune.schedulers import ASHAScheduler

from tune.search.curves import Curve
from tune.search.rungs import Rungs

EPOCHS, TRIALS = 30, 40
METRIC = "score"


def reports(seed: int) -> Iterator[tuple[int, int, float]]:
    """(trial, epoch, value) in the order in which trials that run four at once, at paces of their own, would report them."""
    rng = np.random.default_rng(seed)
    curves = rng.normal(size=(TRIALS, 1)) * np.linspace(0.2, 1, EPOCHS) + 0.3 * rng.normal(size=(TRIALS, EPOCHS))
    epochs, waiting = dict.fromkeys(range(4), 0), list(range(4, TRIALS))
    stopped: set[int] = set()
    while epochs:
        trial = int(rng.choice(list(epochs)))
        epochs[trial] += 1
        if (yield trial, epochs[trial], float(curves[trial, epochs[trial] - 1])) or epochs[trial] == EPOCHS:
            stopped.add(trial)
            del epochs[trial]
            if waiting:
                epochs[waiting.pop(0)] = 0


class Ours:
    def __init__(self, grace: int, reduction: int, mode: str) -> None:
        self.rule, self.curves = Rungs(grace, reduction, mode), dict[int, Curve]()

    def stops(self, trial: int, epoch: int, value: float) -> bool:
        self.curves[trial] = self.curves.get(trial, Curve()).after(epoch, value)
        others = [curve for number, curve in self.curves.items() if number != trial]
        return bool(self.rule.why_stop(self.curves[trial], others))


class Rays:
    def __init__(self, grace: int, reduction: int, mode: str) -> None:
        self.scheduler = ASHAScheduler(
            time_attr="epoch", metric=METRIC, mode=mode, max_t=EPOCHS + 1, grace_period=grace, reduction_factor=reduction
        )

    def stops(self, trial: int, epoch: int, value: float) -> bool:
        candidate = SimpleNamespace(trial_id=str(trial))
        if str(trial) not in self.scheduler._trial_info:
            self.scheduler.on_trial_add(None, candidate)
        return bool(self.scheduler.on_trial_result(None, candidate, {"epoch": epoch, METRIC: value}) == "STOP")


def stops(scheduler: Ours | Rays, seed: int) -> list[tuple[int, int]]:
    """(trial, epoch) of every stop, in their order."""
    found, stream = [], reports(seed)
    report = next(stream)
    while True:
        stop = scheduler.stops(*report)
        found += [report[:2]] if stop else []
        try:
            report = stream.send(stop)
        except StopIteration:
            return found


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("grace", "reduction", "mode"), [(1, 2, "max"), (3, 3, "max"), (2, 4, "min")])
def test_it_stops_the_trials_that_rays_own_stops_at_the_same_epochs(grace: int, reduction: int, mode: str, seed: int) -> None:
    ours = stops(Ours(grace, reduction, mode), seed)
    assert len(ours) > TRIALS // 3
    assert ours == stops(Rays(grace, reduction, mode), seed)


def curve(*values: float, work_seconds: float = 1.0, unit: str = "epochs") -> Curve:
    made = Curve(unit)  # type: ignore[arg-type]
    for epoch, value in enumerate(values, 1):
        made = made.after(epoch, value, work_seconds)
    return made


def test_the_reason_tells_rung_value_share_and_cutoff() -> None:
    others = [curve(0, 0, value) for value in (0.1, 0.2, 0.3, 0.44, 0.44, 0.5, 0.6)]
    assert Rungs(3, 3).why_stop(curve(0, 0, 0.41), others) == (
        "stopped at rung 3: 0.41 is below the best third of 7 trials (0.44)"
    )
    assert Rungs(3, 3).why_stop(curve(0, 0, 0.44), others) == ""


def test_fewer_is_better_in_mode_min() -> None:
    assert Rungs(1, 2, "min").why_stop(curve(0.3), [curve(0.1)]) == (
        "stopped at rung 1: 0.3 is above the best half of 1 trial (0.1)"
    )
    assert Rungs(1, 2, "min").why_stop(curve(0.05), [curve(0.1)]) == ""


def test_the_first_at_a_rung_goes_on() -> None:
    assert Rungs(2, 2).why_stop(curve(0.0, 0.0), [curve(0.9)]) == ""


def test_between_rungs_nothing_is_stopped() -> None:
    good, rule = curve(*[0.9] * 10), Rungs(2, 3)
    stopped = [epochs for epochs in range(1, 11) if rule.why_stop(curve(*[0.1] * epochs), [good])]
    assert stopped == [2, 6]


def test_rungs_may_be_seconds_of_work_and_one_report_may_pass_several() -> None:
    rule, slow = Rungs(10, 2), curve(0.3, work_seconds=45.0, unit="seconds")
    others = [curve(0.1, 0.2, 0.3, 0.9, work_seconds=10.0, unit="seconds")]
    assert rule.why_stop(slow, others) == "stopped at rung 40 s of work: 0.3 is below the best half of 1 trial (0.9)"
    assert rule.why_stop(curve(0.3, work_seconds=39.0, unit="seconds"), others) == ""


def test_the_rungs_below_an_end() -> None:
    assert Rungs(2, 3).below(18) == (2, 6)
    assert Rungs(2, 3).below(19) == (2, 6, 18)
    assert Rungs(2, 3).below(2) == ()
