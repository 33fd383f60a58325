"""Axes: values at their pixels, ticks at round numbers, labels that do not touch."""

from __future__ import annotations

import itertools

import pytest

from tune.pages.chart import Room, x_axis
from tune.pages.marks import Words, text_width
from tune.pages.scales import Linear, Logarithmic, Names, logarithmic, nice_step, short, spanning
from tune.pages.setting_axis import Number, setting_axis


def test_a_linear_axis_has_its_ends_at_their_pixels_and_round_ticks_between() -> None:
    axis = Linear(0.0, 50.0, 100.0, 200.0, 5)
    assert (axis.at(0), axis.at(50), axis.at(25)) == (100, 200, 150)
    assert [(tick.at, tick.text) for tick in axis.ticks()] == [(100 + 20 * n, str(10 * n)) for n in range(6)]


@pytest.mark.parametrize(("step", "nice"), [(1.0, 1.0), (1.1, 2.0), (0.021, 0.025), (30.0, 50.0), (7.0, 10.0)])
def test_steps_are_one_two_two_and_a_half_or_five(step: float, nice: float) -> None:
    assert nice_step(step) == pytest.approx(nice)


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [(0.1, 0.1, "0.1"), (-0.25, 0.25, "−0.25"), (2.5, 2.5, "2.5"), (30.0, 10.0, "30"), (-0.0, 0.5, "0.0")],
)
def test_a_tick_has_the_decimals_that_its_step_needs(value: float, step: float, text: str) -> None:
    assert short(value, step) == text


def test_a_logarithmic_axis_puts_equal_ratios_at_equal_distances() -> None:
    axis = Logarithmic(0.01, 1.0, 0.0, 100.0)
    assert axis.at(0.1) == pytest.approx(50.0)
    assert [tick.text for tick in axis.ticks()] == ["0.01", "0.03", "0.1", "0.3", "1"]


@pytest.mark.parametrize("values", [[3.0], [0.0], [-2.0, -2.0], [1.0, 2.0], [], [float("nan"), 1.0]])
def test_a_spanning_axis_contains_its_values_and_has_room(values: list[float]) -> None:
    axis = spanning(values, 0.0, 100.0)
    assert axis.high > axis.low and axis.ticks()
    assert all(0 < axis.at(value) < 100 for value in values if value == value)


def test_a_logarithmic_axis_of_one_value_has_room() -> None:
    axis = logarithmic([0.3], 0.0, 100.0)
    assert 0 < axis.at(0.3) < 100


def test_names_stand_in_the_middle_of_equal_parts() -> None:
    axis = Names(("a", "b"), 0.0, 100.0)
    assert [axis.at("a"), axis.at("b"), axis.part] == [25, 75, 50]


def test_a_setting_gets_the_axis_that_suits_it() -> None:
    assert isinstance(setting_axis(None, ["wet", "pair"], 0, 1), Names)
    few = setting_axis(None, [32, 8, 8], 0, 1)
    assert isinstance(few, Names) and few.names == (Number(8), Number(32)) and few.ticks()[0].text == "8"
    assert isinstance(setting_axis(None, [0.1 + n for n in range(9)], 0, 1), Logarithmic)
    assert isinstance(setting_axis(None, [10.0 + n for n in range(9)], 0, 1), Linear)


def test_labels_of_ticks_do_not_touch() -> None:
    room = Room(0, 0, 200, 100)
    axis = Names(tuple(f"a rather long name {n}" for n in range(9)), room.left, room.right)
    shown = [mark for mark in x_axis(room, axis, "") if isinstance(mark, Words) and mark.text]
    half = text_width(shown[0].text, 12) / 2
    assert 0 < len(shown) < 9 and all(b.x - a.x >= 2 * half for a, b in itertools.pairwise(shown))


def test_what_is_counted_has_ticks_at_whole_numbers_only() -> None:
    texts = [tick.text for tick in Linear(0.0, 12.4, 0.0, 300.0, 6, whole=True).ticks()]
    assert texts == ["0", "3", "6", "9", "12"]
    assert [tick.text for tick in Linear(0.0, 2.1, 0.0, 300.0, whole=True).ticks()] == ["0", "1", "2"]
    assert [tick.text for tick in Linear(0.0, 700.0, 0.0, 300.0, 7, whole=True).ticks()][1] == "100"
