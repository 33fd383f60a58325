"""Who has earned to be champion: a lead above chance, above the seed noise, and over every control. Nothing but arithmetic."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tiny_model import tiny_config

from trainables.evaluation.outcomes import Outcome, pooled, share
from tune.promotion.contenders import Candidate, Contender
from tune.promotion.contest import Contest
from tune.promotion.decision import best_contest, decide, lead, seed_noise

ITEMS = 40  # of a recording
CHAMPION = "fx-vae version 3"


def judged(accuracies: np.ndarray, random: np.random.Generator) -> Outcome:
    """Items of recordings, right as often as (recordings,) accuracies say."""
    right = random.random((len(accuracies), ITEMS)) < accuracies[:, None]
    return share(right.ravel(), np.repeat([f"r{number}" for number in range(len(accuracies))], ITEMS))


def exactly(accuracy: float, recordings: int = 10) -> Outcome:
    right = np.tile(np.arange(ITEMS) < round(accuracy * ITEMS), recordings)
    return share(right, np.repeat([f"r{number}" for number in range(recordings)], ITEMS))


def contest(ours: Outcome, champion: Outcome | None = None, number: int = 0, **more: object) -> Contest:
    def never(judged: object) -> np.ndarray:
        raise AssertionError

    candidate = Candidate(number, tiny_config(), Path("x"), Contender(f"trial {number}", never))
    count = len(np.unique(ours.recordings))
    controls = {"pca": exactly(0.2, count), "untrained": exactly(0.3, count)}
    return replace(Contest(candidate, ours, champion, controls, (), ((ours.value, 0.0),)), **more)


def test_promoted_is_what_leads_the_champion_and_every_control() -> None:
    decision = decide(contest(exactly(0.7), exactly(0.5)), 3, CHAMPION)
    assert decision.verdict == "promoted" and decision.why_not == ()
    assert decision.over_champion is not None and decision.over_champion.value == pytest.approx(0.2)
    assert decision.over_controls["untrained"].value == pytest.approx(0.4)


def test_without_a_champion_only_controls_are_to_be_beaten() -> None:
    assert decide(contest(exactly(0.5)), 1, "").verdict == "promoted"
    [why] = decide(contest(exactly(0.3)), 1, "").why_not
    assert why == "it does not beat the control untrained: +0.000 (+0.000 to +0.000)"


def test_what_beats_the_champion_and_not_a_control_stays_candidate() -> None:
    decision = decide(contest(exactly(0.25), exactly(0.1)), 1, CHAMPION)
    assert decision.verdict == "candidate" and ["untrained" in why for why in decision.why_not] == [True]


def test_a_lead_below_the_seed_noise_is_none() -> None:
    siblings = (exactly(0.5), exactly(0.9))
    decision = decide(contest(exactly(0.7), exactly(0.6), siblings=siblings), 1, CHAMPION)
    assert decision.noise.value == pytest.approx(0.2) and decision.noise.models == 3
    assert decision.verdict == "candidate" and "not above the seed noise of 0.200" in decision.why_not[0]
    assert decide(contest(exactly(0.9), exactly(0.6), siblings=(exactly(0.8),)), 1, CHAMPION).verdict == "promoted"


def test_without_other_seeds_the_noise_is_that_of_the_mean_lead_over_draws() -> None:
    noise = seed_noise(contest(exactly(0.7), exactly(0.5), each_seed=((0.7, 0.5), (0.8, 0.5), (0.6, 0.5))))
    assert noise.value == pytest.approx(0.1 / 3**0.5) and noise.models == 0


@pytest.mark.parametrize(("accuracy", "told"), [(0.4, "it is worse than"), (0.5, "is not told apart from chance")])
def test_why_not_is_told_with_the_interval(accuracy: float, told: str) -> None:
    decision = decide(contest(exactly(accuracy), exactly(0.5)), 1, CHAMPION)
    assert told in decision.why_not[0] and CHAMPION in decision.why_not[0] and " to " in decision.why_not[0]


def test_a_champion_without_such_a_score_is_not_replaced() -> None:
    [why] = decide(contest(exactly(0.9), None), 1, CHAMPION).why_not
    assert "no such score" in why


def test_few_recordings_and_many_candidates_make_the_interval_wider() -> None:
    random = np.random.default_rng(0)
    few, many = (
        lead(judged(random.normal(0.7, 0.1, count), random), judged(random.normal(0.5, 0.1, count), random)) for count in (4, 40)
    )
    assert few.high - few.low > 2 * (many.high - many.low)
    ours, theirs = judged(np.full(8, 0.7), random), judged(np.full(8, 0.5), random)
    assert lead(ours, theirs, 3).low < lead(ours, theirs, 1).low < ours.value - theirs.value


@pytest.mark.parametrize("recordings", [4, 8, 24])
def test_the_luckiest_of_equals_is_not_promoted(recordings: int) -> None:
    """Three candidates that are no better than the champion; how well each does differs by recording, as it does with music."""
    random, promoted, rounds = np.random.default_rng(1), 0, 200
    for _ in range(rounds):
        music = random.normal(0.6, 0.1, recordings)  # as hard for all
        champion = judged(music + random.normal(0.0, 0.05, recordings), random)
        equals = [contest(judged(music + random.normal(0.0, 0.05, recordings), random), champion, n) for n in range(3)]
        promoted += decide(best_contest(equals), 3, CHAMPION).verdict == "promoted"
    assert promoted <= 0.05 * rounds


def test_what_is_really_better_is_promoted() -> None:
    random, promoted = np.random.default_rng(2), 0
    for _ in range(50):
        music = random.normal(0.6, 0.1, 12)
        champion, ours = (judged(music + more + random.normal(0.0, 0.05, 12), random) for more in (0.0, 0.15))
        promoted += decide(contest(ours, champion), 3, CHAMPION).verdict == "promoted"
    assert promoted >= 45


def test_the_best_of_equal_scores_is_the_earliest_trial() -> None:
    assert best_contest([contest(exactly(0.5), number=7), contest(exactly(0.5), number=2)]).candidate.number == 2


def test_pooled_draws_are_resampled_by_recording_as_one() -> None:
    """Twice the same items: the same value, and no narrower."""
    one = judged(np.linspace(0.2, 0.9, 10), np.random.default_rng(3))
    assert pooled([one, one]).estimate() == one.estimate()
