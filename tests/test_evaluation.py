"""The evaluation set and its scores, with embeddings of which the right score is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from trainables.configs import EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.effects.names import DRY, EFFECT_NAMES, SEED_HELD_OUT
from trainables.errors import InputError
from trainables.evaluation import (
    CLASSES,
    EvaluationSet,
    evaluation_hash,
    evaluation_requests,
    gather,
    pca_embedding,
    score,
    skill_scores,
)
from trainables.takes import Block, BlockRequest, RenderPlan, Take

RECORDINGS = 6  # in each fold


def trial_config(settings_per_effect: int = 12, seed: int = 0) -> TrialConfig:
    return TrialConfig(
        model=VaeConfig(),
        train=TrainConfig(),
        evaluation=EvaluationConfig(settings_per_effect=settings_per_effect),
        front_end=FrontEndConfig(),
        sample_rate=44100,
        clip_samples=65536,
        channels=1,
        trained_effects=tuple(name for name in EFFECT_NAMES if name not in SEED_HELD_OUT),
        held_out_effects=SEED_HELD_OUT,
        seed=seed,
    )


def planted_block(request: BlockRequest, random: np.random.Generator, recordings: int = RECORDINGS) -> Block:
    """A block as rendering would make it: neighbours share settings, on two recordings of the request's fold."""
    pairs = request.items // 2
    settings = random.random((pairs, 0 if request.effect == DRY else 3)).astype(np.float32).repeat(2, axis=0)
    owners = [number for pair in range(pairs) for number in random.permutation(recordings)[:2]]
    takes = tuple(Take(f"fold{request.draw % 2}-{number}.wav", 0, request.effect, ()) for number in owners)
    dry = random.standard_normal((request.items, 1, 4, 5)).astype(np.float32)
    wet = dry if request.effect == DRY else dry + random.standard_normal(dry.shape).astype(np.float32)
    return Block(request.effect, dry, wet, settings, np.arange(pairs).repeat(2), takes)


def planted_set(settings_per_effect: int) -> EvaluationSet:
    random = np.random.default_rng(5)
    return gather([planted_block(request, random) for request in evaluation_requests(trial_config(settings_per_effect))])


@pytest.fixture(scope="module")
def planted() -> EvaluationSet:
    return planted_set(12)


@pytest.fixture(scope="module")
def many_settings() -> EvaluationSet:
    return planted_set(60)


def one_hot(names: tuple[str, ...]) -> np.ndarray:
    return np.eye(len(set(names)))[np.unique(names, return_inverse=True)[1]]


def test_requests_ask_both_folds_of_every_effect_and_dry() -> None:
    requests = evaluation_requests(trial_config(settings_per_effect=13))
    assert {(r.effect, r.draw) for r in requests} == {(e, fold) for e in (*EFFECT_NAMES, DRY) for fold in (0, 1)}
    assert {r.partition for r in requests} == {"evaluation"}
    for effect in (*EFFECT_NAMES, DRY):
        assert sum(r.items for r in requests if r.effect == effect) == 2 * 13


def test_requests_are_the_same_for_every_trial_of_a_sweep() -> None:
    other = replace(trial_config(seed=9), trained_effects=("delay",), held_out_effects=("combo",), model=VaeConfig(latent_size=3))
    assert evaluation_requests(other) == evaluation_requests(trial_config())


def test_hash_changes_with_anything_that_shapes_the_set() -> None:
    config = trial_config()
    plan = RenderPlan("corpus", 44100, 65536, 1, 0, "pedalboard", tuple((n, "a") for n in EFFECT_NAMES), FrontEndConfig())
    hashes = [
        evaluation_hash(plan, config),
        evaluation_hash(plan, trial_config(settings_per_effect=13)),
        evaluation_hash(replace(plan, seed=1), config),
        evaluation_hash(replace(plan, corpus_id="other"), config),
        evaluation_hash(replace(plan, effect_ids=(*plan.effect_ids[:-1], (EFFECT_NAMES[-1], "b"))), config),
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


def test_an_embedding_that_is_the_effect_scores_one(planted: EvaluationSet) -> None:
    scores = score(one_hot(planted.effects), planted, SEED_HELD_OUT)
    assert scores["probe_accuracy"] == scores["knn_accuracy"] == scores["unseen_accuracy"] == 1.0
    assert scores["probe_accuracy_low"] == scores["probe_accuracy_high"] == 1.0
    assert all(scores[f"probe_recall/{effect}"] == 1.0 for effect in CLASSES)


def test_a_random_embedding_scores_chance(planted: EvaluationSet) -> None:
    random = np.random.default_rng(3)
    runs = [score(random.standard_normal((240, 8)), planted, SEED_HELD_OUT) for _ in range(8)]
    for name, chance in {"probe_accuracy": 0.1, "knn_accuracy": 0.1, "retrieval": 0.1, "unseen_accuracy": 1 / 3}.items():
        assert np.mean([run[name] for run in runs]) == pytest.approx(chance, abs=0.05), name
    covered = [run["probe_accuracy_low"] <= 0.1 <= run["probe_accuracy_high"] for run in runs]
    assert np.mean(covered) >= 0.7
    assert np.mean([run["retrieval_rank"] for run in runs]) == pytest.approx(0.5, abs=0.08)


def test_an_embedding_of_the_recording_scores_chance_though_effects_are_bound_to_recordings() -> None:
    """Each fold has its own recording for each effect: a probe that saw both sides of a fold would reach 1."""
    random = np.random.default_rng(1)
    requests = evaluation_requests(trial_config())
    blocks = [planted_block(request, random, recordings=2) for request in requests]
    named = [replace(b, takes=tuple(replace(t, recording=f"{b.effect}-{t.recording}") for t in b.takes)) for b in blocks]
    bound = gather(named)
    scores = score(one_hot(bound.recordings), bound, ())
    assert scores["probe_accuracy"] <= 0.2
    assert scores["knn_accuracy"] <= 0.2


def test_a_constant_embedding_scores_chance_everywhere(planted: EvaluationSet) -> None:
    scores = score(np.full((240, 4), 0.3), planted, SEED_HELD_OUT)
    assert scores["probe_accuracy"] == pytest.approx(0.1)
    assert scores["unseen_accuracy"] == pytest.approx(1 / 3)
    assert scores["retrieval"] == 0.0 and scores["retrieval_rank"] == pytest.approx(0.5)


def test_settings_found_on_another_recording_score_one_in_retrieval(planted: EvaluationSet) -> None:
    codes = np.random.default_rng(2).standard_normal((planted.setting_ids.max() + 1, 16))
    scores = score(codes[planted.setting_ids], planted, SEED_HELD_OUT)
    assert scores["retrieval"] == 1.0 and scores["retrieval_rank"] == 0.0
    assert scores["probe_accuracy"] < 0.25  # other settings on the other side: codes say nothing about the effect


def test_scores_do_not_depend_on_the_order_of_items(planted: EvaluationSet) -> None:
    random = np.random.default_rng(4)
    embeddings = one_hot(planted.effects) + random.standard_normal((240, 10))
    order = random.permutation(240)
    shuffled = EvaluationSet(
        dry=planted.dry[order],
        wet=planted.wet[order],
        effects=tuple(planted.effects[i] for i in order),
        folds=planted.folds[order],
        recordings=tuple(planted.recordings[i] for i in order),
        setting_ids=planted.setting_ids[order],
        settings=tuple(planted.settings[i] for i in order),
        takes=tuple(planted.takes[i] for i in order),
    )
    expected = score(embeddings, planted, SEED_HELD_OUT)
    assert 0.2 < expected["probe_accuracy"] < 0.95
    assert score(embeddings[order], shuffled, SEED_HELD_OUT) == pytest.approx(expected, abs=1e-12)


def test_scores_do_not_depend_on_scale_and_offset_of_a_dimension(planted: EvaluationSet) -> None:
    random = np.random.default_rng(6)
    embeddings = one_hot(planted.effects) + random.standard_normal((240, 10))
    stretched = embeddings * 10.0 ** np.arange(-5, 5) + 7.0
    assert score(stretched, planted, SEED_HELD_OUT) == pytest.approx(score(embeddings, planted, SEED_HELD_OUT), abs=1e-9)


def strengths(planted: EvaluationSet) -> np.ndarray:
    """(items, 3) settings of each item; dry, which has none, is 0."""
    return np.array([row if len(row) else np.zeros(3) for row in planted.settings])


def test_an_embedding_that_is_the_settings_tells_how_strongly(many_settings: EvaluationSet) -> None:
    mixture = np.array([[1.0, 2.0, 0.0, 1.0], [0.0, 1.0, 1.0, 0.0], [3.0, 0.0, 1.0, 0.0]])
    scores = score(strengths(many_settings) @ mixture, many_settings, ())
    assert all(scores[f"settings_r2/{effect}"] > 0.95 for effect in EFFECT_NAMES)
    assert 0.95 < scores["settings_r2_low"] <= scores["settings_r2"] <= scores["settings_r2_high"] <= 1.0
    assert f"settings_r2/{DRY}" not in scores


def test_one_setting_told_of_three_explains_a_third(many_settings: EvaluationSet) -> None:
    assert score(strengths(many_settings)[:, :1], many_settings, ())["settings_r2"] == pytest.approx(1 / 3, abs=0.1)


def test_an_embedding_that_knows_settings_apart_but_not_how_strong_explains_nothing(many_settings: EvaluationSet) -> None:
    codes = np.random.default_rng(2).standard_normal((many_settings.setting_ids.max() + 1, 16))
    assert score(codes[many_settings.setting_ids], many_settings, ())["settings_r2"] < 0.1


def test_a_frozen_setting_does_not_count(planted: EvaluationSet) -> None:
    frozen = replace(planted, settings=tuple(np.append(row, np.float32(0.5)) for row in planted.settings))
    told, told_frozen = (score(strengths(planted), one, ())["settings_r2"] for one in (planted, frozen))
    assert told_frozen == pytest.approx(told, abs=1e-12)


def test_effects_without_settings_are_left_out_of_how_strongly(planted: EvaluationSet) -> None:
    bare = tuple(row[:0] if e == "delay" else row for row, e in zip(planted.settings, planted.effects, strict=True))
    scores = score(strengths(planted), replace(planted, settings=bare), ())
    assert "settings_r2/delay" not in scores and np.isfinite(list(scores.values())).all()
    assert "settings_r2" not in score(strengths(planted), replace(planted, settings=tuple(row[:0] for row in bare)), ())


@pytest.mark.parametrize("held_out", [(), ("combo",)])
def test_unseen_accuracy_needs_two_held_out_effects(planted: EvaluationSet, held_out: tuple[str, ...]) -> None:
    assert "unseen_accuracy" not in score(one_hot(planted.effects), planted, held_out)


def test_unseen_accuracy_looks_at_held_out_effects_only(planted: EvaluationSet) -> None:
    trained_only = one_hot(planted.effects) * ~np.isin(planted.effects, SEED_HELD_OUT)[:, None]
    scores = score(trained_only, planted, SEED_HELD_OUT)
    assert scores["probe_accuracy"] > 0.7
    assert scores["unseen_accuracy"] == pytest.approx(1 / 3)


def test_interval_is_wider_when_recordings_disagree(planted: EvaluationSet) -> None:
    embeddings = one_hot(planted.effects)
    bad = np.isin(planted.recordings, ("fold0-0.wav", "fold1-0.wav", "fold1-1.wav"))
    random = np.random.default_rng(8)
    spread = random.permutation(np.flatnonzero(~bad))[: bad.sum()]

    def width(spoilt: np.ndarray) -> float:
        changed = embeddings.copy()
        changed[spoilt] = random.standard_normal((len(changed[spoilt]), 10)) * 3
        scores = score(changed, planted, ())
        assert scores["probe_accuracy_low"] < scores["probe_accuracy"] < scores["probe_accuracy_high"]
        return scores["probe_accuracy_high"] - scores["probe_accuracy_low"]

    assert width(bad) > 1.5 * width(spread)


@pytest.mark.parametrize("broken", [np.full((240, 3), np.nan), np.zeros((239, 3)), np.zeros(240)])
def test_embeddings_that_are_not_one_finite_vector_each_are_refused(planted: EvaluationSet, broken: np.ndarray) -> None:
    with pytest.raises(ValueError, match="one finite vector"):
        score(broken, planted, ())


def test_copying_dry_has_no_skill_and_perfection_has_skill_one(planted: EvaluationSet) -> None:
    copied, perfect = skill_scores(planted.dry, planted), skill_scores(planted.wet, planted)
    for effect in EFFECT_NAMES:
        assert copied[f"skill/{effect}"] == 0.0 and perfect[f"skill/{effect}"] == 1.0
    assert copied["skill/mean"] == 0.0 and copied["beats_dry"] == 0
    assert perfect["skill/mean"] == 1.0 and perfect["beats_dry"] == 9


def test_skill_is_told_for_each_effect_alone(planted: EvaluationSet) -> None:
    delay = np.array([effect == "delay" for effect in planted.effects])[:, None, None, None]
    half_way = np.where(delay, (planted.dry + planted.wet) / 2, planted.dry + 2 * (planted.dry - planted.wet))
    scores = skill_scores(half_way.astype(np.float32), planted)
    assert scores["skill/delay"] == pytest.approx(0.75, abs=1e-4)
    assert scores["skill/combo"] == pytest.approx(-8.0, abs=1e-3)
    assert scores["beats_dry"] == 1


def low_rank(planted: EvaluationSet, items: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(7)
    dry = random.standard_normal((items, *planted.dry.shape[1:])).astype(np.float32)
    return dry, dry + random.standard_normal(dry.shape).astype(np.float32)


@pytest.mark.parametrize("items", [6, 100])  # fewer and more than the 20 features: either Gram matrix
def test_pca_is_that_of_a_full_decomposition(planted: EvaluationSet, items: int) -> None:
    dry, wet = low_rank(planted, items)
    found = pca_embedding(dry, wet, planted, 3, "difference")
    train = (wet - dry).reshape(items, -1).astype(np.float64)
    axes = np.linalg.svd(train - train.mean(0), full_matrices=False)[2][:3]
    expected = ((planted.wet - planted.dry).reshape(240, -1) - train.mean(0)) @ axes.T
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=2e-4)


@pytest.mark.parametrize("items", [6, 100])
def test_pca_fills_what_items_cannot_span_with_zeros(planted: EvaluationSet, items: int) -> None:
    found = pca_embedding(*low_rank(planted, items), planted, 30, "wet")
    spanned = min(items - 1, 20)
    assert found.shape == (240, 30)
    assert (found[:, spanned:] == 0).all() and (found[:, :spanned].std(axis=0) > 0).all()


def test_pca_sees_what_the_model_sees(planted: EvaluationSet) -> None:
    dry, wet = low_rank(planted, 50)
    other = replace(planted, dry=planted.dry + 1 + np.float32(0.5) * planted.wet)
    changes = {
        seen: np.abs(pca_embedding(dry, wet, planted, 4, seen) - pca_embedding(dry, wet, other, 4, seen)).max()
        for seen in ("difference", "wet", "pair")
    }
    assert changes["wet"] == 0 and changes["difference"] > 0.1 and changes["pair"] > 0.1
