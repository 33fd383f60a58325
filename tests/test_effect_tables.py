from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from trainables.effects import load_effects
from trainables.effects.measured.manifest import read_manifests
from trainables.effects.names import BACKENDS, EFFECT_NAMES
from tune.effects.effect_tables import effect_table, effects_json, installed_json, installed_table

REAL = [backend for backend in BACKENDS if backend != "auto"]
PLUGINS = [("urn:a", "A [stereo]", ""), ("urn:b", "B", "needs what is not offered.")]


def printed(table):
    file = io.StringIO()
    Console(file=file, width=250, color_system=None).print(table)
    return file.getvalue()


@pytest.mark.parametrize("backend", REAL)
def test_all_nine_are_listed_with_their_parameters(backend):
    effects = load_effects(backend)
    text = printed(effect_table(backend, effects.values()))
    for name, effect in effects.items():
        assert name in text and effect.title in text
        assert all((f"({p.name})" if p.frozen else p.name) in text for p in effect.parameters)


@pytest.mark.parametrize("backend", REAL)
def test_json_has_every_parameter_in_full_and_what_was_measured(backend):
    effects = load_effects(backend)
    told = effects_json(backend, effects.values(), read_manifests(backend))
    value = json.loads(json.dumps(told, allow_nan=False))
    assert value["backend"] == backend
    assert [effect["name"] for effect in value["effects"]] == list(EFFECT_NAMES)
    for listed in value["effects"]:
        expected = [(p.name, p.low, p.high, p.default, p.unit) for p in effects[listed["name"]].parameters]
        assert [(p["name"], p["low"], p["high"], p["default"], p["unit"]) for p in listed["parameters"]] == expected
        assert [knob["name"] for knob in listed["measured"]["knobs"]] == [name for name, *_ in expected]
        assert listed["measured"]["behaviour"]["repeats"] is True


def test_json_of_what_was_not_measured_says_so():
    [listed] = effects_json("mda", [load_effects("mda")["delay"]], {})["effects"]
    assert listed["measured"] is None


def test_installed_plugins_are_listed_as_sources_with_what_keeps_them_from_use():
    lines = printed(installed_table(PLUGINS)).splitlines()
    assert lines[0].startswith("2 LV2 plugins are installed, 1 of them can be used")
    assert any("lv2:urn:a" in line and "A [stereo]" in line and "yes" in line for line in lines)
    assert any("lv2:urn:b" in line and "no: needs what is not offered." in line for line in lines)
    assert [plugin["usable"] for plugin in installed_json(PLUGINS)["lv2"]] == [True, False]
