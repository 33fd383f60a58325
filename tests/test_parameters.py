import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainables.errors import InputError
from trainables.parameters import Parameter, complete, draw

LINEAR = Parameter("gain_db", -20.0, 20.0, 0.0, "dB")
LOG = Parameter("cutoff_hz", 20.0, 20000.0, 1000.0, "Hz", "log")
FROZEN = Parameter("output_db", -20.0, 20.0, 3.0, "dB", frozen=True)
TABLE = (LINEAR, LOG, FROZEN)


@pytest.mark.parametrize("parameter", [LINEAR, LOG])
@given(st.floats(0.0, 1.0))
@settings(max_examples=50, deadline=None)
def test_normalize_undoes_denormalize(parameter, unit_value):
    value = parameter.denormalize(unit_value)
    assert parameter.check(value) == value
    assert parameter.normalize(value) == pytest.approx(unit_value, abs=1e-12)


@pytest.mark.parametrize("parameter", [LINEAR, LOG])
def test_both_ends_are_exact_and_beyond_them_nothing(parameter):
    assert [parameter.denormalize(u) for u in (-0.1, 0.0, 1.0, 1.1)] == [parameter.low] * 2 + [parameter.high] * 2


def test_log_scale_halves_at_the_geometric_mean():
    assert LOG.denormalize(0.5) == pytest.approx(math.sqrt(20.0 * 20000.0))


@pytest.mark.parametrize("value", [-20.001, 20.001, math.nan, math.inf, -math.inf])
def test_check_refuses_what_is_out_of_range_and_tells_the_range_and_default(value):
    with pytest.raises(InputError, match=r"gain_db=.* -20 to 20 dB\. Its default is 0\."):
        LINEAR.check(value)


@pytest.mark.parametrize(("low", "high", "default", "scale"), [(1, 1, 1, "linear"), (0, 1, 2, "linear"), (0, 1, 0.5, "log")])
def test_impossible_parameter_is_refused(low, high, default, scale):
    with pytest.raises(ValueError, match=r"must hold|needs low > 0"):
        Parameter("x", low, high, default, scale=scale)


def test_complete_fills_in_defaults_in_the_table_s_order():
    assert list(complete(TABLE, {"cutoff_hz": 50.0}).items()) == [("gain_db", 0.0), ("cutoff_hz", 50.0), ("output_db", 3.0)]


def test_complete_names_the_nearest_setting():
    with pytest.raises(InputError, match="Did you mean 'cutoff_hz'"):
        complete(TABLE, {"cutof_hz": 50.0})


@given(st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_draw_stays_in_range_and_leaves_frozen_knobs_alone(seed):
    drawn = draw(TABLE, np.random.default_rng(seed))
    assert complete(TABLE, drawn) == drawn
    assert drawn["output_db"] == 3.0


def test_draw_is_uniform_on_the_parameter_s_own_scale():
    random = np.random.default_rng(0)
    units = [LOG.normalize(draw(TABLE, random)["cutoff_hz"]) for _ in range(2000)]
    assert np.histogram(units, bins=4, range=(0, 1))[0] / 2000 == pytest.approx([0.25] * 4, abs=0.03)


def test_freezing_one_knob_does_not_shift_the_others():
    frozen_gain = Parameter("gain_db", -20.0, 20.0, 0.0, "dB", frozen=True)
    free, frozen = (draw(table, np.random.default_rng(1)) for table in (TABLE, (frozen_gain, LOG, FROZEN)))
    assert free["cutoff_hz"] == frozen["cutoff_hz"]
    assert free["gain_db"] != frozen["gain_db"]


@pytest.mark.parametrize(("value", "told"), [(9612.3, "9612 Hz"), (523.25, "523 Hz"), (0.00123, "0.00123 Hz")])
def test_a_value_is_told_with_its_unit_and_without_exponents_of_thousands(value, told):
    assert Parameter("tone_hz", 0.0, 20000.0, 100.0, "Hz").told(value) == told
