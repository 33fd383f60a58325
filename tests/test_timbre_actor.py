"""The timbre of the evaluation set: that of each take in its order, measured once, and what has none is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import ray
from synthetic_blocks import CONFIG

from trainables.blocks import InlineSource
from trainables.configs import AudioConfig
from trainables.corpus import Corpus, load_corpus
from trainables.effects.selection import nine
from trainables.evaluation_set import evaluation_requests
from trainables.render_actors import start_rendering
from trainables.rendering import make_plan
from trainables.takes import Block, RenderPlan
from trainables.timbre import timbre
from trainables.timbre_actor import measure_blocks, start_timbre_meter

AUDIO = AudioConfig(sample_rate=16000, clip_samples=8192)
SWEEP = replace(CONFIG, clip_samples=8192, trained_effects=("delay",), held_out_effects=("combo",), effects=("delay", "combo"))


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(AUDIO, seed=0)


@pytest.fixture(scope="module")
def plan(corpus: Corpus) -> RenderPlan:
    return make_plan(corpus, AUDIO, SWEEP.front_end, nine("mda"), seed=0)


@pytest.fixture
def catalogue(local_ray: None, corpus: Corpus, plan: RenderPlan) -> Iterator[Any]:
    started = start_rendering(corpus, plan, actors=1)
    yield started.catalogue
    for actor in (started.catalogue, *started.renderers):
        ray.kill(actor)


def audio_blocks(corpus: Corpus, plan: RenderPlan) -> list[Block]:
    return InlineSource(corpus, plan).blocks([replace(request, form="audio") for request in evaluation_requests(SWEEP)])


def test_each_item_has_the_timbre_of_its_take_in_the_evaluation_set_s_order_and_is_asked_for_once(
    catalogue: Any, corpus: Corpus, plan: RenderPlan
) -> None:
    meter = start_timbre_meter(catalogue)
    measured = ray.get(meter.measure.remote(SWEEP))
    blocks = audio_blocks(corpus, plan)
    wet = [timbre(audio, SWEEP.sample_rate) for block in blocks for audio in block.wet]
    dry = [timbre(audio, SWEEP.sample_rate) for block in blocks for audio in block.dry]
    assert len(wet) == 24 and np.isfinite(measured.wet_brightness).any()
    for column, values in (
        (measured.wet_brightness, [one.brightness for one in wet]),
        (measured.wet_depth, [one.depth for one in wet]),
        (measured.dry_brightness, [one.brightness for one in dry]),
        (measured.dry_depth, [one.depth for one in dry]),
    ):
        np.testing.assert_allclose(column, values, rtol=1e-9)
    ray.get(meter.measure.remote(SWEEP))
    assert ray.get(catalogue.counts.remote()).asked_takes == 24
    ray.kill(meter)


def test_what_has_no_timbre_is_nan_and_counted_by_its_reason(corpus: Corpus, plan: RenderPlan) -> None:
    block = audio_blocks(corpus, plan)[0]
    wet = block.wet.copy()
    wet[1], wet[2] = 0.0, 0.0
    wet[3, 0, 100] = np.inf
    measured = measure_blocks([replace(block, wet=wet)], SWEEP.sample_rate)
    for column in (measured.wet_brightness, measured.wet_depth):
        assert np.isnan(column).tolist() == [False, True, True, True]
    assert np.isfinite([measured.dry_brightness, measured.dry_depth]).all()
    assert measured.missing == {"wet, silent": 2, "wet, not finite": 1}
