"""Installed LV2 plugins against two hosts that are not ours: lv2apply, and pedalboard with their VST3 builds."""

import json
import subprocess

import numpy as np
import pytest
import soundfile
from signals import noise

from trainables.effects import apply
from trainables.effects.effect import BLOCK_SAMPLES
from trainables.effects.isolation.isolated import stop
from trainables.effects.lv2.description import describe
from trainables.effects.lv2.effects import host_lv2, installed_lv2, load_lv2
from trainables.effects.lv2.host import Lv2Host
from trainables.effects.mda.tables import PLUGINS
from trainables.parameters import draw

SAMPLE_RATE = 44100
MDA = "http://drobilla.net/plugins/mda/"
ZAM = "urn:zamaudio:"
NINE = {f"{MDA}{plugin.name}" for plugin in PLUGINS}
OTHERS = [uri for uri, _, why in installed_lv2() if uri.startswith(MDA) and not why and uri not in NINE]
# Their bytes depend on the length of the blocks, by design of the plugins; lv2apply runs single samples.
MOVED_BY_BLOCKS = {f"{MDA}{name}" for name in ("Degrade", "RePsycho", "Vocoder")}


def drawn(parameters, seed=7):
    return draw(parameters, np.random.default_rng(seed))


def by_lv2apply(uri, dry, controls, folder):
    """(channels, samples) as lv2apply renders it; `controls`: values by port symbol."""
    soundfile.write(folder / "dry.wav", dry.T, SAMPLE_RATE, subtype="FLOAT")
    words = [word for symbol, value in controls.items() for word in ("-c", symbol, f"{value:.9g}")]
    files = ["-i", folder / "dry.wav", "-o", folder / "wet.wav"]
    subprocess.run(["lv2apply", *files, *words, uri], check=True, capture_output=True)
    return soundfile.read(folder / "wet.wav", dtype="float32")[0].T


def port_values(uri, controlled, settings):
    symbols = {port.index: port.symbol for port in describe(uri).ports}
    return {symbols[control.index]: control.at_port(settings, SAMPLE_RATE) for control in controlled.controls}


def test_there_are_23_others_of_mda():
    assert len(OTHERS) == 23


@pytest.mark.parametrize("uri", OTHERS)
def test_equals_lv2apply(uri, tmp_path):
    plugin, hosted, controlled = host_lv2(uri)
    dry, settings = noise(2, 20000, level=0.2), drawn(plugin.parameters)
    host, controls = Lv2Host(json.loads(hosted.specification)), port_values(uri, controlled, settings)
    block_samples = 1 if uri in MOVED_BY_BLOCKS else BLOCK_SAMPLES
    ours = host.render(dry, SAMPLE_RATE, {"controls": list(controls.values())}, block_samples)
    assert np.array_equal(ours, by_lv2apply(uri, dry, controls, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("uri", [uri for uri in OTHERS if uri not in MOVED_BY_BLOCKS])
def test_equals_lv2apply_through_a_process_of_its_own(uri, tmp_path):
    _, hosted, controlled = host_lv2(uri)
    effect = load_lv2(uri)
    dry, settings = noise(2, 20000, level=0.2), drawn(effect.parameters)
    theirs = by_lv2apply(uri, dry, port_values(uri, controlled, settings), tmp_path)
    assert np.array_equal(apply(effect, dry, SAMPLE_RATE, settings), theirs)
    stop(hosted)


def test_a_loaded_plugin_equals_lv2apply_and_has_its_level_frozen(tmp_path):
    uri = f"{MDA}DubDelay"
    effect, (_, hosted, controlled) = load_lv2(uri), host_lv2(uri)
    dry, settings = noise(2, 20000, level=0.2), drawn(effect.parameters)
    theirs = by_lv2apply(uri, dry, port_values(uri, controlled, settings), tmp_path)
    assert np.array_equal(apply(effect, dry, SAMPLE_RATE, settings), theirs)
    assert (effect.name, effect.title, effect.backend) == ("mda_dub_delay", "MDA DubDelay", "lv2")
    assert [p.name for p in effect.parameters if p.frozen] == ["output"]
    stop(hosted)


def test_the_same_plugin_has_the_same_identity_and_another_one_another():
    first, again, other = load_lv2(f"{MDA}RingMod"), load_lv2(f"{MDA}RingMod"), load_lv2(f"{MDA}Stereo")
    assert first.identity == again.identity != other.identity
    for name in ("RingMod", "Stereo"):
        stop(host_lv2(f"{MDA}{name}")[1])


@pytest.mark.parametrize("name", ["ZamEQ2", "ZamCompX2"])
def test_a_mono_plugin_treats_channels_alone_and_a_stereo_one_together(name):
    plugin, hosted, controlled = host_lv2(f"{ZAM}{name}")
    render, settings = controlled(hosted), drawn(plugin.parameters)
    dry = np.concatenate([noise(1, 6000, seed=1), noise(1, 6000, seed=2, level=0.4)])
    together = render(dry, SAMPLE_RATE, settings)
    alone = np.concatenate([render(channel[None], SAMPLE_RATE, settings) for channel in dry])
    assert np.array_equal(together, alone) == (name == "ZamEQ2")
    stop(hosted)
