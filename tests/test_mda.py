import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from trainables.effects import apply
from trainables.effects.mda.plugins import URI_PREFIX, find_bundle, load
from trainables.effects.mda.tables import PLUGINS
from trainables.errors import InputError

EFFECTS = load()
SAMPLE_RATE = 44100
# Frozen where the plugin's own default is not the plain choice: rotors slow, link switched by a value below one half.
OTHER_DEFAULTS = {("leslie", "mode"): (0.5, 1.0), ("loudness", "link"): (0.35, 0.0)}


def impulse(samples=40000, at=100):
    audio = np.zeros((2, samples), np.float32)
    audio[:, at] = 0.5
    return audio


def sine(frequency_hz, level, seconds=1.0):
    wave = level * np.sin(2 * np.pi * frequency_hz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)
    return np.stack([wave, wave]).astype(np.float32)


def wet(name, dry, **settings):
    return apply(EFFECTS[name], dry, SAMPLE_RATE, settings)


def level_db(audio):
    """Peak of the second half."""
    return 20 * np.log10(np.abs(audio[:, audio.shape[1] // 2 :]).max())


def described_ports(plugin):
    """(index, symbol, default) of each control port in the plugin's own Turtle file."""
    text = (find_bundle() / f"{plugin.name}.ttl").read_text()
    blocks = re.findall(r"\[[^\[\]]*lv2:ControlPort(?:[^\[\]]|\[[^\[\]]*\])*\]", text)
    field = {key: re.compile(rf'lv2:{key} "?([\w.]+)"?') for key in ("index", "symbol", "default")}
    found = [tuple(field[key].search(block).group(1) for key in ("index", "symbol", "default")) for block in blocks]
    return [(int(index), symbol, float(default)) for index, symbol, default in found]


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_table_is_what_the_plugin_s_own_description_says(plugin):
    ours = [(i, p.name, OTHER_DEFAULTS.get((plugin.effect, p.name), (p.default,))[0]) for i, p in enumerate(plugin.parameters)]
    assert ours == described_ports(plugin)


def test_defaults_that_differ_from_the_plugin_s_are_those_listed():
    for (effect, name), (theirs, ours) in OTHER_DEFAULTS.items():
        parameter = next(p for p in EFFECTS[effect].parameters if p.name == name)
        assert (parameter.default, parameter.frozen) == (ours, True) and theirs != ours


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_every_knob_runs_from_0_to_1(plugin):
    assert {(p.low, p.high, p.normalize(0.25)) for p in plugin.parameters} == {(0.0, 1.0, 0.25)}


def by_lv2apply(plugin, dry, settings, folder):
    soundfile.write(folder / "dry.wav", dry.T, SAMPLE_RATE, subtype="FLOAT")
    controls = [word for name, value in settings.items() for word in ("-c", name, f"{value:.9g}")]
    files = ["-i", folder / "dry.wav", "-o", folder / "wet.wav"]
    subprocess.run(["lv2apply", *files, *controls, URI_PREFIX + plugin.name], check=True, capture_output=True)
    return soundfile.read(folder / "wet.wav", dtype="float32")[0].T


def noise_with_a_pause(random, pause=True):
    dry = (0.2 * random.standard_normal((2, 40000))).astype(np.float32)
    dry[:, 14000:30000] *= 0.0 if pause else 1.0
    return dry


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda plugin: plugin.name)
def test_equals_lv2apply_in_its_blocks_of_one_sample(plugin, seed, tmp_path):
    random = np.random.default_rng(seed)
    dry, settings = noise_with_a_pause(random), {p.name: p.default if p.frozen else random.random() for p in plugin.parameters}
    ours = EFFECTS[plugin.effect].process(dry, SAMPLE_RATE, settings, block_samples=1)
    assert np.array_equal(ours, by_lv2apply(plugin, dry, settings, tmp_path))


@pytest.mark.parametrize("plugin", [p for p in PLUGINS if p.effect != "leslie"], ids=lambda plugin: plugin.name)
def test_equals_lv2apply_in_our_own_blocks_too(plugin, tmp_path):
    """Except for leslie, whose rotors turn once a block."""
    random = np.random.default_rng(7)
    dry = noise_with_a_pause(random, pause=False)
    settings = {p.name: p.default if p.frozen else random.random() for p in plugin.parameters}
    assert np.array_equal(apply(EFFECTS[plugin.effect], dry, SAMPLE_RATE, settings), by_lv2apply(plugin, dry, settings, tmp_path))


@pytest.mark.parametrize("plugin", [p for p in PLUGINS if p.effect not in ("leslie", "ambience")], ids=lambda plugin: plugin.name)
def test_blocks_leave_no_more_than_a_trace_after_a_pause(plugin, tmp_path):
    """Some empty filters at the end of a block once they are nearly silent, which is not heard; ambience its whole reverb."""
    random = np.random.default_rng(7)
    dry, settings = noise_with_a_pause(random), {p.name: p.default if p.frozen else random.random() for p in plugin.parameters}
    ours = apply(EFFECTS[plugin.effect], dry, SAMPLE_RATE, settings)
    assert np.abs(ours - by_lv2apply(plugin, dry, settings, tmp_path)).max() < 1e-5


@pytest.mark.parametrize("name", EFFECTS)
def test_mono_is_the_mean_of_both_outputs_for_the_same_on_both_inputs(name):
    dry = (0.1 * np.random.default_rng(1).standard_normal((1, 20000))).astype(np.float32)
    both = wet(name, np.repeat(dry, 2, axis=0))
    assert np.allclose(wet(name, dry), both.mean(axis=0, keepdims=True), atol=1e-6)


@pytest.mark.parametrize("l_delay", [0.1, 0.5, 0.9])
def test_delay_echo_comes_after_its_time(l_delay):
    left = wet("delay", impulse(), l_delay=l_delay, r_delay=0.25, feedback=0.0, fx_mix=0.5)[0]
    assert np.flatnonzero(np.abs(left) > 0.01).tolist() == [100, 100 + int(32766 * l_delay**2)]


def test_delay_on_the_right_has_nine_fixed_ratios_above_one_half():
    ratios = set()
    for r_delay in np.linspace(0.505, 1.0, 100):
        right = wet("delay", impulse(), l_delay=0.3, r_delay=r_delay, feedback=0.0, fx_mix=0.5)[1]
        ratios.add(round((np.flatnonzero(np.abs(right) > 0.01)[-1] - 100) / 2948, 2))
    assert sorted(ratios) == [0.5, 0.67, 0.75, 0.83, 1.0, 1.2, 1.33, 1.5, 2.0]


def test_longest_delay_starts_from_silence():
    """The plugin never clears the last word of its buffer; MALLOC_PERTURB_ puts 1.5e16 there, which must not be heard."""
    code = "import test_mda; print(test_mda.loudest_of_silence())"
    environment = os.environ | {"MALLOC_PERTURB_": "165", "PYTHONPATH": os.pathsep.join(["tests", *sys.path])}
    output = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
    assert float(output) == 0.0


def loudest_of_silence():
    silence = np.zeros((2, 40000), np.float32)
    return max(np.abs(wet("delay", silence, l_delay=1.0, r_delay=r, feedback=1.0, fx_mix=1.0)).max() for r in (0.25, 0.5, 1.0))


@pytest.mark.parametrize("thresh", [0.0, 0.25, 0.5, 0.75])
def test_limiter_holds_its_threshold(thresh):
    assert level_db(wet("limiter", sine(1000, 0.9), thresh=thresh, output=0.5)) == pytest.approx(40 * thresh - 40, abs=1.5)


def test_flanger_at_rest_delays_by_its_depth():
    left = wet("flanger", impulse(), rate=0.0, depth=0.5, mix=0.5, feedback=0.5, depth_mod=0.0)[0]
    assert np.flatnonzero(np.abs(left) > 0.01).tolist() == [100, 600]


@pytest.mark.parametrize(("loudness", "gain_db"), [(0.0, -37), (0.5, 0), (1.0, 37)])
def test_loudness_turns_the_bass(loudness, gain_db):
    dry = sine(50, 0.001)
    assert level_db(wet("loudness", dry, loudness=loudness)) - level_db(dry) == pytest.approx(gain_db, abs=1.0)


@pytest.mark.parametrize("name", ["overdrive", "ambience", "limiter", "leslie", "combo"])
def test_output_runs_from_minus_20_to_20_db(name):
    dry = sine(1000, 0.01)
    low, high = (level_db(wet(name, dry, output=end)) for end in (0.0, 1.0))
    assert high - low == pytest.approx(40.0, abs=0.1)


def test_overdrive_without_drive_is_the_identity_and_with_it_adds_odd_harmonics():
    dry = sine(1000, 0.1)
    assert np.allclose(wet("overdrive", dry), dry, atol=1e-6)
    spectrum = np.abs(np.fft.rfft(wet("overdrive", dry, drive=1.0)[0]))
    assert spectrum[3000] > 0.05 * spectrum[1000] > 50 * spectrum[2000]


def test_bundle_is_found_in_lv2_path_first(monkeypatch, tmp_path):
    shutil.copytree(find_bundle(), tmp_path / "mda.lv2")
    monkeypatch.setenv("LV2_PATH", f"{tmp_path / 'nothing'}:{tmp_path}")
    assert find_bundle() == tmp_path / "mda.lv2"
    assert [e.identity for e in load().values()] == [e.identity for e in EFFECTS.values()]


def test_another_build_has_another_identity(monkeypatch, tmp_path):
    shutil.copytree(find_bundle(), tmp_path / "mda.lv2")
    with (tmp_path / "mda.lv2" / "Delay.so").open("ab") as library:
        library.write(b"\0")
    monkeypatch.setenv("LV2_PATH", str(tmp_path))
    assert [name for name, effect in load().items() if effect.identity != EFFECTS[name].identity] == ["delay"]


def test_broken_bundle_is_refused_with_what_to_do(monkeypatch, tmp_path):
    (tmp_path / "mda.lv2").mkdir()
    monkeypatch.setenv("LV2_PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"cannot be loaded: .*MultiBand\.so.*apt install mda-lv2"):
        load()
