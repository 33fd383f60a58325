"""What a search listens by: none to oneself, more the more an effect did, and each finds settings again."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from small_matcher import AUDIO, CORPUS, matcher_config

from trainables.audio import Audio
from trainables.configs import VaeConfig
from trainables.corpus.clips import draw_clip
from trainables.effects import apply, load_effects
from trainables.features import spectrogram_shape
from trainables.matching.deciding import Task, decide
from trainables.matching.decision import Manner
from trainables.matching.ears import Ear, EmbeddingEar, MelEar, MetricEar, mono_at
from trainables.matching.knob_space import KnobSpace
from trainables.matching.pairing import PairedDistance, Reference
from trainables.matching.search import Refine, Tried, by_cma, search, spread_points
from trainables.matching.spectral_metrics import mrstft
from trainables.models.vae import Vae
from trainables.training.embedder import Embedder
from tune.search.knob_tpe import by_tpe

RATE = AUDIO.sample_rate
OVERDRIVE = load_effects("mda")["overdrive"]
SPACE = KnobSpace(OVERDRIVE.parameters)
GOAL = np.array([0.3, 0.7, 0.5])


def clip(place: int, samples: int = 16_384) -> Audio:
    return draw_clip(CORPUS.recordings[place], samples, np.random.default_rng(place))[1]


def driven(dry: Audio, muffle: float) -> Audio:
    return apply(OVERDRIVE, dry, RATE, {"drive": 0.0, "muffle": muffle})


@cache
def embedding_ear() -> EmbeddingEar:
    torch.manual_seed(0)
    shape = spectrogram_shape(matcher_config().front_end, RATE, AUDIO.clip_samples)
    vae = Vae(VaeConfig(latent_size=16), 1, *shape).eval()
    return EmbeddingEar(Embedder(matcher_config(), vae).eval(), RATE, AUDIO.clip_samples)


def ears() -> list[Ear]:
    return [MelEar(), MetricEar(), embedding_ear()]


@pytest.mark.parametrize("which", range(3))
def test_a_sound_is_no_distance_from_itself_and_farther_the_more_was_done(which: int) -> None:
    ear, dry = ears()[which], clip(0)
    untouched = ear.hear(dry, dry, RATE)
    little, much = (ear.apart(ear.hear(dry, driven(dry, muffle), RATE), untouched) for muffle in (0.2, 0.9))
    assert ear.apart(untouched, untouched) == pytest.approx(0.0, abs=1e-5)
    assert little > 0.0 and (little < much or ear.name == "embedding")  # of which only the direction counts


@pytest.mark.parametrize("which", range(3))
@pytest.mark.parametrize("refine", [by_cma, by_tpe])
def test_settings_are_found_again_by_every_ear_and_either_search(which: int, refine: Refine) -> None:
    reference = Reference(apply(OVERDRIVE, clip(0), RATE, {"drive": 0.7, "muffle": 0.4}), clip(0), RATE)
    task = Task(clip(5), reference, 60, Manner(ears()[which], refine))
    decision = decide(OVERDRIVE, SPACE, task, None, np.random.default_rng(0))
    assert not decision.does_nothing and decision.renders == 60 and decision.ratio < 0.5


def test_the_metric_ear_is_the_metric_and_the_embedding_one_is_of_unit_vectors() -> None:
    dry, wet = clip(0), driven(clip(0), 0.5)
    distance = PairedDistance(OVERDRIVE, SPACE, Reference(wet, dry, RATE), MetricEar())
    assert distance.untouched == mrstft(dry, wet)
    heard = embedding_ear().hear(dry, wet, RATE)
    assert heard.shape == (2, 16)  # two clips of what the model was trained on
    np.testing.assert_allclose(np.linalg.norm(heard, axis=1), 1.0, atol=1e-6)
    assert embedding_ear().apart(heard, -heard) == pytest.approx(2.0, abs=1e-6)


def test_stereo_at_another_rate_is_heard_as_mono_at_the_model_s() -> None:
    wide = np.concatenate([clip(0), clip(0)])
    np.testing.assert_allclose(mono_at(wide, RATE, RATE), clip(0), atol=1e-7)
    assert mono_at(wide, RATE, 2 * RATE).shape == (1, 2 * 16_384)
    doubled = mono_at(wide, RATE, 2 * RATE)
    heard = embedding_ear().hear(doubled, doubled, 2 * RATE)
    assert embedding_ear().apart(heard, embedding_ear().hear(wide, wide, RATE)) < 0.2


@pytest.mark.parametrize("refine", [by_cma, by_tpe])
def test_a_search_spends_its_renders_keeps_its_best_and_repeats_itself(refine: Refine) -> None:
    asked: list[float] = []

    def distance(point: np.ndarray) -> float:
        asked.append(float(np.square(point - GOAL).sum()))
        return asked[-1]

    found, again = (
        search(distance, spread_points(3, 16, np.random.default_rng(0)), np.full(3, 0.2), 80, np.random.default_rng(1), refine)
        for _ in range(2)
    )
    assert len(asked) == 160 and found.renders == 80
    assert found.distance == min(asked) == pytest.approx(float(np.square(found.point - GOAL).sum()))
    assert found.distance < 0.5 * min(asked[:16]) and found.distance < 0.02
    np.testing.assert_array_equal(found.point, again.point)
    assert refine(distance, Tried(GOAL[None], np.zeros(1)), np.full(3, 0.2), 0, np.random.default_rng(0)).distance == np.inf
