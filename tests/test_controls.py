"""PCA as a control: right, of any size, and of what the model sees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_evaluation import planted_set

from trainables.evaluation.controls import (
    pca_embedding,
    random_embedding,
    statistics,
    statistics_embedding,
    statistics_pca_embedding,
)
from trainables.evaluation.evaluation_set import EvaluationSet


@pytest.fixture(scope="module")
def planted() -> EvaluationSet:
    return planted_set(12)


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


def test_statistics_are_those_of_each_band_over_time() -> None:
    rising = np.arange(5, dtype=np.float32) * np.array([[0.0], [1.0], [-2.0]], np.float32)
    found = statistics(rising[None, None]).reshape(4, 3)
    np.testing.assert_allclose(found[0], [0.0, 2.0, -4.0])
    np.testing.assert_allclose(found[1], np.sqrt(2.0) * np.array([0.0, 1.0, 2.0]), rtol=1e-6)
    np.testing.assert_allclose(found[2], 0.0, atol=1e-6)
    np.testing.assert_allclose(found[3], [0.0, 1.0, 2.0])


def test_components_of_statistics_keep_the_largest_differences_whatever_their_unit(planted: EvaluationSet) -> None:
    dry, wet = low_rank(planted, 100)
    size = statistics_embedding(planted, "difference").shape[1]
    whole = statistics_pca_embedding(dry, wet, planted, size, "difference")
    spread = statistics(wet - dry).std(axis=0)
    expected = statistics_embedding(planted, "difference") / spread
    distances = [np.linalg.norm(rows[:20, None] - rows[None, :20], axis=2) for rows in (whole, expected)]
    np.testing.assert_allclose(*distances, rtol=1e-3, atol=1e-3)
    part = statistics_pca_embedding(dry, wet, planted, 2, "difference")
    np.testing.assert_allclose(part, whole[:, :2], atol=1e-6)


def test_random_projections_are_the_same_for_a_seed_and_keep_distances_roughly(planted: EvaluationSet) -> None:
    once, again, other = (random_embedding(planted, 400, "difference", seed) for seed in (0, 0, 1))
    assert np.array_equal(once, again) and not np.array_equal(once, other)
    flat = (planted.wet - planted.dry).reshape(240, -1)
    ratios = np.linalg.norm(once - once[0], axis=1)[1:] / np.linalg.norm(flat - flat[0], axis=1)[1:]
    assert ratios.std() / ratios.mean() < 0.2
