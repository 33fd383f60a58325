"""Takes rendered at other settings: against the plugin itself, and the same whoever renders them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import ray
from small_matcher import CORPUS, PLAN, effects, matcher_config, source

from trainables.corpus.corpus import cut_clip
from trainables.effects import Effect, apply
from trainables.errors import TakeFailed
from trainables.gradients import GradientConfig, loss_gradient
from trainables.matching.fitting import fit_matcher
from trainables.matching.knob_space import KnobSpace
from trainables.matching.mel_distance import apart_db, see
from trainables.matching.probed_takes import DB, ProbedTakes
from trainables.rendering.blocks import InlineSource
from trainables.rendering.probes import render_probes
from trainables.rendering.render_actors import CatalogueSource, Rendering, start_rendering
from trainables.rendering.replacement import TRIES
from trainables.rendering.source import ProbingSource
from trainables.rendering.takes import BlockRequest, Probes, Take

RATE = PLAN.sample_rate
OVERDRIVE = effects()["overdrive"]
SPACE = KnobSpace(OVERDRIVE.parameters)
TAKES = source().blocks([BlockRequest("overdrive", "train", 0, 4, "features")])[0].takes
POINTS = np.array([[0.1, 0.2], [0.9, 0.4], [0.3, 0.8], [0.5, 0.5], [0.7, 0.6]])
ITEMS = np.array([2, 0, 1, 0, 3])


def dry_of(take: Take) -> np.ndarray:
    recording = next(recording for recording in CORPUS.recordings if recording.name == take.recording)
    return cut_clip(recording, take.offset_samples, PLAN.clip_samples)


def probed(by: ProbingSource) -> ProbedTakes:
    return ProbedTakes(by, TAKES, SPACE)


def test_a_probe_is_the_plugin_s_own_sound_at_its_settings_and_an_audio_block_s_at_the_take_s() -> None:
    sounds = probed(source()).renders(POINTS, ITEMS)
    expected = [apply(OVERDRIVE, dry_of(TAKES[i]), RATE, SPACE.settings(p)) for p, i in zip(POINTS, ITEMS, strict=True)]
    np.testing.assert_array_equal(sounds, np.stack(expected))
    block = source().blocks([BlockRequest("overdrive", "train", 0, 4, "audio")])[0]
    own = source().probe([Probes(take, (take.settings, None), "audio") for take in TAKES])
    np.testing.assert_array_equal(np.stack([both[0] for both in own]), block.wet)
    np.testing.assert_array_equal(np.stack([both[1] for both in own]), block.dry)


def test_a_probe_is_played_at_its_take_s_speed() -> None:
    varied = replace(PLAN, speed_octaves=0.5)
    block = InlineSource(CORPUS, varied).blocks([BlockRequest("overdrive", "train", 0, 4, "audio")])[0]
    assert all(take.speed != 1.0 for take in block.takes)
    for take, dry, wet in zip(block.takes, block.dry, block.wet, strict=True):
        found = render_probes(Probes(take, (None, take.settings), "audio"), varied, CORPUS, OVERDRIVE)
        np.testing.assert_allclose(found, np.stack([dry, wet]), atol=1e-6)


def test_a_distance_is_that_of_the_sound_from_the_take_s_own_in_the_order_of_the_points() -> None:
    losses = probed(source()).losses(POINTS, ITEMS)
    for place, (point, item) in enumerate(zip(POINTS, ITEMS, strict=True)):
        right = apply(OVERDRIVE, dry_of(TAKES[item]), RATE, dict(TAKES[item].settings))
        sound = apply(OVERDRIVE, dry_of(TAKES[item]), RATE, SPACE.settings(point))
        assert losses[place] == pytest.approx(DB * apart_db(see(sound, RATE), see(right, RATE)), abs=1e-6)
    right_points = np.stack([SPACE.point(dict(take.settings)) for take in TAKES])
    np.testing.assert_allclose(probed(source()).losses(right_points, np.arange(4)), 0.0, atol=1e-3)
    untouched = probed(source()).untouched_db(4)
    assert untouched.shape == (4,) and untouched.min() > 0.1


def test_a_point_that_cannot_be_rendered_has_no_distance_and_no_gradient() -> None:
    def failing(dry: np.ndarray, sample_rate: int, settings: dict[str, float], *, block_samples: int = 8192) -> np.ndarray:
        return OVERDRIVE.process(dry, sample_rate, settings) * np.float32(np.nan if settings["drive"] > 0.8 else 1.0)

    broken = replace(OVERDRIVE, process=failing)
    take = replace(TAKES[0], settings=tuple(sorted(SPACE.settings(np.array([0.5, 0.5])).items())))
    asked = tuple(tuple(sorted(SPACE.settings(np.array([drive, 0.5])).items())) for drive in (0.2, 0.95))
    near, none = render_probes(Probes(take, asked), PLAN, CORPUS, broken)
    assert near > 0.0 and np.isnan(none)
    holed = loss_gradient(
        np.array([[0.5, 0.5]]),
        lambda points, items: np.where(points[:, 0] > 0.5, np.nan, points[:, 1]),
        GradientConfig("differences", 0.1),
        np.random.default_rng(0),
    )
    np.testing.assert_allclose(holed, [[0.0, 1.0]])


def test_a_plugin_that_fails_for_a_while_is_tried_again() -> None:
    def process_with(failures: list[int]) -> Effect:
        def process(dry: np.ndarray, sample_rate: int, settings: dict[str, float], *, block_samples: int = 8192) -> np.ndarray:
            if failures:
                failures.pop()
                raise TakeFailed("hung", "for 10 s")
            return OVERDRIVE.process(dry, sample_rate, settings)

        return replace(OVERDRIVE, process=process)

    probes = Probes(TAKES[0], (TAKES[0].settings,), "audio")
    patient = render_probes(probes, PLAN, CORPUS, process_with([1] * (TRIES - 1)))
    np.testing.assert_array_equal(patient, source().probe([probes])[0])
    with pytest.raises(TakeFailed):
        render_probes(probes, PLAN, CORPUS, process_with([1] * TRIES))


@pytest.fixture
def rendering(local_ray: None) -> Iterator[Rendering]:
    started = start_rendering(CORPUS, PLAN, actors=2)
    yield started
    for actor in (started.catalogue, *started.renderers):
        ray.kill(actor)


def test_render_actors_give_the_same_renders_losses_and_training_as_this_process(rendering: Rendering) -> None:
    actors = CatalogueSource(rendering.catalogue)
    np.testing.assert_array_equal(probed(actors).renders(POINTS, ITEMS), probed(source()).renders(POINTS, ITEMS))
    np.testing.assert_array_equal(probed(actors).losses(POINTS, ITEMS), probed(source()).losses(POINTS, ITEMS))
    config = matcher_config(1, gradient="spsa", gradient_from=0, gradient_items=32, gradient_draws=2)
    ours, theirs = (next(iter(fit_matcher(config, by, effects()))).metrics for by in (actors, source()))
    assert {k: v for k, v in ours.items() if "seconds" not in k} == {k: v for k, v in theirs.items() if "seconds" not in k}
    assert ray.get(rendering.catalogue.counts.remote()).probes >= ours["train/gradient_renders"]


def test_probes_of_actors_that_are_killed_at_work_are_rendered_by_others(rendering: Rendering) -> None:
    takes = CatalogueSource(rendering.catalogue).blocks([BlockRequest("overdrive", "train", 0, 4, "features")])[0].takes
    settings = tuple(tuple(sorted(SPACE.settings(np.array([x, 0.5])).items())) for x in np.linspace(0.0, 1.0, 16))
    asked = [Probes(take, settings) for take in takes] * 40
    ids = ray.get([actor.__ray_call__.remote(lambda self: os.getpid()) for actor in rendering.renderers])
    answer = rendering.catalogue.probe.remote(asked)
    while not ray.get(rendering.catalogue.counts.remote()).probes:
        pass
    for process_id in ids:
        os.kill(process_id, signal.SIGKILL)
    found = ray.get(ray.get(answer))
    expected = source().probe(asked[:4])
    assert all(np.array_equal(one, expected[place % 4]) for place, one in enumerate(found))
    assert ray.get(rendering.catalogue.counts.remote()).retried_takes > 0
