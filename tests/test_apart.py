"""Our own effects in a process of their own: the same bytes, and a crash that costs one take."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus.corpus import load_corpus
from trainables.effects import apply
from trainables.effects.isolation.apart import _Process, apart
from trainables.effects.isolation.isolated import host_process
from trainables.effects.selection import EffectChoice, load_choice, nine
from trainables.errors import TakeFailed
from trainables.parameters import draw
from trainables.rendering.blocks import BlockRenderer, fingerprint
from trainables.rendering.rendering import make_plan
from trainables.rendering.takes import BlockRequest

CHOICES = (
    EffectChoice("delay", "delay", "mda"),
    EffectChoice("echoes", "mda:delay > pedalboard:chorus", "mda", (("p1_mix", "free"),)),
    EffectChoice("hot", "overdrive", "pedalboard", (("drive_db", (3.0, 9.0)),)),
)
DRY = (0.2 * np.random.default_rng(0).standard_normal((2, 12000))).astype(np.float32)


def known_knobs(choice: EffectChoice) -> EffectChoice:
    """The choice with its knob's setting on a knob that its effect has."""
    effect = load_choice(EffectChoice(choice.name, choice.source, choice.backend))
    first = effect.parameters[0]
    setting = (first.low, (first.low + first.high) / 2)
    return EffectChoice(choice.name, choice.source, choice.backend, ((first.name, setting),) if choice.knobs else ())


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.name)
def test_bytes_are_those_of_our_own_process(choice: EffectChoice) -> None:
    choice = known_knobs(choice)
    effect = load_choice(choice)
    random = np.random.default_rng(1)
    for dry in (DRY, DRY[:1], DRY[:, :1]):
        settings = draw(effect.parameters, random)
        assert np.array_equal(apply(apart(effect, choice), dry, 44100, settings), apply(effect, dry, 44100, settings))


def test_careful_blocks_have_the_bytes_of_others() -> None:
    audio = AudioConfig(sample_rate=16000, clip_samples=8192)
    corpus = load_corpus(audio, seed=0)
    plan = make_plan(corpus, audio, FrontEndConfig(fft_size=1024, bands=32), nine("mda"), seed=0)
    for request in (BlockRequest("leslie", "train", 0, 4), BlockRequest("dry", "evaluation", 0, 4)):
        blocks = [BlockRenderer(corpus, plan, careful).render(request) for careful in (False, True)]
        assert fingerprint(blocks[0]) == fingerprint(blocks[1])


def test_a_crash_costs_one_take_and_names_the_effect() -> None:
    effect = apart(load_choice(CHOICES[0]), CHOICES[0])
    before = apply(effect, DRY, 44100, {})
    assert isinstance(effect.process, _Process)
    process_id = host_process(effect.process.hosted)
    assert process_id is not None
    os.kill(process_id, signal.SIGSTOP)
    os.kill(process_id, signal.SIGKILL)
    try:
        after = apply(effect, DRY, 44100, {})
    except TakeFailed as failure:
        assert failure.kind == "crashed" and "mda:delay" in failure.detail
        after = apply(effect, DRY, 44100, {})
    assert np.array_equal(before, after)
