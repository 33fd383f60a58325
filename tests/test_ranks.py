"""Two real processes (gloo) against one. They are started once; each does every job and saves what came of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.distributed as distributed
import torch.multiprocessing as processes
from synthetic_blocks import CONFIG, SyntheticSource, with_model, with_train

from trainables.configs import TrialConfig
from trainables.rendering.schedule import training_portions
from trainables.rendering.source import fetch
from trainables.training.fit import fit
from trainables.training.learner import Learner
from trainables.training.losses import contrastive, contrastive_over
from trainables.training.ranks import ALONE, Team, current_team

EVEN = with_train(CONFIG, batch_size=8)
ODD = with_train(CONFIG, batch_size=6, items_per_epoch=22)  # three pairs for two ranks, and one left over
HEARD = with_train(with_model(ODD, perceptual_weight=1.0), patience=9)
ONE_STEP = with_train(with_model(CONFIG, contrastive_weight=2.0), batch_size=6, items_per_epoch=6, learning_rate=1.0)


def trained(config: TrialConfig, state: dict[str, Any] | None = None) -> dict[str, Any]:
    epochs = list(fit(config, SyntheticSource(config), state))
    return {"metrics": [epoch.metrics for epoch in epochs], "ended": epochs[-1].ended, "state": epochs[-1].state()}


def descent(config: TrialConfig) -> dict[str, Any]:
    """What one step of plain gradient descent adds to the weights: the gradient, scaled and clipped."""
    learner = Learner(config, current_team())
    before = learner.state()["model"]
    learner.optimizer = torch.optim.SGD(learner.model.parameters(), lr=1.0)  # type: ignore[assignment]
    parts = learner.train(fetch(SyntheticSource(config), training_portions(config, 0)), 0)
    return {"parts": parts, "change": {name: now - before[name] for name, now in learner.model.state_dict().items()}}


def embeddings() -> torch.Tensor:
    return torch.randn(12, 4, generator=torch.Generator().manual_seed(3))


def contrast(team: Team) -> dict[str, torch.Tensor]:
    own = embeddings()[team.share(12)].requires_grad_()
    value = contrastive_over(team, own, (torch.arange(12) // 2)[team.share(12)], 0.2)
    value.backward()
    assert own.grad is not None
    return {"value": value.detach(), "gradient": own.grad}


def work(rank: int, folder: str) -> None:
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    distributed.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2)
    team = current_team()
    assert team == Team(rank, 2)
    done = {
        "even": trained(EVEN),
        "odd": trained(ODD),
        "heard": trained(HEARD),
        "resumed": trained(CONFIG, torch.load(f"{folder}/begun.pt", weights_only=True)),
        "descent": descent(ONE_STEP),
        "contrast": contrast(team),
        "total": team.total(torch.tensor([1.0, 10.0]) * (rank + 1)),
        "first": team.from_first({"rank": rank}),
    }
    torch.save(done, f"{folder}/{rank}.pt")
    distributed.barrier()
    distributed.destroy_process_group()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What rank 0 and rank 1 saved."""
    folder: Path = tmp_path_factory.mktemp("ranks")
    torch.save(next(fit(CONFIG, SyntheticSource(CONFIG))).state(), folder / "begun.pt")
    processes.spawn(work, (str(folder),), nprocs=2)
    return [torch.load(folder / f"{rank}.pt", weights_only=True) for rank in (0, 1)]


def close(left: dict[str, torch.Tensor], right: dict[str, torch.Tensor], atol: float) -> None:
    for name, value in left.items():
        torch.testing.assert_close(value, right[name], atol=atol, rtol=1e-3, msg=lambda text, name=name: f"{name}: {text}")


@pytest.mark.parametrize(("job", "config"), [("even", EVEN), ("odd", ODD), ("heard", HEARD)])
def test_two_processes_train_the_same_model_as_one(both: list[dict[str, Any]], job: str, config: TrialConfig) -> None:
    alone, first = trained(config), both[0][job]
    assert first["ended"] == alone["ended"] == "max_epochs"
    for ours, theirs in zip(first["metrics"], alone["metrics"], strict=True):
        losses = {name: value for name, value in theirs.items() if name.split("/")[0] in ("train", "validation")}
        assert {name: ours[name] for name in losses} == pytest.approx(losses, rel=1e-4, abs=1e-5)
    close(first["state"]["model"], alone["state"]["model"], atol=1e-4)


@pytest.mark.parametrize("job", ["even", "odd", "heard", "resumed"])
def test_both_ranks_have_the_same_weights_and_say_the_same(both: list[dict[str, Any]], job: str) -> None:
    first, second = (done[job] for done in both)
    for ours, theirs in zip(first["metrics"], second["metrics"], strict=True):
        assert {n: v for n, v in ours.items() if "seconds" not in n} == {n: v for n, v in theirs.items() if "seconds" not in n}
    for part in ("model", "best"):
        assert all(torch.equal(weight, second["state"][part][name]) for name, weight in first["state"][part].items())


def test_a_step_of_two_processes_is_a_step_of_one(both: list[dict[str, Any]]) -> None:
    alone = descent(ONE_STEP)
    assert both[0]["descent"]["parts"] == pytest.approx(alone["parts"], rel=1e-5)
    assert max(float(change.abs().max()) for change in alone["change"].values()) > 1e-3
    close(both[0]["descent"]["change"], alone["change"], atol=1e-6)


def test_gathered_embeddings_give_the_loss_and_gradients_of_one_process(both: list[dict[str, Any]]) -> None:
    whole = embeddings().requires_grad_()
    value = contrastive(whole, torch.arange(12) // 2, 0.2)
    value.backward()
    assert all(torch.equal(done["contrast"]["value"], value.detach()) for done in both)
    torch.testing.assert_close(torch.cat([done["contrast"]["gradient"] for done in both]), whole.grad)


def test_a_state_goes_from_one_process_to_two_and_back(both: list[dict[str, Any]]) -> None:
    resumed = both[0]["resumed"]
    assert [metrics["epoch"] for metrics in resumed["metrics"]] == [2, 3]
    close(resumed["state"]["model"], trained(CONFIG)["state"]["model"], atol=1e-4)
    extended = trained(with_train(CONFIG, max_epochs=4), resumed["state"])
    assert [metrics["epoch"] for metrics in extended["metrics"]] == [4]


def test_totals_are_sums_and_the_first_rank_decides(both: list[dict[str, Any]]) -> None:
    assert all(done["total"].tolist() == [3.0, 30.0] for done in both)
    assert all(done["first"] == {"rank": 0} for done in both)


def test_alone_everything_is_a_no_op() -> None:
    values = torch.arange(4.0)
    assert current_team() == ALONE
    assert torch.equal(ALONE.gather(values), values) and torch.equal(ALONE.total(values), values)
    assert ALONE.from_first("word") == "word"
    assert values[ALONE.share(4)].tolist() == values.tolist()
