import numpy as np
import pytest

from trainables.effects.vst3.curves import choices_curve, number_curve


def texts(of_raw):
    """As pedalboard asks for them: at 1001 raw values, neighbours that are alike joined."""
    values = [of_raw(step / 1000) for step in range(1001)]
    starts = [0, *[step for step in range(1, 1001) if values[step] != values[step - 1]]]
    ends = [*starts[1:], 1000]
    return {(start / 1000, end / 1000): values[start] for start, end in zip(starts, ends, strict=True)}


def exponential(raw):
    return round(20.0 * 1000.0**raw, 1)


def test_a_line_is_its_two_ends():
    curve = number_curve(texts(lambda raw: round(-60.0 + 72.0 * raw, 2)), steps=False)
    assert (curve.low, curve.high, len(curve.raw), curve.is_logarithmic) == (-60.0, 12.0, 2, False)
    assert curve.raw_at(-24.0) == pytest.approx(0.5) and curve.physical_at(0.25) == pytest.approx(-42.0)


def test_a_bent_range_is_interpolated_and_logarithmic():
    curve = number_curve(texts(exponential), steps=False)
    assert (curve.low, curve.high, curve.is_logarithmic) == (20.0, 20000.0, True)
    for raw in (0.0, 0.2345, 0.5, 0.999, 1.0):
        assert curve.raw_at(20.0 * 1000.0**raw) == pytest.approx(raw, abs=5e-4)


def test_a_falling_range_is_turned_round():
    curve = number_curve(texts(lambda raw: 10.0 - 10.0 * raw), steps=False)
    assert (curve.low, curve.high) == (0.0, 10.0)
    assert [curve.raw_at(value) for value in (10.0, 7.5, 0.0)] == pytest.approx([0.0, 0.25, 1.0])


def test_texts_that_are_rounded_are_met_in_the_middle():
    curve = number_curve(texts(lambda raw: float(round(1.0 + 9.0 * raw**2))), steps=False)
    for raw in (0.0, 0.3, 0.7, 1.0):
        assert curve.raw_at(1.0 + 9.0 * raw**2) == pytest.approx(raw, abs=0.09)


def test_steps_take_the_nearest_only():
    curve = number_curve(texts(lambda raw: float(round(1 + 4 * raw))), steps=True)
    assert curve.physical.tolist() == [1, 2, 3, 4, 5]
    assert [round(curve.raw_at(value) * 4) for value in (1.0, 2.2, 3.6, 5.0)] == [0, 1, 3, 4]
    assert curve.raw_at(1.0) == 0.0 and curve.raw_at(5.0) == 1.0


def test_numbers_that_rise_and_fall_stay_raw():
    curve = number_curve(texts(lambda raw: round(abs(raw - 0.5), 3)), steps=False)
    assert (curve.low, curve.high) == (0.0, 1.0) and curve.raw_at(0.3) == pytest.approx(0.3)


def test_choices_are_numbered_and_lie_in_the_middle_of_their_texts():
    curve = choices_curve(texts(lambda raw: ("thin", "plain", "fat")[min(2, int(raw * 3))]))
    assert curve.physical.tolist() == [0, 1, 2] and curve.steps
    assert np.allclose([curve.raw_at(value) for value in (0, 1, 2)], [0.0, 0.5, 1.0], atol=1e-3)
