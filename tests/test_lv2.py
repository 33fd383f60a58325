import resource
from pathlib import Path

import numpy as np
import pytest

from trainables.effects.effect import BLOCK_SAMPLES
from trainables.effects.lv2.calls import Binary, Ports, Stage, run, verify
from trainables.effects.mda.plugins import URI_PREFIX, find_bundle

PORTS = {"Overdrive": 3, "Delay": 6, "Ambience": 4}


def binary(name):
    return Binary(find_bundle() / f"{name}.so", URI_PREFIX + name)


def ports(name):
    first = PORTS[name]
    return Ports(tuple(range(first)), (first, first + 1), (first + 2, first + 3))


def noise(samples, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal((2, samples))).astype(np.float32)


def test_verify_accepts_the_plugin_meant():
    verify(binary("Delay"))


def test_verify_refuses_another_plugin_in_its_place():
    with pytest.raises(OSError, match=r"holds http://drobilla\.net/plugins/mda/Delay, not"):
        verify(Binary(find_bundle() / "Delay.so", URI_PREFIX + "Leslie"))


def test_verify_refuses_what_is_missing_or_no_plugin(tmp_path):
    text = tmp_path / "text.so"
    text.write_text("not a library")
    for path in (tmp_path / "missing.so", text, Path("libm.so.6")):
        with pytest.raises(OSError, match=path.name):
            verify(Binary(path, "urn:any"))


def test_stages_share_one_instance_and_its_state():
    controls, audio = (0.3, 0.25, 0.5, 0.5, 0.9, 0.5), noise(12000)
    whole = run(binary("Delay"), ports("Delay"), [Stage(controls, audio)], 44100, BLOCK_SAMPLES)[0]
    parts = run(
        binary("Delay"),
        ports("Delay"),
        [Stage(controls, audio[:, :8192]), Stage(controls, audio[:, 8192:])],
        44100,
        BLOCK_SAMPLES,
    )
    assert np.array_equal(np.hstack(parts), whole)
    alone = run(binary("Delay"), ports("Delay"), [Stage(controls, audio[:, 8192:])], 44100, BLOCK_SAMPLES)[0]
    assert not np.array_equal(alone, parts[1])


def test_audio_longer_than_a_block_is_whole():
    audio = noise(3 * BLOCK_SAMPLES + 17)
    wet = run(binary("Overdrive"), ports("Overdrive"), [Stage((0.0, 0.0, 0.5), audio)], 44100, BLOCK_SAMPLES)[0]
    assert np.allclose(wet, audio, atol=1e-6)


def test_instances_are_given_back():
    """Each Delay holds 128 KiB: five hundred kept alive would be 64 MiB."""
    stage = [Stage((0.5,) * 6, noise(64))]
    run(binary("Delay"), ports("Delay"), stage, 44100, BLOCK_SAMPLES)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(500):
        run(binary("Delay"), ports("Delay"), stage, 44100, BLOCK_SAMPLES)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 16 * 1024
