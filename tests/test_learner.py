"""One epoch of optimisation, the running average of the weights, and the loss on what is not learned from."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from synthetic_blocks import CONFIG, SyntheticSource, with_train
from torch import Tensor, nn

from trainables.rendering.schedule import training_portions, validation_portions
from trainables.rendering.source import fetch
from trainables.training.batches import Examples
from trainables.training.learner import WARM_UP_STEPS, Learner, average_step, warm_up
from trainables.training.ranks import ALONE


def examples() -> Examples:
    return fetch(SyntheticSource(CONFIG), training_portions(CONFIG, 0))


def trained(epoch: int, seed: int = 0) -> dict[str, float]:
    learner = Learner(CONFIG, ALONE)
    learner.config = replace(CONFIG, seed=seed)  # the same initial weights for every seed
    return learner.train(examples(), epoch)


def weights(model: nn.Module) -> Tensor:
    """A copy, as one vector."""
    return torch.cat([parameter.detach().flatten().clone() for parameter in model.parameters()])


def test_every_epoch_and_seed_has_its_own_order_and_noise() -> None:
    assert trained(0) == trained(0)
    assert trained(1) != trained(0)
    assert trained(0, seed=1) != trained(0)


def test_the_learning_rate_rises_over_the_first_steps_and_then_stays() -> None:
    rates = [warm_up(step) for step in range(WARM_UP_STEPS + 2)]
    assert rates[0] == 1 / WARM_UP_STEPS and rates[-3:] == [1.0, 1.0, 1.0]
    assert rates == sorted(rates)


@pytest.mark.parametrize(("epoch", "steps"), [(0, 3), (1, 6), (9, WARM_UP_STEPS)])
def test_steps_are_counted_from_the_first_epoch(epoch: int, steps: int) -> None:
    """Three batches an epoch: so a resumed trial has the learning rate of one never stopped."""
    learner = Learner(CONFIG, ALONE)
    learner.train(examples(), epoch)
    assert learner.optimizer.param_groups[0]["lr"] == pytest.approx(CONFIG.train.learning_rate * steps / WARM_UP_STEPS)


def test_validation_changes_nothing_and_repeats_itself() -> None:
    learner = Learner(CONFIG, ALONE)
    unseen = fetch(SyntheticSource(CONFIG), validation_portions(CONFIG))
    before, found = learner.state(), learner.validate(unseen)
    assert learner.validate(unseen) == found
    assert all(torch.equal(weight, before["model"][name]) for name, weight in learner.model.state_dict().items())


def test_the_loss_told_is_the_weighted_sum_of_its_parts() -> None:
    model, parts = CONFIG.model, Learner(CONFIG, ALONE).validate(examples())
    pixels = examples().wet[0].size
    expected = parts["reconstruction"] + model.beta * 2 * parts["kl"] / pixels + model.contrastive_weight * parts["contrastive"]
    assert parts["loss"] == pytest.approx(expected, rel=1e-5)


def test_without_averaging_the_latest_weights_are_kept() -> None:
    learner = Learner(with_train(CONFIG, average_decay=0.0), ALONE)
    learner.train(examples(), 0)
    assert all(torch.equal(weight, learner.averaged.state_dict()[name]) for name, weight in learner.model.state_dict().items())


def test_the_average_moves_like_the_weights_but_less_far_from_step_to_step() -> None:
    learner = Learner(with_train(CONFIG, average_decay=0.99, learning_rate=0.03), ALONE)
    jumps, drifts = [], []
    for epoch in range(6):
        before, smooth = (weights(m) for m in (learner.model, learner.averaged))
        learner.train(examples(), epoch)
        jumps.append(float((weights(learner.model) - before).norm()))
        drifts.append(float((weights(learner.averaged) - smooth).norm()))
    assert all(0.0 < drift < jump for drift, jump in zip(drifts[1:], jumps[1:], strict=True))


def test_an_average_step_forgets_the_beginning_faster_than_the_end() -> None:
    averaged = [torch.zeros(2)]
    average_step(averaged, [torch.ones(2)], torch.tensor(1), decay=0.998)
    assert averaged[0].tolist() == pytest.approx([9 / 11] * 2)
    average_step(averaged, [torch.zeros(2)], torch.tensor(10**6), decay=0.998)
    assert averaged[0].tolist() == pytest.approx([9 / 11 * 0.998] * 2)


def test_a_huge_gradient_moves_the_weights_no_further_than_its_limit() -> None:
    learner = Learner(CONFIG, ALONE)
    learner.optimizer = torch.optim.SGD(learner.model.parameters(), lr=1.0)  # type: ignore[assignment]
    before, loud = learner.state()["model"], examples()
    loud = Examples(loud.dry[:8], tuple(1000.0 * wet for wet in loud.wet[:8]))
    learner.train(loud, 0)
    moved = sum(float((now - before[name]).square().sum()) for name, now in learner.model.state_dict().items()) ** 0.5
    assert 0.9 < moved / (CONFIG.train.learning_rate / WARM_UP_STEPS) < 1.01
