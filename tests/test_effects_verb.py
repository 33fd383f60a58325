"""`fxsweep effects` as it is typed."""

from __future__ import annotations

import json

import pytest

from trainables.effects.names import EFFECT_NAMES
from tune.cli import main
from tune.effects.effects_markdown import markdown


@pytest.fixture
def effects(capsys):
    """Exit code, standard output, standard error of the verb with these arguments."""

    def run(*arguments):
        return main(["effects", *arguments]), *capsys.readouterr()

    return run


def test_the_list_has_the_nine_the_processors_and_says_what_else_there_is(effects):
    code, out, _ = effects()
    assert code == 0 and all(name in out for name in (*EFFECT_NAMES, "pitch_shift"))
    assert "lv2:URI" in out and "vst3:PATH" in out


def test_one_effect_shows_its_manifest(effects):
    code, out, _ = effects("mda:delay")
    assert code == 0 and "l_delay" in out and "the one measured" in out


def test_a_chain_and_a_plugin_are_shown_as_not_measured_yet(effects):
    for source in ("overdrive > pedalboard:reverb", "lv2:http://drobilla.net/plugins/mda/SubSynth"):
        code, out, _ = effects(source)
        assert code == 0 and f"fxsweep effects '{source}' --measure" in out.replace("\n", " ")


def test_measured_again_nothing_differs_in_words_and_in_json(effects):
    code, out, _ = effects("pedalboard:clipping", "--measure")
    assert code == 0 and out.endswith("Measured just now: nothing differs from the manifest.\n")
    code, out, _ = effects("pedalboard:clipping", "--measure", "--json")
    assert code == 0 and json.loads(out)["differs"] == []


def test_what_is_ours_nowhere_is_measured_on_the_spot(effects):
    source = "pedalboard:gain > pedalboard:clipping"
    code, out, _ = effects(source, "--measure", "--json")
    [effect] = json.loads(out)["effects"]
    assert code == 0 and [k["name"] for k in effect["measured"]["knobs"]] == ["gain.gain_db", "clipping.threshold_db"]


def test_measuring_needs_a_name(effects):
    code, out, err = effects("--measure")
    assert (code, out) == (2, "") and "Name one, like `fxsweep effects overdrive --measure`" in " ".join(err.split())


def test_an_unknown_effect_is_answered_with_the_nearest(effects):
    code, _, err = effects("leslei")
    assert code == 2 and "Did you mean 'leslie'?" in err


def test_installed_plugins_are_listed(effects):
    code, out, _ = effects("--installed")
    assert code == 0 and "lv2:http://drobilla.net/plugins/mda/SubSynth" in out
    listed = {plugin["source"]: plugin for plugin in json.loads(effects("--installed", "--json")[1])["lv2"]}
    assert listed["lv2:http://drobilla.net/plugins/mda/SubSynth"]["usable"]
    assert "instrument" in listed["lv2:http://drobilla.net/plugins/mda/Piano"]["why"]


def test_the_table_is_printed(effects):
    assert effects("--markdown") == (0, markdown() + "\n", "")
