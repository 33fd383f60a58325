"""The evaluation set: what it asks for, what names it, and that its halves share nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from made_up_plans import made_up_plan, with_build
from planted_evaluation import planted_block, planted_set, trial_config

from trainables.configs import FrontEndConfig, VaeConfig
from trainables.effects.names import DRY, EFFECT_NAMES
from trainables.errors import InputError
from trainables.evaluation.evaluation_set import EvaluationSet, evaluation_hash, evaluation_requests, gather


@pytest.fixture(scope="module")
def planted() -> EvaluationSet:
    return planted_set(12)


def test_requests_ask_both_folds_of_every_effect_and_dry() -> None:
    requests = evaluation_requests(trial_config(settings_per_effect=13))
    assert {(r.effect, r.draw) for r in requests} == {(e, fold) for e in (*EFFECT_NAMES, DRY) for fold in (0, 1)}
    assert {r.partition for r in requests} == {"evaluation"}
    for effect in (*EFFECT_NAMES, DRY):
        assert sum(r.items for r in requests if r.effect == effect) == 2 * 13


def test_requests_are_the_same_for_every_trial_of_a_sweep() -> None:
    other = replace(trial_config(seed=9), trained_effects=("delay",), held_out_effects=("combo",), model=VaeConfig(latent_size=3))
    assert evaluation_requests(other) == evaluation_requests(trial_config())


def test_a_sweep_s_own_effects_are_what_is_asked_and_told_apart() -> None:
    config = replace(trial_config(), effects=("delay", "tube"))
    requests = evaluation_requests(config)
    assert [r.effect for r in requests] == ["delay", "delay", "tube", "tube", DRY, DRY]
    gathered = gather([planted_block(request, np.random.default_rng(0)) for request in requests])
    assert gathered.classes == ("delay", "tube", DRY)
    assert set(gathered.labels) == {0, 1, 2}


def test_hash_changes_with_anything_that_shapes_the_set() -> None:
    config = trial_config()
    plan = made_up_plan()
    hashes = [
        evaluation_hash(plan, config),
        evaluation_hash(plan, trial_config(settings_per_effect=13)),
        evaluation_hash(replace(plan, seed=1), config),
        evaluation_hash(replace(plan, corpus_id="other"), config),
        evaluation_hash(with_build(plan, EFFECT_NAMES[-1], "b"), config),
        evaluation_hash(replace(plan, front_end=FrontEndConfig(bands=64)), config),
    ]
    assert len(set(hashes)) == len(hashes)
    trained_otherwise = replace(config, seed=4, model=VaeConfig(latent_size=3), held_out_effects=())
    assert evaluation_hash(plan, trained_otherwise) == hashes[0]


def test_gather_keeps_folds_apart_and_settings_unique(planted: EvaluationSet) -> None:
    folds, recordings = planted.folds, np.array(planted.recordings)
    assert not set(recordings[folds == 0]) & set(recordings[folds == 1])
    assert len(planted.dry) == len(planted.wet) == len(planted.effects) == len(planted.settings) == 240
    ids, counts = np.unique(planted.setting_ids, return_counts=True)
    assert len(ids) == 120 and (counts == 2).all()
    for setting in ids:
        first, second = np.flatnonzero(planted.setting_ids == setting)
        assert planted.effects[first] == planted.effects[second]
        assert planted.folds[first] == planted.folds[second]
        assert planted.recordings[first] != planted.recordings[second]
        assert np.array_equal(planted.settings[first], planted.settings[second])


def test_gather_refuses_a_recording_in_both_folds() -> None:
    requests = evaluation_requests(trial_config())
    random = np.random.default_rng(0)
    leaking = [planted_block(replace(request, draw=0), random) for request in requests]
    with pytest.raises(InputError, match="both halves"):
        gather(leaking)
