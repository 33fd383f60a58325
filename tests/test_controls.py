"""PCA as a control: right, of any size, and of what the model sees."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_evaluation import planted_set

from trainables.controls import pca_embedding
from trainables.evaluation_set import EvaluationSet


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
