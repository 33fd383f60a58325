from __future__ import annotations

import json
from dataclasses import replace

import made_up_effects as made
import pytest
from made_up_effects import made_up

from trainables.effects import load_effects
from trainables.effects.mda import plugins
from trainables.effects.measured.hearing import AUDIBLE_DB
from trainables.effects.measured.manifest import (
    FOLDER,
    differences,
    make_manifest,
    manifests_text,
    read_manifests,
    stored_manifest,
)
from trainables.effects.measured.probe_clips import Effort, probe_clips
from trainables.effects.native import nine, processors

EFFORT = Effort(clips=2, positions=3, step_positions=5)
OURS = {"mda": plugins.load(), "pedalboard": {**nine.load(), **processors.load()}}
KEPT = {f"{backend}:{name}": effect for backend, effects in OURS.items() for name, effect in effects.items()}


def of(process):
    return make_manifest(made_up(process), made.clips(2), EFFORT)


def changed_knob(manifest, **values):
    [first, *others] = manifest.measurement.knobs
    return replace(manifest, measurement=replace(manifest.measurement, knobs=(replace(first, **values), *others)))


@pytest.mark.parametrize("source", KEPT)
def test_the_manifest_kept_is_of_the_installed_build_and_of_its_table(source):
    """`make manifests` brings them up to date."""
    effect, manifest = KEPT[source], stored_manifest(KEPT[source])
    assert manifest.identity == effect.identity
    assert (manifest.title, manifest.parameters) == (effect.title, effect.parameters)
    assert [knob.name for knob in manifest.measurement.knobs] == [p.name for p in effect.parameters]


@pytest.mark.parametrize("backend", OURS)
def test_no_manifest_is_kept_of_what_is_not_there(backend):
    assert set(read_manifests(backend)) == set(OURS[backend])


@pytest.mark.parametrize("source", KEPT)
def test_every_kept_effect_repeats_itself_and_no_free_knob_is_never_heard(source):
    manifest = stored_manifest(KEPT[source])
    assert manifest.measurement.behaviour.repeats
    for parameter, knob in zip(manifest.parameters, manifest.measurement.knobs, strict=True):
        assert parameter.frozen or knob.mono.ever or knob.stereo.ever, parameter.name


@pytest.mark.parametrize("source", KEPT)
def test_a_staircase_has_steps_and_a_list_as_many_as_choices(source):
    for parameter, knob in zip(KEPT[source].parameters, stored_manifest(KEPT[source]).measurement.knobs, strict=True):
        if parameter.kind == "staircase":
            assert 1 < knob.steps < Effort().step_positions
        if parameter.choices:
            assert len(parameter.choices) <= knob.steps <= len(parameter.choices) + 1, parameter.name


@pytest.mark.parametrize("source", ("mda:overdrive", "mda:loudness", "pedalboard:delay"))
def test_measured_again_it_is_what_is_kept(source):
    effort = Effort()
    again = make_manifest(KEPT[source], probe_clips(effort.clips), effort)
    assert differences(stored_manifest(KEPT[source]), again) == ()


def test_only_the_level_is_what_an_output_level_changes():
    for backend, name in (("mda", "output"), ("pedalboard", "output_db")):
        levels = [k for m in read_manifests(backend).values() for k in m.measurement.knobs if k.name == name]
        assert len(levels) >= 3
        assert all(knob.mono.most_db < AUDIBLE_DB and knob.stereo.most_db < AUDIBLE_DB for knob in levels)
        assert all(knob.level_db >= 40.0 for knob in levels)


def test_a_manifest_survives_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr("trainables.effects.measured.manifest.FOLDER", tmp_path)
    manifests = [replace(of(made.mono_only), name=name) for name in ("zither", "alphorn")]
    (tmp_path / "made_up.json").write_text(manifests_text(manifests), encoding="utf-8")
    assert list(read_manifests("made_up")) == ["alphorn", "zither"]
    assert list(read_manifests("made_up").values()) == manifests[::-1]


def test_the_file_is_json_with_a_line_for_each_knob():
    text = (FOLDER / "mda.json").read_text(encoding="utf-8")
    assert set(json.loads(text)) == set(load_effects("mda"))
    assert sum('"steps"' in line for line in text.splitlines()) == text.count('"steps"')


def test_an_effect_that_is_not_ours_has_no_manifest_kept():
    assert stored_manifest(made_up(made.gain)) is None


def test_measured_twice_nothing_differs():
    assert differences(of(made.echo), of(made.echo)) == ()


@pytest.mark.parametrize(
    ("values", "told"),
    (
        ({"steps": 60}, ("amount steps 60, not 5",)),
        ({"level_db": 30.0}, ("amount level_db 30, not 40",)),
        ({"stereo": None}, ("amount stereo median_db nothing, not 0", "amount stereo most_db nothing, not 0")),
        ({"level_db": 40.4, "steps": 6}, ()),
    ),
)
def test_what_differs_by_more_than_the_tolerance_is_told(values, told):
    kept = of(made.gain)
    assert differences(kept, changed_knob(kept, **values)) == told


def test_an_effect_that_began_to_move_is_told():
    told = differences(of(made.gain), of(made.tremolo))
    assert "moves True, not False" in told
