"""The seed study's model as a control: what it hears, and what it must not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from synthetic_blocks import CONFIG, SyntheticSource, with_model, with_train

from trainables.evaluation.evaluation import evaluation_requests, gather
from trainables.evaluation.seed_control import control_examples, wet_config, wet_vae_embedding

SOURCE = SyntheticSource(CONFIG)
EXAMPLES = control_examples(CONFIG, SOURCE)
CLIPS = gather(SyntheticSource(CONFIG).blocks(evaluation_requests(CONFIG)))


def test_it_has_the_models_size_and_hears_the_wet_clip_alone() -> None:
    assert wet_vae_embedding(CONFIG, EXAMPLES, CLIPS).shape == (len(CLIPS.effects), CONFIG.model.latent_size)
    other_dry = replace(CLIPS, dry=CLIPS.dry + 1.0)
    np.testing.assert_array_equal(wet_vae_embedding(CONFIG, EXAMPLES, other_dry), wet_vae_embedding(CONFIG, EXAMPLES, CLIPS))


def test_it_is_trained() -> None:
    untrained = wet_vae_embedding(CONFIG, EXAMPLES, CLIPS)
    other = wet_vae_embedding(CONFIG, replace(EXAMPLES, wet=tuple(2 * wet for wet in EXAMPLES.wet)), CLIPS)
    assert np.abs(untrained - other).max() > 1e-4


def test_it_is_the_same_for_every_split_and_every_model_of_one_size() -> None:
    other_split = replace(CONFIG, trained_effects=("leslie", "combo"), held_out_effects=())
    assert {request.effect for request in SOURCE.asked} == set(CONFIG.effects)
    first, second = (control_examples(config, SyntheticSource(config)) for config in (CONFIG, other_split))
    assert all(np.array_equal(a, b) for a, b in zip(first.wet, second.wet, strict=True))
    other = with_train(with_model(CONFIG, input="pair", contrastive_weight=1.0, beta=3.0), learning_rate=0.9, batch_size=4)
    assert (wet_config(other).model, wet_config(other).train) == (wet_config(CONFIG).model, wet_config(CONFIG).train)
