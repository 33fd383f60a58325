"""Scores of embeddings of which the right score is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_evaluation import CLASSES, one_hot, planted_block, planted_set, trial_config

from trainables.effects.names import EFFECT_NAMES, SEED_HELD_OUT
from trainables.evaluation.evaluation import score
from trainables.evaluation.evaluation_set import EvaluationSet, evaluation_requests, gather
from trainables.evaluation.skill import skill_scores


@pytest.fixture(scope="module")
def planted() -> EvaluationSet:
    return planted_set(12)


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
    leaking = replace(bound, folds=random.permutation(np.arange(120) % 2)[bound.setting_ids])
    assert score(one_hot(bound.recordings), leaking, ())["probe_accuracy"] > 0.9  # so the trap works


def test_an_embedding_of_the_recording_leaks_it_and_one_of_the_effect_does_not(planted: EvaluationSet) -> None:
    leaking, honest = (score(one_hot(names), planted, ()) for names in (planted.recordings, planted.effects))
    assert leaking["recording_leakage"] == 1.0
    assert abs(honest["recording_leakage"] - honest["recording_chance"]) < 0.15 and honest["recording_leakage_low"] < 0.5
    assert honest["silhouette"] == pytest.approx(1.0) and leaking["silhouette"] < 0.1


def test_retrieval_is_also_told_effect_by_effect(planted: EvaluationSet) -> None:
    codes = np.random.default_rng(2).standard_normal((planted.setting_ids.max() + 1, 16))[planted.setting_ids]
    blurred = np.where((np.array(planted.effects) == "delay")[:, None], 0.0, codes)
    scores = score(blurred, planted, ())
    assert scores["retrieval/combo"] == 1.0 and scores["retrieval/delay"] == 0.0 and "retrieval/dry" not in scores


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


def test_seen_accuracy_looks_at_the_effects_that_are_not_held_out_only(planted: EvaluationSet) -> None:
    held_out_only = one_hot(planted.effects) * np.isin(planted.effects, SEED_HELD_OUT)[:, None]
    scores = score(held_out_only, planted, SEED_HELD_OUT)
    assert scores["unseen_accuracy"] == 1.0
    assert scores["seen_accuracy"] == pytest.approx(1 / 6)
    assert score(one_hot(planted.effects), planted, ())["seen_accuracy"] == 1.0, "all nine are, where none is held out"


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
