"""Takes and blocks: pure, shared, and the same bytes whatever is asked before them."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from made_up_plans import with_build

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.effects.names import DRY, EFFECT_NAMES
from trainables.effects.selection import nine
from trainables.errors import InputError
from trainables.rendering.blocks import BlockRenderer
from trainables.rendering.rendering import draw_takes, eligible, make_plan, planned_effects, render
from trainables.rendering.takes import Block, BlockRequest, RenderPlan, block_identity
from trainables.timbre import Timbre, block_timbres

AUDIO = AudioConfig(sample_rate=16000, clip_samples=8192)
FRONT_END = FrontEndConfig(fft_size=1024, hop_samples=512, bands=32)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus(AUDIO, seed=0)


@pytest.fixture(scope="module", params=["mda", "pedalboard"])
def plan(request: pytest.FixtureRequest, corpus: Corpus) -> RenderPlan:
    return make_plan(corpus, AUDIO, FRONT_END, nine(request.param), seed=0)


def block_bytes(block: Block) -> bytes:
    return block.dry.tobytes() + block.wet.tobytes() + block.settings.tobytes() + pickle.dumps(block.takes)


def requests(count: int = 1) -> list[BlockRequest]:
    return [BlockRequest(effect, "train", draw, 4) for effect in (*EFFECT_NAMES, DRY) for draw in range(count)]


def test_same_request_gives_the_same_bytes_in_any_order(corpus: Corpus, plan: RenderPlan) -> None:
    first, second = BlockRenderer(corpus, plan), BlockRenderer(corpus, plan)
    forwards = {request: block_bytes(first.render(request)) for request in requests()}
    backwards = {request: block_bytes(second.render(request)) for request in reversed(requests())}
    assert forwards == backwards


def test_shorter_request_is_a_prefix_of_a_longer_one(corpus: Corpus, plan: RenderPlan) -> None:
    renderer = BlockRenderer(corpus, plan)
    long, short = (renderer.render(BlockRequest("delay", "train", 3, items)) for items in (6, 4))
    assert np.array_equal(long.wet[:4], short.wet) and long.takes[:4] == short.takes


def test_every_setting_is_on_two_recordings_of_the_partition(corpus: Corpus, plan: RenderPlan) -> None:
    block = BlockRenderer(corpus, plan).render(BlockRequest("overdrive", "validation", 0, 8))
    names = {recording.name for recording in corpus.partition("validation")}
    for one, other in zip(block.takes[::2], block.takes[1::2], strict=True):
        assert one.settings == other.settings and one.recording != other.recording
        assert {one.recording, other.recording} <= names
    assert block.setting_ids.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_folds_of_the_evaluation_set_share_no_recording(corpus: Corpus) -> None:
    even, odd = (eligible(corpus, BlockRequest("delay", "evaluation", fold, 4)) for fold in (0, 1))
    assert not {r.name for r in even} & {r.name for r in odd}
    assert {r.name for r in (*even, *odd)} == {r.name for r in corpus.partition("evaluation")}


def test_dry_take_comes_out_as_it_went_in(corpus: Corpus, plan: RenderPlan) -> None:
    block = BlockRenderer(corpus, plan).render(BlockRequest(DRY, "train", 0, 4))
    assert np.array_equal(block.dry, block.wet)


def test_every_effect_changes_its_takes(corpus: Corpus, plan: RenderPlan) -> None:
    renderer = BlockRenderer(corpus, plan)
    for effect in EFFECT_NAMES:
        block = renderer.render(BlockRequest(effect, "train", 0, 4))
        assert np.isfinite(block.wet).all() and not np.array_equal(block.dry, block.wet)


def test_identity_names_what_shapes_the_bytes_and_nothing_else(corpus: Corpus, plan: RenderPlan) -> None:
    request = BlockRequest("delay", "train", 0, 4)
    same = with_build(plan, "combo", "x")
    assert block_identity(plan, request) == block_identity(same, request)
    changed = [
        block_identity(replace(plan, seed=1), request),
        block_identity(replace(plan, corpus_id="other"), request),
        block_identity(replace(plan, front_end=replace(FRONT_END, bands=33)), request),
        block_identity(with_build(plan, "delay", "rebuilt"), request),
        block_identity(plan, replace(request, draw=1)),
        block_identity(plan, replace(request, items=6)),
        block_identity(plan, replace(request, partition="validation")),
        block_identity(plan, replace(request, effect="combo")),
        block_identity(plan, replace(request, form="audio")),
        block_identity(plan, replace(request, form="timbre")),
    ]
    assert len({block_identity(plan, request), *changed}) == len(changed) + 1


def test_take_renders_to_the_block_it_came_from(corpus: Corpus, plan: RenderPlan) -> None:
    effect = planned_effects(plan)["limiter"]
    takes = draw_takes(plan, corpus, effect, BlockRequest("limiter", "train", 0, 2))
    recording = next(r for r in corpus.recordings if r.name == takes[0].recording)
    dry, wet = render(takes[0], recording, effect, plan)
    again = render(takes[0], recording, effect, plan)[1]
    assert dry.shape == wet.shape == (1, AUDIO.clip_samples) and np.array_equal(wet, again)


def test_audio_of_a_block_is_what_its_takes_render_to(corpus: Corpus, plan: RenderPlan) -> None:
    block = BlockRenderer(corpus, plan).render(BlockRequest("combo", "train", 1, 4, form="audio"))
    recordings, effect = {r.name: r for r in corpus.recordings}, planned_effects(plan)["combo"]
    for take, dry, wet in zip(block.takes, block.dry, block.wet, strict=True):
        expected = render(take, recordings[take.recording], effect, plan)
        assert np.array_equal(dry, expected[0]) and np.array_equal(wet, expected[1])


def test_audio_and_spectrograms_are_of_the_same_takes(corpus: Corpus, plan: RenderPlan) -> None:
    renderer, request = BlockRenderer(corpus, plan), BlockRequest("combo", "train", 1, 4)
    assert renderer.render(request).takes == renderer.render(replace(request, form="audio")).takes


def test_front_end_does_not_name_blocks_of_audio(plan: RenderPlan) -> None:
    other = replace(plan, front_end=replace(FRONT_END, bands=33))
    request = BlockRequest("delay", "train", 0, 4, form="audio")
    assert block_identity(plan, request) == block_identity(other, request)


def test_another_build_than_the_sweep_began_with_is_refused(corpus: Corpus, plan: RenderPlan) -> None:
    with pytest.raises(InputError, match=r"effect 'delay': is build \w+ on .*, and the sweep began with build older\."):
        BlockRenderer(corpus, with_build(plan, "delay", "older"))


def test_a_block_of_timbre_is_what_is_heard_of_the_wet_clips_of_its_audio(corpus: Corpus, plan: RenderPlan) -> None:
    renderer, request = BlockRenderer(corpus, plan), BlockRequest("overdrive", "train", 0, 4)
    heard, audio = (renderer.render(replace(request, form=form)) for form in ("timbre", "audio"))
    assert heard.takes == audio.takes and heard.dry.shape == (4, 0) and heard.unmeasured == ()
    expected = [(one.brightness, one.depth) for one in block_timbres(audio, plan.sample_rate)]
    np.testing.assert_allclose(heard.wet, expected, rtol=1e-6)


def test_what_cannot_be_measured_is_nan_with_its_reason(
    corpus: Corpus, plan: RenderPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, deaf = Timbre(50.0, 40.0), Timbre(50.0, math.nan, ("depth: no onset",))
    monkeypatch.setattr("trainables.timbre.block_timbres", lambda block, sample_rate: [known, deaf, known, deaf])
    block = BlockRenderer(corpus, plan).render(BlockRequest("overdrive", "train", 0, 4, "timbre"))
    assert np.isnan(block.wet).tolist() == [[False, False], [False, True]] * 2
    assert block.unmeasured == ("depth: no onset",) * 2
