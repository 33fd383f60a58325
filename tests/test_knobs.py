"""Knobs told from embeddings of which it is known what they hold."""

from __future__ import annotations

import numpy as np
import pytest
from planted_evaluation import planted_set, strengths

from trainables.effects.names import EFFECT_NAMES
from trainables.evaluation.evaluation_set import EvaluationSet
from trainables.evaluation.knobs import KnobScore, knob_scores
from trainables.parameters import Parameter

KNOBS = (
    Parameter("gain_db", -20.0, 20.0, 0.0, "dB"),
    Parameter("cutoff_hz", 20.0, 20000.0, 1000.0, "Hz", "log"),
    Parameter("mix", 0.0, 1.0, 0.5),
)
PARAMETERS = dict.fromkeys(EFFECT_NAMES, KNOBS)


@pytest.fixture(scope="module")
def planted() -> EvaluationSet:
    return planted_set(40)


def by_knob(scores: tuple[KnobScore, ...], effect: str) -> dict[str, KnobScore]:
    return {score.knob: score for score in scores if score.effect == effect}


def test_an_embedding_that_is_the_settings_tells_every_knob_of_every_effect(planted: EvaluationSet) -> None:
    scores = knob_scores(strengths(planted), planted, PARAMETERS)
    assert [(score.effect, score.knob) for score in scores] == [(e, k.name) for e in sorted(EFFECT_NAMES) for k in KNOBS]
    assert all(score.r2.value > 0.9 and score.error < 0.3 * score.mean_error for score in scores)


def test_errors_are_in_the_unit_of_the_knob(planted: EvaluationSet) -> None:
    told = by_knob(knob_scores(np.zeros((len(planted.effects), 2)), planted, PARAMETERS), "delay")
    assert told["gain_db"].unit == "dB" and told["gain_db"].mean_error == pytest.approx(40 / 12**0.5, rel=0.2)
    assert told["mix"].mean_error == pytest.approx(1 / 12**0.5, rel=0.2)


def test_an_embedding_that_knows_nothing_is_no_better_than_the_mean(planted: EvaluationSet) -> None:
    noise = np.random.default_rng(0).standard_normal((len(planted.effects), 4))
    scores = knob_scores(noise, planted, PARAMETERS)
    assert np.mean([score.r2.value for score in scores]) < 0.05
    assert all(score.r2.low <= score.r2.value <= score.r2.high for score in scores)


def test_one_known_knob_does_not_make_the_others_known(planted: EvaluationSet) -> None:
    told = by_knob(knob_scores(strengths(planted)[:, :1], planted, PARAMETERS), "combo")
    assert told["gain_db"].r2.value > 0.9 and told["mix"].r2.value < 0.2
