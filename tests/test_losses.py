from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, Normal, kl_divergence

from trainables.configs import VaeConfig
from trainables.training.losses import Parts, contrastive, contrastive_over, kl_to_standard_normal, squared_errors
from trainables.training.ranks import Team


def random(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_beta_one_is_the_elbo_of_a_unit_variance_decoder() -> None:
    predicted, wet = random(5, 2, 6, 7), random(5, 2, 6, 7) + 0.3
    mean, log_variance = random(5, 3), random(5, 3) * 0.5
    parts = Parts(squared_errors(predicted, wet).mean(), kl_to_standard_normal(mean, log_variance).mean(), torch.tensor(9.0), 84)
    likelihood = Independent(Normal(predicted, 1.0), 3).log_prob(wet)
    posterior = Independent(Normal(mean, (0.5 * log_variance).exp()), 1)
    prior = Independent(Normal(torch.zeros_like(mean), 1.0), 1)
    negative_elbo = (kl_divergence(posterior, prior) - likelihood).mean()
    expected = negative_elbo * 2 / 84 - math.log(2 * math.pi)
    torch.testing.assert_close(parts.total(VaeConfig(beta=1.0, contrastive_weight=0.0)), expected)


@pytest.mark.parametrize("name", ["beta", "reconstruction_weight", "contrastive_weight"])
def test_each_weight_weighs_its_own_term(name: str) -> None:
    parts = Parts(torch.tensor(2.0), torch.tensor(30.0), torch.tensor(5.0), pixels=10)
    none = {"beta": 0.0, "reconstruction_weight": 0.0, "contrastive_weight": 0.0}
    expected = {"beta": 6.0, "reconstruction_weight": 2.0, "contrastive_weight": 5.0}[name]
    assert parts.total(VaeConfig(**{**none, name: 0.5})).item() == pytest.approx(0.5 * expected)


def test_contrastive_of_two_pairs_is_what_the_formula_says() -> None:
    embeddings = torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 3.0], [0.0, 1.0]])
    found = contrastive(embeddings, torch.tensor([7, 7, 2, 2]), temperature=0.5)
    assert found.item() == pytest.approx(-math.log(math.exp(2) / (math.exp(2) + 2)))


def test_contrastive_falls_as_partners_approach_and_others_leave() -> None:
    together = torch.eye(3).repeat_interleave(2, 0)
    apart = torch.eye(3).repeat(2, 1)
    groups = torch.tensor([0, 0, 1, 1, 2, 2])
    assert contrastive(together, groups, 0.15) < 0.1 < contrastive(random(6, 3), groups, 0.15) < contrastive(apart, groups, 0.15)


def test_contrastive_does_not_depend_on_order_or_length() -> None:
    embeddings, groups = random(8, 3), torch.arange(8) // 2
    shuffled = torch.randperm(8, generator=torch.Generator().manual_seed(1))
    found = contrastive(embeddings, groups, 0.2)
    torch.testing.assert_close(contrastive(5.0 * embeddings[shuffled], groups[shuffled], 0.2), found)


def test_an_item_without_partner_is_only_a_candidate() -> None:
    embeddings, groups = random(5, 3), torch.tensor([0, 0, 1, 1, 2])
    unit = torch.nn.functional.normalize(embeddings)
    logits = (unit @ unit.T / 0.3).fill_diagonal_(-torch.inf)
    shares = logits.log_softmax(1)
    expected = -(shares[0, 1] + shares[1, 0] + shares[2, 3] + shares[3, 2]) / 4
    torch.testing.assert_close(contrastive(embeddings, groups, 0.3), expected)


def test_an_absent_item_counts_for_nothing() -> None:
    embeddings, groups = random(6, 3), torch.tensor([0, 0, 1, 1, -1, -1])
    torch.testing.assert_close(contrastive(embeddings, groups, 0.3), contrastive(embeddings[:4], groups[:4], 0.3))


@pytest.mark.parametrize("groups", [[0, 1, 2], [-1, -1, -1]])
def test_without_any_pair_contrastive_is_zero_with_zero_gradient(groups: list[int]) -> None:
    embeddings = random(3, 2).requires_grad_()
    found = contrastive(embeddings, torch.tensor(groups), 0.2)
    found.backward()
    assert found.item() == 0.0
    assert embeddings.grad is not None and not embeddings.grad.any()


def test_equal_embeddings_have_finite_gradients() -> None:
    embeddings = torch.zeros(4, 3, requires_grad=True)
    contrastive(embeddings, torch.tensor([0, 0, 1, 1]), 0.1).backward()
    assert embeddings.grad is not None and embeddings.grad.isfinite().all()


def test_gradients_of_two_ranks_add_up_to_those_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, groups = random(8, 3).requires_grad_(), torch.arange(8) // 2
    contrastive(whole, groups, 0.2).backward()
    found = []
    for rank in (0, 1):
        team = Team(rank, 2)
        own = whole.detach()[team.share(8)].requires_grad_()
        halves = {3: list(whole.detach().split(4)), 1: list(groups.split(4))}
        monkeypatch.setattr(
            Team, "_all", lambda self, values, halves=halves: list(halves[values.shape[-1] if values.ndim > 1 else 1])
        )
        contrastive_over(team, own, groups[team.share(8)], 0.2).backward()
        found.append(own.grad)
    assert whole.grad is not None
    torch.testing.assert_close(torch.cat(found), whole.grad)
