"""The perceptual term of the loss: what it says, what it leaves out, and what a model that is trained with it does."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from synthetic_blocks import CONFIG, SyntheticSource, with_model, with_train
from torch import Tensor

from trainables.rendering.schedule import training_portions, validation_portions
from trainables.rendering.source import fetch
from trainables.rendering.takes import Block, BlockRequest, Take
from trainables.training.batches import Examples
from trainables.training.fit import fit
from trainables.training.learner import Learner
from trainables.training.perceptual import TIMBRE_DEVIATIONS, TIMBRE_MEANS, perceptual, perceptual_over, standardized
from trainables.training.ranks import ALONE, Team

FOLLOWING = with_model(CONFIG, perceptual_weight=1.0)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_three_clips_by_hand() -> None:
    embeddings = torch.tensor([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])  # distances 3, 4, 5, mean 4
    timbre = torch.tensor([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]])  # distances 1, 3, 2, mean 2
    expected = ((3 / 4 - 1 / 2) ** 2 + (4 / 4 - 3 / 2) ** 2 + (5 / 4 - 2 / 2) ** 2) / 3
    assert perceptual(embeddings, timbre).item() == pytest.approx(expected)


def test_size_rotation_and_place_of_the_latent_space_do_not_count() -> None:
    embeddings, timbre = random(7, 4), random(7, 2, seed=1)
    turned = embeddings @ torch.linalg.qr(random(4, 4, seed=2)).Q
    torch.testing.assert_close(perceptual(9.0 * turned + 5.0, timbre), perceptual(embeddings, timbre))


def test_a_latent_space_that_is_timbre_has_no_loss_and_any_other_has() -> None:
    timbre = random(7, 2)
    assert perceptual(3.0 * timbre, timbre).item() < 1e-12 < 0.01 < perceptual(random(7, 2, seed=1), timbre).item()


def test_a_clip_without_timbre_is_left_out() -> None:
    embeddings, timbre = random(6, 3).requires_grad_(), random(6, 2, seed=1)
    timbre[1, 0] = timbre[4, 1] = torch.nan
    kept = [0, 2, 3, 5]
    found = perceptual(embeddings, timbre)
    found.backward()
    torch.testing.assert_close(found, perceptual(embeddings[kept], timbre[kept]))
    assert embeddings.grad is not None
    assert embeddings.grad.isfinite().all() and embeddings.grad.any(dim=1).tolist() == [i in kept for i in range(6)]


@pytest.mark.parametrize("timbre", [[[torch.nan, 1.0]] * 3, [[1.0, 2.0], [torch.nan] * 2, [torch.nan] * 2], [[1.0, 2.0]] * 3])
def test_with_nothing_to_follow_it_is_zero_with_zero_gradient(timbre: list[list[float]]) -> None:
    embeddings = random(3, 2).requires_grad_()
    found = perceptual(embeddings, torch.tensor(timbre))
    found.backward()
    assert found.item() == 0.0
    assert embeddings.grad is not None and not embeddings.grad.any()


def test_equal_embeddings_have_a_finite_gradient() -> None:
    embeddings = torch.zeros(4, 3, requires_grad=True)
    perceptual(embeddings, random(4, 2).float()).backward()
    assert embeddings.grad is not None and embeddings.grad.isfinite().all()


def test_two_ranks_have_the_loss_of_one_and_their_gradients_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six items and two that only fill up the second rank's share."""
    whole, timbre, groups = random(8, 3).requires_grad_(), random(8, 2, seed=1), torch.tensor([0, 0, 1, 1, 2, 2, -1, -1])
    expected = perceptual(whole[:6], timbre[:6])
    expected.backward()
    filled = timbre.where((groups >= 0)[:, None], torch.nan)
    halves = {3: list(whole.detach().split(4)), 2: list(filled.split(4))}
    monkeypatch.setattr(Team, "_all", lambda self, values: list(halves[values.shape[1]]))
    found = []
    for team in (Team(0, 2), Team(1, 2)):
        own = whole.detach()[team.share(8)].requires_grad_()
        loss = perceptual_over(team, own, timbre[team.share(8)], groups[team.share(8)])
        torch.testing.assert_close(loss, expected)
        loss.backward()
        found.append(own.grad)
    assert whole.grad is not None
    torch.testing.assert_close(torch.cat(found), whole.grad)


def test_standardized_is_in_deviations_from_the_mean_and_keeps_nan() -> None:
    (brightness, depth), (one, other) = TIMBRE_MEANS, TIMBRE_DEVIATIONS
    given = np.array([[brightness, depth], [brightness + 2 * one, np.nan], [brightness, depth - other]], np.float32)
    np.testing.assert_allclose(standardized(given), [[0, 0], [2, np.nan], [0, -1]], atol=1e-5)


def without_seconds(metrics: dict[str, float]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if not name.startswith(("seconds/", "trial/seconds"))}


def test_at_weight_zero_no_timbre_is_asked_for_and_none_is_told() -> None:
    source = SyntheticSource(CONFIG)
    metrics = [epoch.metrics for epoch in fit(CONFIG, source)]
    assert {request.form for request in (*source.asked, *source.announced)} == {"mel"}
    assert not [name for name in metrics[0] if "perceptual" in name or "timbre" in name]


@pytest.mark.parametrize("schedule", ["per_item", "per_epoch"])
def test_above_zero_it_is_asked_for_once_announced_before_and_told(schedule: str) -> None:
    config = with_train(FOLLOWING, effect_schedule=schedule, patience=9)
    source = SyntheticSource(config)
    metrics = [epoch.metrics for epoch in fit(config, source)]
    assert set(source.asked) == set(source.announced)
    heard = {replace(request, form="mel") for request in source.asked if request.form == "timbre"}
    assert {request for request in source.asked if request.partition != "evaluation"} >= heard
    assert {request.partition for request in heard} == {"train", "validation"}
    assert all(epoch[f"{part}/perceptual"] > 0.0 for epoch in metrics for part in ("train", "validation"))


def test_the_weight_weighs_its_term() -> None:
    found = {}
    for weight in (1e-9, 2.0):
        learner = Learner(with_model(CONFIG, perceptual_weight=weight), ALONE)
        found[weight] = learner.validate(fetch(SyntheticSource(CONFIG), validation_portions(CONFIG), timbre=True))
    assert found[2.0]["loss"] - found[1e-9]["loss"] == pytest.approx(2.0 * found[2.0]["perceptual"], rel=1e-4)


class PartlySilent(SyntheticSource):
    """No depth for the second clip of each block, and other takes behind the third's timbre."""

    def blocks(self, requests: Sequence[BlockRequest]) -> list[Block]:
        return [self._spoilt(block) if block.dry.size == 0 else block for block in super().blocks(requests)]

    def _spoilt(self, block: Block) -> Block:
        wet, other = block.wet.copy(), Take("another", 0, block.effect, ())
        wet[1, 1] = np.nan
        return replace(block, wet=wet, takes=(*block.takes[:2], other, *block.takes[3:]))


def test_clips_without_timbre_are_counted_and_so_are_those_whose_takes_differ() -> None:
    portions = validation_portions(CONFIG)
    examples = fetch(PartlySilent(CONFIG), portions, timbre=True)
    told = Learner(FOLLOWING, ALONE).validate(examples)
    assert told["without_timbre"] == 2 * len(portions)
    assert np.isfinite(told["loss"])


def test_resuming_gives_the_same_bit_for_bit() -> None:
    whole = [(epoch.metrics, epoch.state()) for epoch in fit(FOLLOWING, SyntheticSource(FOLLOWING))]
    file = io.BytesIO()
    torch.save(whole[0][1], file)
    file.seek(0)
    rest = list(fit(FOLLOWING, SyntheticSource(FOLLOWING), torch.load(file, weights_only=True)))
    assert [without_seconds(epoch.metrics) for epoch in rest] == [without_seconds(metrics) for metrics, _ in whole[1:]]
    expected = whole[-1][1]["model"]
    assert all(torch.equal(weight, expected[name]) for name, weight in rest[-1].state()["model"].items())


def correlation(weight: float) -> float:
    """Of latent with perceptual distances between clips not trained on, after a short training."""
    config = with_train(with_model(CONFIG, perceptual_weight=weight, contrastive_weight=0.0), items_per_epoch=48)
    source, learner = SyntheticSource(config), Learner(config, ALONE)
    for epoch in range(6):
        learner.train(fetch(source, training_portions(config, epoch), timbre=True), epoch)
    unseen: Examples = fetch(source, validation_portions(config), timbre=True)
    dry, wet = (torch.from_numpy(part) for part in unseen.stack(range(len(unseen.dry))))
    timbre: Any = unseen.timbre
    with torch.no_grad():
        latent = torch.pdist(learner.model.embed(dry, wet))
    return float(torch.corrcoef(torch.stack([latent, torch.pdist(torch.from_numpy(timbre))]))[0, 1])


def test_latent_distances_follow_perceptual_ones_where_they_are_weighted() -> None:
    without, with_it = correlation(1e-9), correlation(3.0)
    assert with_it > without + 0.2
