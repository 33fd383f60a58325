"""How strongly: settings_r2 of embeddings that hold all, some or none of the settings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_evaluation import planted_set, strengths

from trainables.effects.names import DRY, EFFECT_NAMES
from trainables.evaluation.evaluation import score
from trainables.evaluation.evaluation_set import EvaluationSet


@pytest.fixture(scope="module")
def planted() -> EvaluationSet:
    return planted_set(12)


@pytest.fixture(scope="module")
def many_settings() -> EvaluationSet:
    return planted_set(60)


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
