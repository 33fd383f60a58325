"""Same take, same bytes: twice, in any order, in any process, by any worker, whatever was rendered before."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from every_effect import EFFECTS, digests, every_effect, poison, rendered, takes

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus.corpus import load_corpus
from trainables.effects import apply
from trainables.effects.selection import nine
from trainables.features import FrontEnd, spectrograms
from trainables.rendering.blocks import render_block
from trainables.rendering.rendering import make_plan, render
from trainables.rendering.takes import BlockRequest

AUDIO = AudioConfig(sample_rate=16000, clip_samples=8192)
FRONT_END = FrontEndConfig(fft_size=1024, hop_samples=512, bands=32)


@pytest.fixture(scope="module")
def expected():
    return digests()


@every_effect
def test_render_is_the_same_again_and_against_the_order(source):
    effect = EFFECTS[source]
    forwards = [apply(effect, dry, 44100, s) for dry, s in takes(effect)]
    backwards = [apply(effect, dry, 44100, s) for dry, s in reversed(takes(effect))]
    assert all(np.array_equal(a, b) for a, b in zip(forwards, reversed(backwards), strict=True))


@pytest.mark.parametrize(
    ("filling", "call"),
    [
        ("90", "digests(backwards=True)"),
        ("165", "digests(poisoners=['mda:multiband', 'pedalboard:phaser'])"),
    ],
    ids=["backwards", "poisoned"],
)
def test_render_is_the_same_in_a_fresh_process_whatever_its_memory_held(filling, call, expected):
    """MALLOC_PERTURB_ fills what malloc gives, so that a plugin which reads uninitialised memory is found out."""
    code = f"import json, every_effect; print(json.dumps(every_effect.{call}))"
    environment = os.environ | {"MALLOC_PERTURB_": filling, "PYTHONPATH": os.pathsep.join(["tests", *sys.path])}
    output = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
    assert json.loads(output.splitlines()[-1]) == expected


@pytest.mark.parametrize("source", sorted(set(EFFECTS) - {"pedalboard:mp3"}))  # which checked audio alone may reach
def test_render_is_the_same_after_the_effect_itself_was_given_nonsense(source, expected):
    poison(source)
    assert rendered(source) == expected[source]


@every_effect
def test_two_threads_render_the_same_as_one(source, expected):
    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(rendered, [source] * 4)) == {expected[source]}


@pytest.fixture(scope="module")
def corpus():
    return load_corpus(AUDIO, seed=0)


@pytest.fixture(scope="module")
def plan(corpus):
    """Of other effects: a block is rendered by the effect that it is given."""
    return make_plan(corpus, AUDIO, FRONT_END, nine("mda"), seed=0)


@every_effect
def test_a_block_is_its_takes_rendered_alone(source, corpus, plan):
    torch.set_num_threads(1)
    front_end = FrontEnd(FRONT_END, AUDIO.sample_rate)
    block = render_block(BlockRequest(source, "train", 0, 4), plan, corpus, {source: EFFECTS[source]}, front_end)
    recordings = {recording.name: recording for recording in corpus.recordings}
    for index in (3, 0, 2, 1):
        take = block.takes[index]
        dry, wet = render(take, recordings[take.recording], EFFECTS[source], plan)
        assert np.array_equal(block.dry[index], spectrograms(front_end, dry))
        assert np.array_equal(block.wet[index], spectrograms(front_end, wet))
