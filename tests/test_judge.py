from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from synthetic_blocks import CONFIG, SyntheticSource, with_model

from trainables.configs import TrialConfig
from trainables.evaluation.evaluation import EvaluationSet, evaluation_requests, gather
from trainables.rendering.schedule import control_portions
from trainables.rendering.source import fetch
from trainables.training import judge
from trainables.training.judge import ITEMS_AT_ONCE, control_scores, embed, model_scores
from trainables.training.learner import build_model


def evaluation_set(config: TrialConfig = CONFIG) -> EvaluationSet:
    return gather(SyntheticSource(config).blocks(evaluation_requests(config)))


def test_the_untrained_control_has_the_weights_that_training_starts_from(monkeypatch: pytest.MonkeyPatch) -> None:
    scored: list[np.ndarray] = []
    monkeypatch.setattr(judge, "score", lambda embeddings, *rest: scored.append(embeddings) or {"x": 1.0})
    examples = fetch(SyntheticSource(CONFIG), control_portions(CONFIG))
    controls = control_scores(CONFIG, evaluation_set(), examples)
    assert controls == {"untrained/x": 1.0, "pca/x": 1.0, "statistics_pca/x": 1.0, "random/x": 1.0}
    np.testing.assert_array_equal(scored[0], embed(build_model(CONFIG), evaluation_set()))
    assert {embeddings.shape for embeddings in scored} == {(80, CONFIG.model.latent_size)}


def test_embedding_in_chunks_is_embedding_at_once() -> None:
    asked = evaluation_set()
    assert len(asked.effects) > ITEMS_AT_ONCE
    model = build_model(CONFIG)
    whole = model.embed(torch.from_numpy(asked.dry), torch.from_numpy(asked.wet))
    np.testing.assert_allclose(embed(model, asked), whole.detach().numpy(), atol=1e-5)


@pytest.mark.parametrize(("alive", "expected"), [(0, 0.0), (3, 3.0), (8, 8.0)])
def test_active_dimensions_are_those_whose_mean_varies(alive: int, expected: float) -> None:
    model = build_model(CONFIG)
    with torch.no_grad():
        model.encoder.head.weight[alive:] *= 1e-4
        model.encoder.head.weight[:alive] *= 10.0
    assert model_scores(model, CONFIG, evaluation_set())["active_dimensions"] == expected


def test_a_model_that_copies_the_dry_clip_has_no_skill() -> None:
    scores = model_scores(build_model(CONFIG), CONFIG, evaluation_set())
    assert scores["skill/mean"] == pytest.approx(0.0, abs=1e-6)
    assert scores["beats_dry"] == 0


@pytest.mark.parametrize("seen", ["difference", "wet", "pair"])
def test_every_input_can_be_judged_also_in_stereo(seen: str) -> None:
    config = with_model(replace(CONFIG, channels=2), input=seen)
    scores = model_scores(build_model(config), config, evaluation_set(config))
    assert all(np.isfinite(value) for value in scores.values())
