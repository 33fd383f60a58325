"""A matcher's trial: what it reports, that it learns, goes on as if never stopped, and trains through the effect."""

from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pytest
import torch
from small_matcher import EFFECTS, effects, matcher_config, source, trained

from trainables.matching.fitting import fit_matcher
from trainables.matching.takes import MODES
from trainables.training.checkpoint import dump_state, parse_state


def test_an_epoch_tells_losses_of_both_modes_and_what_its_proposals_leave_of_the_distance() -> None:
    metrics = trained()[0].metrics
    for mode in MODES:
        assert math.isfinite(metrics[f"train/loss_{mode}"]) and math.isfinite(metrics[f"validation/loss_{mode}"])
        ratios = [metrics[f"eval/match_ratio/{mode}/{effect}"] for effect in EFFECTS]
        assert metrics[f"eval/match_ratio/{mode}"] == pytest.approx(np.mean(ratios))
        assert all(metrics[f"eval/match_ratio/{mode}/{effect}_low"] > 0.0 for effect in EFFECTS)
    assert metrics["eval/match_ratio"] == pytest.approx(np.mean([metrics[f"eval/match_ratio/{mode}"] for mode in MODES]))
    assert metrics["items"] == 32.0 and metrics["epoch"] == 1


def test_every_epoch_hears_new_items_beside_the_old_ones_and_the_last_says_why() -> None:
    epochs = trained()
    assert [epoch.metrics["items"] for epoch in epochs] == [32, 64]
    assert [epoch.ended for epoch in epochs] == ["", "max_epochs"]
    assert epochs[-1].metrics["validation/loss"] < epochs[0].metrics["validation/loss"]


def test_a_resumed_trial_goes_on_with_the_same_numbers() -> None:
    first = next(iter(fit_matcher(matcher_config(), source(), effects())))
    state = parse_state(dump_state(first.state()))
    (second,) = fit_matcher(matcher_config(), source(), effects(), state)
    uninterrupted = trained()[-1]
    timed = {name for name in second.metrics if "seconds" in name}
    assert {k: v for k, v in second.metrics.items() if k not in timed} == {
        k: v for k, v in uninterrupted.metrics.items() if k not in timed
    }
    ours, theirs = second.state()["model"], uninterrupted.state()["model"]
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_through_the_effect_the_best_epoch_is_the_one_whose_proposals_sound_best() -> None:
    config = matcher_config(3, gradient="spsa", gradient_from=1, gradient_items=32, gradient_draws=1)
    epochs = list(fit_matcher(config, source(), effects()))
    heard = [epoch.metrics["validation/proposal_db"] for epoch in epochs]
    assert epochs[-1].metrics["best_epoch"] == 1 + int(np.argmin(heard)) and epochs[-1].state()["best_loss"] == min(heard)
    assert all("validation/proposal_db" not in epoch.metrics for epoch in trained())


@pytest.mark.parametrize(("gradient", "level"), [("spsa", "loss"), ("differences", "loss"), ("spsa", "audio")])
def test_training_through_the_effect_moves_the_controllers_and_counts_its_renders(gradient: str, level: str) -> None:
    config = matcher_config(1, gradient=gradient, gradient_level=level, gradient_from=0, gradient_items=32, gradient_draws=2)
    (epoch,) = islice(fit_matcher(config, source(), effects()), 1)
    assert epoch.metrics["train/gradient_renders"] > 0
    assert math.isfinite(epoch.metrics["train/loss_through_effect"]) and epoch.metrics["train/loss_through_effect"] > 0.0
    assert ("train/gradient_signal_to_noise" in epoch.metrics) == (gradient == "spsa")
    (again,) = islice(fit_matcher(config, source(), effects()), 1)
    timed = {name for name in epoch.metrics if "seconds" in name}
    assert {k: v for k, v in again.metrics.items() if k not in timed} == {
        k: v for k, v in epoch.metrics.items() if k not in timed
    }
    state = epoch.state()
    assert min(state["steps"].values()) > 0 and "train/loss_paired" not in epoch.metrics
