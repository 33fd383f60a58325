"""Real VST3 plugins: ones that load, mono only, stereo only, one that hangs while it is loaded."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from signals import noise

from trainables.effects import apply
from trainables.effects.isolation.isolated import introduce, render_isolated, stop
from trainables.effects.lv2.effects import host_lv2
from trainables.effects.vst3.effects import host_vst3, load_vst3
from trainables.errors import InputError
from trainables.parameters import draw

FOLDER = Path("/usr/lib/vst3")
SAMPLE_RATE = 44100


def path(name):
    return str(FOLDER / f"{name}.vst3")


@pytest.fixture(scope="module")
def comp():
    """Loaded once: a mono compressor."""
    effect = load_vst3(path("ZamComp"))
    yield effect
    stop(effect.process.hosted)


@pytest.fixture
def hosted():
    """The plugin of a name, hosted but not measured; ended after the test."""
    started = []

    def start(name):
        plugin, ways = host_vst3(path(name))
        started.extend(ways)
        return plugin, ways[0]

    yield start
    for way in started:
        stop(way)


def by_meaning(plugin):
    return {p.meaning: p for p in plugin.parameters}


def test_knobs_have_the_plugin_s_names_units_ranges_and_defaults(comp):
    knobs = {p.name: p for p in comp.parameters}
    assert list(knobs) == ["attack_ms", "release_ms", "knee_db", "ratio", "threshold_db", "makeup_db", "slew", "sidechain"]
    attack = knobs["attack_ms"]
    assert (attack.low, attack.high, attack.unit, attack.meaning) == (0.1, 100.0, "ms", "Attack")
    assert attack.default == pytest.approx(10.0) and knobs["threshold_db"].default == 0.0
    assert (comp.name, comp.title, comp.backend) == ("zam_comp", "ZamComp", "vst3")


def test_toggles_and_the_knob_that_is_only_level_are_frozen(comp):
    assert {p.name: p.kind for p in comp.parameters if p.frozen} == {"makeup_db": "continuous", "sidechain": "toggle"}


def test_meters_presets_and_the_host_s_own_numbers_are_no_knobs(comp, hosted):
    told = {p.name for p in hosted("ZamComp")[0].parameters}
    assert {"gain_reduction_db", "output_level_db"} == told - {p.name for p in comp.parameters}
    assert not {"buffer_size_frames", "sample_rate_frames", "current_program"} & told


def test_a_compressor_compresses_as_its_knobs_say(comp):
    """Ratio 4, 20 dB above the threshold: 15 dB less."""
    level = np.full((1, 44100), 1.0, np.float32)
    settings = {"threshold_db": -20.0, "ratio": 4.0, "attack_ms": 1.0}
    wet = apply(comp, level, SAMPLE_RATE, settings)
    assert 20 * np.log10(wet[0, -1]) == pytest.approx(-15.0, abs=0.3)


def test_a_setting_that_is_not_named_is_at_its_default_whatever_it_was_before(comp):
    dry = noise(1, 9000)
    before = apply(comp, dry, SAMPLE_RATE, {})
    apply(comp, dry, SAMPLE_RATE, {"threshold_db": -60.0, "ratio": 20.0, "makeup_db": 30.0})
    assert np.array_equal(apply(comp, dry, SAMPLE_RATE, {}), before)


def test_a_mono_plugin_treats_the_channels_of_stereo_alone(comp):
    dry, settings = noise(2, 9000, level=0.4), {"threshold_db": -30.0, "ratio": 8.0}
    alone = [apply(comp, channel[None], SAMPLE_RATE, settings) for channel in dry]
    assert np.array_equal(apply(comp, dry, SAMPLE_RATE, settings), np.concatenate(alone))


def test_a_stereo_plugin_gives_mono_the_mean_of_its_outputs(hosted):
    plugin, way = hosted("ZaMaximX2")
    dry, settings = noise(1, 9000, level=0.4), {p.name: p.default for p in plugin.parameters}
    both = render_isolated(way, np.repeat(dry, 2, axis=0), SAMPLE_RATE, settings, 8192)
    mono = render_isolated(way, dry, SAMPLE_RATE, settings, 8192)
    assert plugin.channels == 2 and np.allclose(mono, both.mean(axis=0, keepdims=True), atol=1e-7)


@pytest.mark.parametrize("samples", [1, 2, 63, 64, 65])
def test_short_clips_are_whole(comp, samples):
    assert apply(comp, noise(1, samples), SAMPLE_RATE, {}).shape == (1, samples)


@pytest.mark.parametrize(
    ("name", "largest"),
    [("ZaMultiCompX2", 1e-6), ("ZamComp", 0.0), ("ZamDelay", 0.0), ("ZamGrains", 0.0), ("ZamPhono", 0.0), ("ZamEQ2", 1e-4)],
)
def test_equals_the_same_plugin_as_lv2(name, largest, hosted):
    """Two hosts, two formats, one code; knobs may differ by their last bit after the way over 0..1."""
    lv2, lv2_hosted, controlled = host_lv2(f"urn:zamaudio:{name}")
    vst3, way = hosted(name)
    settings = draw(lv2.parameters, np.random.default_rng(3))
    names = by_meaning(vst3)
    same = {names[p.meaning].name: settings[p.name] for p in lv2.parameters if p.meaning in names}
    assert len(same) == len([p for p in lv2.parameters if p.kind != "list"])
    dry = noise(2, 20000, level=0.2)
    difference = controlled(lv2_hosted)(dry, SAMPLE_RATE, settings) - render_isolated(way, dry, SAMPLE_RATE, same, 8192)
    stop(lv2_hosted)
    assert np.abs(difference).max() <= largest


def test_a_list_has_its_texts_as_choices_and_is_frozen(hosted):
    model = by_meaning(hosted("ZamTube")[0])["Tone Stack Model"]
    assert (model.kind, model.low, model.high, model.frozen) == ("list", 0.0, 24.0, True)
    assert model.choices[:2] == ("1959 Bassman 5F6-A", "Mesa Boogie Mark") and len(model.choices) == 25


def test_whole_numbers_are_a_staircase(hosted):
    grains = by_meaning(hosted("ZamGrains")[0])["Grains"]
    assert (grains.kind, grains.low, grains.high, grains.frozen) == ("staircase", 1.0, 100.0, False)


def test_a_plugin_that_hangs_while_it_is_loaded_is_refused_by_its_path():
    with pytest.raises(InputError, match=r"^vst3:/usr/lib/vst3/ZamVerb\.vst3: cannot be loaded: hung for 2 s"):
        load_vst3(path("ZamVerb"), load_seconds=2.0)


@pytest.mark.parametrize(
    ("named", "complaint"),
    [
        ("/nowhere/it.vst3", r"/nowhere/it\.vst3: is not there"),
        (path("ZamCmp"), r"is not there\. Beside it there are .*ZamComp\.vst3"),
        ("/etc/hostname", "is no VST3 plugin for this machine"),
        (f"{path('ZamComp')}#Zamcomp", r"VST3 plugin 'Zamcomp': is not in .*Did you mean 'ZamComp'"),
    ],
)
def test_what_is_no_plugin_is_refused_with_what_to_do(named, complaint):
    with pytest.raises(InputError, match=complaint):
        load_vst3(named)


def test_a_plugin_may_be_named_within_its_file(hosted):
    plugin, ways = host_vst3(f"{path('ZamComp')}#ZamComp")
    assert plugin.title == "ZamComp" and ways[0].name == f"vst3:{path('ZamComp')}#ZamComp"
    stop(ways[0])


def test_the_build_is_the_content_and_not_the_place(tmp_path):
    copy = shutil.copytree(path("ZamAutoSat"), tmp_path / "ZamAutoSat.vst3")
    builds = []
    for place in (path("ZamAutoSat"), str(copy)):
        plugin, ways = host_vst3(place)
        builds.append(plugin.build)
        stop(ways[0])
    assert builds[0] == builds[1]
    (copy / "Contents" / "more.txt").write_text("more")
    plugin, ways = host_vst3(str(copy))
    stop(ways[0])
    assert plugin.build != builds[0]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ZaMultiCompX2", "ZamDelay", "ZamEQ2", "ZamGateX2", "ZamPhono"])
def test_takes_repeat_in_any_order_and_process(name):
    effect = load_vst3(path(name))
    random = np.random.default_rng(4)
    takes = [(noise(1 + seed % 2, 9000, seed), draw(effect.parameters, random)) for seed in range(12)]
    first = [apply(effect, dry, SAMPLE_RATE, settings) for dry, settings in takes]
    stop(effect.process.hosted)
    again = [apply(effect, dry, SAMPLE_RATE, settings) for dry, settings in takes[::-1]][::-1]
    stop(effect.process.hosted)
    assert all(map(np.array_equal, first, again))


@pytest.mark.slow
def test_the_knobs_of_many_are_sorted_out():
    """Thirty-five knobs, nine of which show something or are only level."""
    effect = load_vst3(path("ZaMultiCompX2"))
    stop(effect.process.hosted)
    idle = {p.name for p in effect.parameters if p.frozen and p.kind == "continuous"}
    assert idle == {"master_trim_db", "gain_reduction_1_db", "gain_reduction_2_db", "gain_reduction_3_db"}


def test_what_a_plugin_tells_of_itself_is_read_from_its_process(hosted):
    plugin, way = hosted("ZamPhono")
    told = introduce(way)
    assert (told["title"], told["channels"]) == ("ZamPhono", 1)
    assert [p["name"] for p in told["parameters"]] == [p.name for p in plugin.parameters]
