import pytest
from made_up_lv2 import AUDIO_IN, AUDIO_OUT, bundle, control

from trainables.effects.lv2.controls import controls_of
from trainables.effects.lv2.description import describe

RANGE = "lv2:minimum {} ; lv2:maximum {} ; lv2:default {}"


@pytest.fixture
def one(tmp_path, monkeypatch):
    """The only control of a plugin with a port that says this of itself."""

    def found(rest, more="", symbol="knob"):
        monkeypatch.setenv("LV2_PATH", str(tmp_path))
        bundle(tmp_path, AUDIO_IN, AUDIO_OUT, control(symbol, rest), more=more)
        [only] = controls_of(describe("urn:mine:one").ports)
        return only

    return found


def points(*values):
    return "lv2:scalePoint " + " , ".join(f'[ rdf:value {value} ; rdfs:label "{label}" ]' for value, label in values)


def test_range_default_and_scale_are_the_port_s_own(one):
    knob = one(f"{RANGE.format('20.0', '2.0e4', '1e3')} ; units:unit units:hz ; lv2:portProperty pprops:logarithmic").parameter
    assert (knob.low, knob.high, knob.default, knob.unit, knob.scale) == (20.0, 20000.0, 1000.0, "Hz", "log")
    assert (knob.kind, knob.frozen) == ("continuous", False)


@pytest.mark.parametrize(
    ("unit", "written"), [("units:db", "dB"), ("units:ms", "ms"), ("units:pc", "%"), ("units:coef", ""), ("mine:furlong", "fur")]
)
def test_units_are_written_as_people_do(one, unit, written):
    own = 'mine:furlong units:symbol "fur" .'
    assert one(f"{RANGE.format(0, 1, 0)} ; units:unit {unit}", own).parameter.unit == written


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ("lv2:minimum 0.0 ; lv2:maximum 10.0", 5.0),
        ("lv2:minimum 1.0 ; lv2:maximum 100.0 ; lv2:portProperty pprops:logarithmic", 10.0),
        ("lv2:minimum 0 ; lv2:maximum 1 ; lv2:portProperty lv2:toggled", 0.0),
        ("lv2:minimum 0 ; lv2:maximum 5 ; lv2:portProperty lv2:integer", 2.0),
        ('lv2:minimum 0.0 ; lv2:maximum 10.0 ; lv2:default "nan"', 5.0),
        ("lv2:minimum 0.0 ; lv2:maximum 10.0 ; lv2:default 12.0", 10.0),
    ],
)
def test_a_default_that_is_missing_or_outside_is_made_a_sane_one(one, declared, expected):
    assert one(declared).parameter.default == expected


@pytest.mark.parametrize(
    ("declared", "low", "high"),
    [
        ("lv2:default 0.5", 0.0, 1.0),
        ("lv2:default 3.0", 0.0, 3.0),
        ("lv2:minimum 4.0 ; lv2:maximum -4.0 ; lv2:default 0.0", -4, 4),
    ],
)
def test_a_range_that_is_missing_or_turned_round_is_made_one(one, declared, low, high):
    assert (one(declared).parameter.low, one(declared).parameter.high) == (low, high)


def test_a_log_scale_through_zero_is_linear(one):
    assert one(f"{RANGE.format(0, 10, 1)} ; lv2:portProperty pprops:logarithmic").parameter.scale == "linear"


def test_a_toggle_is_frozen_and_is_one_end_or_the_other_or_its_own_default(one):
    toggle = one(f"{RANGE.format(0, 1, 0.3)} ; lv2:portProperty lv2:toggled")
    assert (toggle.parameter.kind, toggle.parameter.choices, toggle.parameter.frozen) == ("toggle", ("off", "on"), True)
    assert [toggle.at_port({"knob": value}, 44100) for value in (0.0, 0.2, 0.3, 0.7)] == [0.0, 0.0, 0.3, 1.0]


def test_an_enumeration_is_frozen_and_has_the_values_of_its_points_only(one):
    named = points((0, "sine"), (3, "saw"), (10, "noise"))
    listed = one(f"{RANGE.format(0, 10, 3)} ; lv2:portProperty lv2:enumeration ; {named}")
    assert (listed.parameter.kind, listed.parameter.choices) == ("list", ("sine", "saw", "noise"))
    assert listed.parameter.frozen and "3 saw" in listed.parameter.meaning
    assert [listed.at_port({"knob": value}, 44100) for value in (1.0, 2.0, 8.0)] == [0.0, 3.0, 10.0]


def test_an_integer_is_a_staircase_of_whole_numbers(one):
    steps = one(f"{RANGE.format(1, 5, 3)} ; lv2:portProperty lv2:integer")
    assert steps.parameter.kind == "staircase"
    assert [steps.at_port({"knob": value}, 44100) for value in (1.2, 3.0, 4.7)] == [1.0, 3.0, 5.0]


def test_a_share_of_the_sample_rate_is_one_at_every_rate(one):
    share = one(f"{RANGE.format(0, 0.5, 0.25)} ; lv2:portProperty lv2:sampleRate")
    assert share.parameter.unit == "of the sample rate" and share.parameter.high == 0.5
    assert [share.at_port({"knob": 0.25}, rate) for rate in (8000, 44100)] == [2000.0, 11025.0]


def test_a_control_without_room_to_turn_is_no_parameter_but_has_its_value(one):
    fixed = one(RANGE.format(2, 2, 2))
    assert fixed.parameter is None and fixed.at_port({}, 44100) == 2.0


def test_names_are_snake_case_and_each_occurs_once(tmp_path, monkeypatch):
    monkeypatch.setenv("LV2_PATH", str(tmp_path))
    ports = [control(symbol, RANGE.format(0, 1, 0)) for symbol in ("hiThru", "Output-Level", "drive", "Drive")]
    bundle(tmp_path, AUDIO_IN, AUDIO_OUT, *ports)
    names = [c.parameter.name for c in controls_of(describe("urn:mine:one").ports)]
    assert names == ["hi_thru", "output_level", "drive", "drive_2"]
