"""Rendering by real Ray actors: one render for each block, the same bytes for any number of actors, losses mended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import ray

from trainables.blocks import InlineSource
from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus import Corpus, load_corpus
from trainables.effects.selection import nine
from trainables.render_actors import CatalogueSource, Rendering, start_rendering
from trainables.rendering import make_plan
from trainables.takes import BlockRequest, RenderPlan

AUDIO = AudioConfig(sample_rate=16000, clip_samples=8192)
REQUESTS = [BlockRequest(effect, "train", draw, 8) for effect in ("delay", "combo") for draw in range(3)]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(AUDIO, seed=0)


@pytest.fixture(scope="module")
def plan(corpus: Corpus) -> RenderPlan:
    return make_plan(corpus, AUDIO, FrontEndConfig(fft_size=1024, hop_samples=512, bands=32), nine("mda"), seed=0)


@pytest.fixture(params=[1, 3])
def rendering(request: pytest.FixtureRequest, local_ray: None, corpus: Corpus, plan: RenderPlan) -> Iterator[Rendering]:
    started = start_rendering(corpus, plan, actors=request.param)
    yield started
    for actor in (started.catalogue, *started.renderers):
        ray.kill(actor)


@ray.remote(num_cpus=0)
def ask(catalogue: Any, requests: list[BlockRequest]) -> list[bytes]:
    return [block.wet.tobytes() for block in CatalogueSource(catalogue).blocks(requests)]


def test_many_askers_at_once_get_one_render_and_the_bytes_of_an_inline_one(
    rendering: Rendering, corpus: Corpus, plan: RenderPlan
) -> None:
    answers = ray.get([ask.remote(rendering.catalogue, REQUESTS) for _ in range(4)])
    expected = [block.wet.tobytes() for block in InlineSource(corpus, plan).blocks(REQUESTS)]
    assert all(answer == expected for answer in answers)
    counts = ray.get(rendering.catalogue.counts.remote())
    assert counts.rendered_takes == sum(request.items for request in REQUESTS)
    assert counts.asked_takes == 4 * counts.rendered_takes
    assert counts.shared_takes == 3 * counts.rendered_takes


def test_dead_actors_and_lost_blocks_cost_a_render_and_no_byte(rendering: Rendering) -> None:
    source = CatalogueSource(rendering.catalogue)
    before = [block.wet.copy() for block in source.blocks(REQUESTS)]
    for actor in rendering.renderers:
        ray.kill(actor, no_restart=False)
    ray.get(rendering.catalogue.forget.remote(REQUESTS))
    after = source.blocks(REQUESTS)
    assert all(np.array_equal(old, new.wet) for old, new in zip(before, after, strict=True))


def test_catalogue_that_died_renders_anew(rendering: Rendering) -> None:
    source = CatalogueSource(rendering.catalogue)
    before = [block.wet.copy() for block in source.blocks(REQUESTS[:2])]
    ray.kill(rendering.catalogue, no_restart=False)
    after = source.blocks(REQUESTS[:2])
    assert all(np.array_equal(old, new.wet) for old, new in zip(before, after, strict=True))
