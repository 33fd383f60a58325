"""Rendering by real Ray actors: one render for each block, the same bytes for any number of actors, losses mended."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import ray
from made_up_plans import with_build

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.effects.selection import nine
from trainables.rendering.blocks import InlineSource, fingerprint
from trainables.rendering.catalogue import RenderingLost
from trainables.rendering.parcels import unpack
from trainables.rendering.render_actors import CatalogueSource, Rendering, start_rendering
from trainables.rendering.rendering import make_plan
from trainables.rendering.takes import BlockRequest, RenderPlan, block_bytes

AUDIO = AudioConfig(sample_rate=16000, clip_samples=8192)
REQUESTS = [BlockRequest(effect, "train", draw, 8) for effect in ("delay", "combo") for draw in range(3)]


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(AUDIO, seed=0)


@pytest.fixture(scope="module")
def plan(corpus: Corpus) -> RenderPlan:
    return make_plan(corpus, AUDIO, FrontEndConfig(fft_size=1024, hop_samples=512, bands=32), nine("mda"), seed=0)


@pytest.fixture
def rendering(request: pytest.FixtureRequest, local_ray: None, corpus: Corpus, plan: RenderPlan) -> Iterator[Rendering]:
    started = start_rendering(corpus, plan, actors=getattr(request, "param", 2))
    yield started
    for actor in (started.catalogue, *started.renderers):
        ray.kill(actor)


@ray.remote(num_cpus=0)
def ask(catalogue: Any, requests: list[BlockRequest]) -> list[bytes]:
    return [block.wet.tobytes() for block in CatalogueSource(catalogue).blocks(requests)]


@pytest.mark.parametrize("rendering", [1, 3], indirect=True)
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


def test_timbre_is_measured_once_by_the_actors(rendering: Rendering, corpus: Corpus, plan: RenderPlan) -> None:
    requests = [BlockRequest("delay", "train", 0, 4), BlockRequest("delay", "train", 0, 4, "timbre")]
    answers = ray.get([ask.remote(rendering.catalogue, requests) for _ in range(2)])
    expected = [block.wet.tobytes() for block in InlineSource(corpus, plan).blocks(requests)]
    assert answers == [expected, expected]
    assert ray.get(rendering.catalogue.counts.remote()).rendered_blocks == 2


def test_dead_actors_and_lost_blocks_cost_a_render_and_no_byte(rendering: Rendering) -> None:
    source = CatalogueSource(rendering.catalogue)
    before = [block.wet.copy() for block in source.blocks(REQUESTS)]
    for actor in rendering.renderers:
        ray.kill(actor, no_restart=False)
    ray.get(rendering.catalogue.forget.remote(REQUESTS))
    after = source.blocks(REQUESTS)
    assert all(np.array_equal(old, new.wet) for old, new in zip(before, after, strict=True))


def test_actors_killed_at_work_come_back_and_no_byte_is_lost(rendering: Rendering, corpus: Corpus, plan: RenderPlan) -> None:
    requests = [BlockRequest(effect, "train", draw, 16) for effect in ("multiband", "combo") for draw in range(60)]
    ids = ray.get([actor.__ray_call__.remote(lambda self: os.getpid()) for actor in rendering.renderers])
    answer = rendering.catalogue.get.remote(requests)
    while not ray.get(rendering.catalogue.counts.remote()).rendered_blocks:
        pass
    for process_id in ids:
        os.kill(process_id, signal.SIGKILL)
    blocks = [unpack(parcel) for parcel in ray.get(ray.get(answer))]
    expected = InlineSource(corpus, plan).blocks(requests)
    assert [fingerprint(block) for block in blocks] == [fingerprint(block) for block in expected]
    counts = ray.get(rendering.catalogue.counts.remote())
    assert counts.actors == len(ids) and counts.rendered_takes == 1920 and counts.retried_takes >= 16


def test_blocks_of_audio_come_from_the_same_actors(rendering: Rendering, corpus: Corpus, plan: RenderPlan) -> None:
    request = BlockRequest("delay", "train", 0, 4, form="audio")
    [block] = CatalogueSource(rendering.catalogue).blocks([request])
    assert block.wet.shape == (4, 1, AUDIO.clip_samples)
    assert fingerprint(block) == fingerprint(InlineSource(corpus, plan).blocks([request])[0])


def test_actors_with_another_build_than_the_sweep_s_are_refused_with_the_reason(
    local_ray: None, corpus: Corpus, plan: RenderPlan
) -> None:
    started = start_rendering(corpus, with_build(plan, "delay", "older"), actors=1)
    with pytest.raises(RenderingLost, match=r"effect 'delay': is build .* and the sweep began with build older"):
        CatalogueSource(started.catalogue).blocks(REQUESTS[:1])
    ray.kill(started.catalogue)


def test_a_budget_of_bytes_is_kept_to(local_ray: None, corpus: Corpus, plan: RenderPlan) -> None:
    room = 2 * block_bytes(plan, REQUESTS[0]) + 1
    started = start_rendering(corpus, plan, actors=1, capacity_bytes=room)
    source = CatalogueSource(started.catalogue)
    first = [fingerprint(block) for request in REQUESTS for block in source.blocks([request])]
    again = [fingerprint(block) for block in source.blocks(REQUESTS)]
    counts = ray.get(started.catalogue.counts.remote())
    assert first == again and counts.kept_bytes <= room
    assert counts.evicted_blocks > 0 and counts.rendered_again_takes > 0 and counts.different_blocks == 0
    for actor in (started.catalogue, *started.renderers):
        ray.kill(actor)


def test_catalogue_that_died_renders_anew(rendering: Rendering) -> None:
    source = CatalogueSource(rendering.catalogue)
    before = [block.wet.copy() for block in source.blocks(REQUESTS[:2])]
    ray.kill(rendering.catalogue, no_restart=False)
    after = source.blocks(REQUESTS[:2])
    assert all(np.array_equal(old, new.wet) for old, new in zip(before, after, strict=True))
