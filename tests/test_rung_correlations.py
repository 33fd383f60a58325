"""Rank correlations against scipy's own, and which trials count."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from made_up_ledgers import sweep_in
from scipy.stats import spearmanr

from tune.analysis.rung_correlations import FEWEST_TRIALS, read_rung_correlations, rung_correlations
from tune.ledger.home import SweepFolder
from tune.search.curves import Curve


def curve(*values: float) -> Curve:
    made = Curve()
    for epoch, value in enumerate(values, 1):
        made = made.after(epoch, value)
    return made


def noisy(trials: int, noise: float, seed: int = 0) -> list[Curve]:
    rng = np.random.default_rng(seed)
    return [curve(*(worth + noise * rng.standard_normal(3)).round(1), worth) for worth in rng.standard_normal(trials)]


def test_it_is_spearmans_of_the_value_at_the_rung_and_at_the_end_ties_included() -> None:
    curves = noisy(20, noise=0.7)
    [first, second] = rung_correlations((1, 2), curves)
    for found, rung in ((first, 1), (second, 2)):
        expected = spearmanr([c.at(rung) for c in curves], [c.values[-1] for c in curves]).statistic
        assert found.value == pytest.approx(expected)
        assert found.low < found.value < found.high
        assert (found.rung, found.trials) == (rung, 20)


def test_the_interval_covers_the_truth_and_narrows_with_trials() -> None:
    truth = rung_correlations((1,), noisy(4000, noise=1.0))[0].value
    found = [rung_correlations((1,), noisy(25, noise=1.0, seed=seed))[0] for seed in range(60)]
    assert sum(one.low <= truth <= one.high for one in found) >= 50
    widths = [rung_correlations((1,), noisy(trials, 1.0))[0] for trials in (10, 200)]
    assert widths[0].high - widths[0].low > 2 * (widths[1].high - widths[1].low)


def test_trials_that_did_not_go_on_beyond_the_rung_do_not_count() -> None:
    curves = [*noisy(FEWEST_TRIALS, 0.1), curve(0.5, 0.5)]
    assert [found.trials for found in rung_correlations((1, 2), curves)] == [FEWEST_TRIALS + 1, FEWEST_TRIALS]


@pytest.mark.parametrize("curves", [noisy(FEWEST_TRIALS - 1, 0.1), [curve(0.5, 0.1 * n) for n in range(9)], []])
def test_too_few_trials_or_values_all_alike_say_nothing(curves: list[Curve]) -> None:
    assert rung_correlations((1,), curves) == ()


@pytest.mark.parametrize(
    ("scheduler", "rungs"),
    [({"grace_epochs": 1, "reduction": 2}, [1, 2]), ({"type": "median", "grace_epochs": 3}, [3]), ({"type": "none"}, [])],
)
def test_a_sweep_is_read_from_its_ledgers(scheduler: dict[str, object], rungs: list[int], tmp_path: Path) -> None:
    sweep_in(SweepFolder(tmp_path / "x"), **scheduler)
    found = read_rung_correlations(SweepFolder(tmp_path / "x"))
    assert [one.rung for one in found] == rungs
    assert all(one.trials == 5 and one.value == pytest.approx(1.0) for one in found), "the pruned one has no end"


def test_a_folder_without_ledgers_says_nothing(tmp_path: Path) -> None:
    assert read_rung_correlations(SweepFolder(tmp_path)) == ()


def test_what_is_told_and_what_is_tracked_are_the_same() -> None:
    [found] = rung_correlations((2,), noisy(9, 0.5))
    assert found.sentence() == (
        f"rung 2: rank correlation {found.value:.2f} ({found.low:.2f} to {found.high:.2f}) of 9 trials that went on"
    )
    assert found.metrics() == {
        "rung/2/rank_correlation": found.value,
        "rung/2/rank_correlation_low": found.low,
        "rung/2/rank_correlation_high": found.high,
        "rung/2/trials": 9.0,
    }
