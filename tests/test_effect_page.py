from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from trainables.effects import load_effects
from trainables.effects.measured.behaviour import LONGEST_TAIL_SECONDS, Behaviour
from trainables.effects.measured.knob_measurement import Heard
from trainables.effects.measured.manifest import stored_manifest
from trainables.effects.names import BACKENDS, EFFECT_NAMES
from tune.effects.effect_page import effect_page, verdict, why_frozen

REAL = [backend for backend in BACKENDS if backend != "auto"]
STILL = Behaviour(0, 0.0, "none", False, True, None, 0.1)


def page(effect, manifest, width=400):
    file = io.StringIO()
    Console(file=file, width=width, color_system=None).print(effect_page(effect, manifest, effect.name))
    return file.getvalue()


def behaving(effect, **values):
    manifest = stored_manifest(effect)
    return replace(manifest, measurement=replace(manifest.measurement, behaviour=replace(STILL, **values)))


@pytest.mark.parametrize("backend", REAL)
@pytest.mark.parametrize("name", EFFECT_NAMES)
def test_every_knob_is_shown_with_range_unit_choices_and_how_far_it_is_heard(backend, name):
    effect = load_effects(backend)[name]
    manifest = stored_manifest(effect)
    lines = page(effect, manifest).splitlines()
    for parameter, knob in zip(effect.parameters, manifest.measurement.knobs, strict=True):
        row = next(line for line in lines if line.split()[:1] == [parameter.name])
        assert f" {parameter.low:g} to {parameter.high:g}" in row and f" {parameter.unit}" in row
        assert ("frozen" in row) == parameter.frozen
        assert ("other sample rates" in row) == parameter.rate_dependent
        assert all(choice in row for choice in parameter.choices)
        assert verdict(knob.mono) in row.split() and verdict(knob.stereo) in row.split()


@pytest.mark.parametrize("backend", REAL)
@pytest.mark.parametrize("name", EFFECT_NAMES)
def test_no_line_is_longer_than_a_terminal_of_100_columns_and_no_name_is_cut(backend, name):
    effect = load_effects(backend)[name]
    lines = page(effect, stored_manifest(effect), width=100).splitlines()
    assert max(map(len, lines)) <= 100
    firsts = [line.split()[0] for line in lines if line.split()]
    assert {p.name for p in effect.parameters} <= set(firsts)


def test_an_effect_of_which_nothing_was_measured_says_how_to():
    text = page(load_effects("pedalboard")["delay"], None)
    assert "Nothing was measured of it: fxsweep effects 'delay' --measure" in text
    assert "mono" not in text


def test_another_build_than_the_one_measured_is_told():
    effect = load_effects("pedalboard")["delay"]
    text = page(replace(effect, identity="feed"), stored_manifest(effect))
    assert f"Build feed, which is NOT the build measured ({effect.identity})" in text


def test_brackets_in_a_meaning_are_shown():
    effect = load_effects("pedalboard")["delay"]
    odd = replace(effect.parameters[0], meaning="[bold] to [3, 4]")
    assert "[bold] to [3, 4]" in page(replace(effect, parameters=(odd,)), None)


@pytest.mark.parametrize(
    ("values", "told"),
    (
        ({}, "latency  none"),
        ({"latency_samples": 12}, "12 samples late"),
        ({"latency_samples": -12}, "12 samples early"),
        ({"tail_seconds": LONGEST_TAIL_SECONDS}, f"{LONGEST_TAIL_SECONDS:g} s or more"),
        ({"tail_seconds": 0.25}, "0.25 s until it is 60 dB down"),
        ({"memory": "lasts"}, "still shapes the sound"),
        ({"moves": True}, "moves by itself"),
        ({"repeats": False}, "does not come out the same twice"),
        ({"block_difference_db": -4.5}, "depends on their size (-4.5 dB)"),
        ({"rate_difference_db": 7.3}, "7.3 dB between"),
    ),
)
def test_the_behaviour_is_told_in_words(values, told):
    effect = load_effects("pedalboard")["delay"]
    assert told in page(effect, behaving(effect, **values))


def test_what_is_heard_in_some_clips_only_is_heard_rarely():
    assert [verdict(heard) for heard in (Heard(10.84, 20.0), Heard(0.2, 5.0), Heard(0.2, 0.5), None)] == [
        "10.8",
        "rarely",
        "never",
        "-",
    ]


def test_why_a_knob_is_frozen():
    knobs = {}
    for name in ("combo", "multiband"):
        manifest = stored_manifest(load_effects("mda")[name])
        knobs |= {p.name: (p, k) for p, k in zip(manifest.parameters, manifest.measurement.knobs, strict=True)}
    assert why_frozen(*knobs["model"]) == "its values have no order"
    assert why_frozen(*knobs["output"]) == "only the level"
    assert why_frozen(replace(knobs["output"][0], kind="continuous"), None) == ""
    manifest = stored_manifest(load_effects("mda")["multiband"])
    stereo = next(pair for pair in zip(manifest.parameters, manifest.measurement.knobs, strict=True) if pair[0].name == "stereo")
    assert why_frozen(*stereo) == "cannot be heard in mono"


def test_free_knobs_that_are_never_heard_are_warned_of():
    effect = load_effects("mda")["overdrive"]
    freed = replace(effect, parameters=tuple(replace(p, frozen=False) for p in effect.parameters))
    assert "Never heard: output. A sweep draws them for nothing" in page(freed, stored_manifest(effect))
    assert "Never heard" not in page(effect, stored_manifest(effect))


def test_choices_that_the_meaning_tells_are_not_repeated():
    effect = load_effects("mda")["limiter"]
    knee = next(p for p in effect.parameters if p.kind == "toggle")
    assert page(replace(effect, parameters=(replace(knee, meaning="0 hard, 1 soft"),)), None).count("soft") == 1
