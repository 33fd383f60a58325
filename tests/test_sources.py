import pytest

from trainables.effects import load_effects
from trainables.effects.isolation.isolated import stop
from trainables.effects.sources import load_effect
from trainables.errors import InputError


@pytest.mark.parametrize("backend", ["mda", "pedalboard"])
def test_a_plain_name_is_the_backend_s_effect(backend):
    assert load_effect("delay", backend).identity == load_effects(backend)["delay"].identity


def test_a_backend_may_be_named():
    assert load_effect("mda:delay", "pedalboard").backend == "mda"
    assert load_effect("pedalboard:delay", "mda").backend == "pedalboard"


def test_plain_processors_are_pedalboard_s():
    assert load_effect("pedalboard:phaser", "mda").name == "phaser"
    with pytest.raises(InputError, match="effect 'phaser': is not known"):
        load_effect("phaser", "pedalboard")


def test_a_chain_takes_parts_of_every_kind():
    effect = load_effect("overdrive > lv2:urn:zamaudio:ZamAutoSat>pedalboard:delay", "mda")
    assert effect.title == "Overdrive > ZamAutoSat > Delay"
    assert {p.name.partition(".")[0] for p in effect.parameters} == {"overdrive", "delay"}  # ZamAutoSat has no knob
    stop(effect.process.links[1].effect.process.hosted)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("", "has an empty part"),
        ("overdrive > ", "has an empty part"),
        ("dely", "Did you mean 'delay'"),
        ("mda:dely", "effect 'mda:dely': is not known. Did you mean 'delay'"),
        ("pedalboard:phasr", "Did you mean 'phaser'"),
        ("vst:thing", "begins with 'vst:', which is not known. Did you mean 'vst3'"),
        ("lv2:", "names nothing after 'lv2:'"),
        ("overdrive > lv2:urn:zamaudio:ZamTub", "Nearest of those that are: urn:zamaudio:ZamTube"),
        ("vst3:/nowhere/at_all.vst3", "/nowhere/at_all.vst3: is not there"),
        ("lv2:http://drobilla.net/plugins/mda/Piano", "is an instrument"),
    ],
)
def test_what_cannot_be_a_source_is_refused_with_what_to_do(source, complaint):
    with pytest.raises(InputError) as refusal:
        load_effect(source, "mda")
    assert complaint in str(refusal.value)
