from __future__ import annotations

import numpy as np
import pytest

from trainables.diagnosis.effect_share import curve_without_trend, effect_share

TURNS = np.arange(48) % 6


def random() -> np.random.Generator:
    return np.random.default_rng(0)


def test_what_is_all_effect_is_explained_by_it() -> None:
    levels = np.array([0.0, 0.1, -0.4, 0.2, 0.1, 0.0])
    found = effect_share(np.exp(levels[TURNS]), TURNS, random())
    assert found.share == pytest.approx(1.0, abs=0.02)
    assert found.p_value == pytest.approx(0.001) and found.lowest == 2


def test_chance_is_rarely_taken_for_an_effect() -> None:
    noise = np.random.default_rng(1).standard_normal((60, 48))
    rare = [effect_share(curve, TURNS, random()).p_value < 0.05 for curve in noise]
    assert np.mean(rare) <= 0.1


def test_a_falling_curve_is_no_effect_though_early_turns_lie_higher() -> None:
    epoch = np.arange(1.0, 49)
    for curve in (0.2 + 1 / epoch, 0.2 + np.exp(-epoch / 8), 1 - epoch / 60):
        assert effect_share(curve, TURNS, random()).p_value > 0.2


def test_a_level_curve_has_nothing_to_explain() -> None:
    found = effect_share(np.full(48, 0.5), TURNS, random())
    assert (found.share, found.p_value) == (0.0, 1.0)


def test_distances_from_the_trend_are_those_added_to_it() -> None:
    epoch, added = np.arange(1.0, 49), 0.1 * (-1.0) ** np.arange(48)
    power_law = np.exp(1.0 - 0.7 * np.log(epoch) + added)
    np.testing.assert_allclose(curve_without_trend(power_law), added, atol=0.03)


def test_losses_below_zero_are_taken_as_they_are() -> None:
    curve = np.where(TURNS == 4, -1.0, 0.5)
    assert effect_share(curve, TURNS, random()).lowest == 4
