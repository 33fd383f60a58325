"""Outcomes: their values, intervals over recordings, and paired comparisons."""

from __future__ import annotations

import numpy as np
import pytest

from trainables.evaluation.outcomes import Outcome, flat, share

RECORDINGS = np.repeat([f"r{number}" for number in range(8)], 10)


def right(accuracy: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(80) < accuracy


def test_a_share_is_the_mean_and_lies_within_its_interval() -> None:
    correct = right(0.7, 0)
    estimate = share(correct, RECORDINGS).estimate()
    assert estimate.value == pytest.approx(correct.mean())
    assert estimate.low < estimate.value < estimate.high


def test_an_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    covered = [e.low <= 0.6 <= e.high for e in (share(right(0.6, seed), RECORDINGS).estimate() for seed in range(200))]
    assert 0.8 < np.mean(covered) <= 1.0  # eight recordings: percentile intervals are somewhat narrow


def test_the_same_outcome_has_the_same_interval_every_time() -> None:
    first, again = (share(right(0.6, 1), RECORDINGS).estimate() for _ in range(2))
    assert first == again


def test_items_of_one_recording_count_as_one_draw() -> None:
    per_recording = np.repeat(right(0.5, 2)[:8], 10)
    mixed = np.tile(per_recording[::10], 10)
    wide, narrow = (share(correct, RECORDINGS).estimate() for correct in (per_recording, mixed))
    assert wide.value == narrow.value
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_a_lead_is_narrower_than_two_intervals_when_both_fail_on_the_same_recordings() -> None:
    hard = np.repeat([False, True] * 4, 10)
    theirs = share(hard & right(0.9, 3), RECORDINGS)
    ours = share(hard, RECORDINGS)
    lead = ours.lead_over(theirs)
    assert lead.low > 0.0  # told apart
    assert ours.estimate().low < theirs.estimate().high  # which two intervals beside each other would not have said


def test_a_lead_over_itself_is_nothing() -> None:
    ours = share(right(0.5, 4), RECORDINGS)
    lead = ours.lead_over(ours)
    assert (lead.value, lead.low, lead.high) == (0.0, 0.0, 0.0)


def test_only_outcomes_over_the_same_items_can_be_compared() -> None:
    with pytest.raises(ValueError, match="same items"):
        share(right(0.5, 4), RECORDINGS).lead_over(share(right(0.5, 4)[:40], RECORDINGS[:40]))


def test_a_median_is_that_of_the_items_and_its_interval_that_of_resampled_recordings() -> None:
    values = np.random.default_rng(5).random(80)
    outcome = Outcome(values, np.ones(80), RECORDINGS, "median")
    estimate = outcome.estimate()
    assert estimate.value == np.median(values)
    assert 0.3 < estimate.low < estimate.value < estimate.high < 0.75


def test_a_median_over_one_recording_has_no_width() -> None:
    outcome = Outcome(np.array([1.0, 2.0, 9.0]), np.ones(3), np.array(["a", "a", "a"]), "median")
    assert (outcome.estimate().low, outcome.value, outcome.estimate().high) == (2.0, 2.0, 2.0)


def test_only_named_scores_are_told_with_their_interval() -> None:
    outcomes = {"told": share(right(0.5, 6), RECORDINGS), "bare": share(right(0.5, 7), RECORDINGS)}
    assert set(flat(outcomes, ("told",))) == {"told", "told_low", "told_high", "bare"}
