"""Contests on real audio: everybody on the same takes, by every objective that a sweep may have. The models are untrained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from promotable_sweep import untrained
from tiny_model import tiny_config

from trainables.configs import AudioConfig
from trainables.corpus.corpus import load_corpus
from trainables.effects.selection import nine
from trainables.training.embedder import build_vae
from tune.errors import InvalidInput
from tune.promotion.contenders import Candidate, Contender, trained_contender
from tune.promotion.contest import DO_NOTHING, Arena, Contest, hold_contests
from tune.sweep_file.objective_section import MATCH_RATIO, SCORES

CONFIG = replace(tiny_config(), held_out_effects=("leslie", "combo"))
FREE = {"untrained", "pca", "statistics_pca", "statistics", "random"}


@pytest.fixture(scope="module")
def arena() -> Arena:
    audio = AudioConfig(sample_rate=CONFIG.sample_rate, clip_samples=CONFIG.clip_samples)
    corpus = load_corpus(audio, 0)
    kept = tuple(replace(one, partition="evaluation") for one in corpus.recordings[:4])
    effects = tuple(one for one in nine("pedalboard") if one.name in ("delay", "flanger", "leslie", "combo"))
    return Arena(replace(corpus, recordings=kept, identity="kept"), audio, effects, "probe_accuracy", 4, (1, 2))


def contender(name: str, seed: int) -> Contender:
    config = replace(CONFIG, seed=seed)
    return trained_contender(name, config, build_vae(config, untrained(config)["model"]))


def held(arena: Arena, **changed: object) -> tuple[Contest, str]:
    """Of a model with the weights of the control `untrained`, its champion and one with the same settings."""
    candidate = Candidate(3, CONFIG, Path("x"), contender("trial 3", 0), (contender("seed 5", 5),))
    (contest,), evaluation_hash = hold_contests(replace(arena, **changed), [candidate], contender("champion", 7))  # type: ignore[arg-type]
    return contest, evaluation_hash


@pytest.mark.parametrize("score", [one.removeprefix("eval/") for one in SCORES if one != MATCH_RATIO])
def test_every_objective_is_judged_beside_its_controls_on_the_same_items(arena: Arena, score: str) -> None:
    contest, _ = held(arena, score=score, seeds=(1,))
    others = [*contest.controls.values(), contest.champion, *contest.siblings]
    assert all(one is not None and np.array_equal(one.recordings, contest.ours.recordings) for one in others)
    assert len(contest.siblings) == 1 and np.isfinite(contest.ours.value)
    assert set(contest.controls) == ({DO_NOTHING} if score == "skill/mean" else FREE)
    control = contest.controls[DO_NOTHING if score == "skill/mean" else "untrained"].value
    assert control == (0.0 if score in ("skill/mean", "unseen_gain") else contest.ours.value)


def test_a_gain_is_what_is_above_the_untrained_encoder(arena: Arena) -> None:
    accuracy, gain = (held(arena, score=score, seeds=(1,))[0] for score in ("unseen_accuracy", "unseen_gain"))
    assert accuracy.champion is not None and gain.champion is not None
    assert gain.champion.value == pytest.approx(accuracy.champion.value - accuracy.controls["untrained"].value)


def test_all_draws_count_and_each_is_another(arena: Arena) -> None:
    both, evaluation_hash = held(arena)
    one, other_hash = held(arena, seeds=(1,))
    assert len(both.ours.parts) == 2 * len(one.ours.parts) and both.each_seed[0] == one.each_seed[0]
    assert evaluation_hash != other_hash and held(arena)[1] == evaluation_hash
    elsewhere = replace(arena.corpus, identity="others")
    assert held(arena, corpus=elsewhere, seeds=(1,))[1] != other_hash


def test_without_held_out_effects_there_is_no_score_of_unseen_ones(arena: Arena) -> None:
    candidate = Candidate(3, replace(CONFIG, held_out_effects=()), Path("x"), contender("trial 3", 0))
    with pytest.raises(InvalidInput, match="trial 3: has no score unseen_accuracy"):
        hold_contests(replace(arena, score="unseen_accuracy"), [candidate], None)
