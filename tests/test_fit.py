from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
import torch
from synthetic_blocks import CONFIG, SyntheticSource, with_model, with_train

from trainables.configs import TrialConfig
from trainables.effects.names import EFFECT_NAMES
from trainables.rendering.schedule import training_requests
from trainables.rendering.takes import Block
from trainables.training.fit import Epoch, build_model, fit
from trainables.training.judge import Judge, Verdict
from trainables.training.learner import Learner

every_input = pytest.mark.parametrize("seen", ["difference", "wet", "pair"])


def run(config: TrialConfig, state: dict[str, Any] | None = None) -> list[tuple[Epoch, dict[str, Any]]]:
    """Every epoch with its state, taken when it was yielded."""
    return [(epoch, epoch.state()) for epoch in fit(config, SyntheticSource(config), state)]


def without_seconds(epoch: Epoch) -> dict[str, float]:
    return {name: value for name, value in epoch.metrics.items() if not name.startswith(("seconds/", "trial/seconds"))}


def saved_and_loaded(state: dict[str, Any]) -> dict[str, Any]:
    file = io.BytesIO()
    torch.save(state, file)
    file.seek(0)
    return torch.load(file, weights_only=True)


def assert_same(left: Any, right: Any) -> None:
    if isinstance(left, torch.Tensor):
        assert torch.equal(left, right)
    elif isinstance(left, dict):
        assert left.keys() == right.keys()
        for name in left.keys() - {"seconds"}:
            assert_same(left[name], right[name])
    else:
        assert left == right


def losses_are(monkeypatch: pytest.MonkeyPatch, losses: list[float]) -> None:
    """The validation losses of epochs 1, 2, ... without training."""
    left = iter(losses)
    monkeypatch.setattr(Learner, "train", lambda self, examples, epoch: {"loss": 0.0})

    def verdict(self: Judge, learner: Learner, epoch: int, best_loss: float, *others: object) -> Verdict:
        loss = next(left)
        return Verdict({"loss": loss}, {"pca/x": 0.0}, {"x": loss} if loss < best_loss else None)

    monkeypatch.setattr(Judge, "verdict", verdict)


@every_input
def test_loss_goes_down_on_what_can_be_learned(seen: str) -> None:
    epochs = [epoch for epoch, _ in run(with_train(with_model(CONFIG, input=seen), max_epochs=5, items_per_epoch=60))]
    assert epochs[-1].metrics["validation/loss"] < 0.95 * epochs[0].metrics["validation/loss"]
    assert epochs[-1].metrics["train/loss"] < epochs[0].metrics["train/loss"]


@every_input
def test_resuming_from_any_epoch_gives_the_same_metrics_and_weights(seen: str) -> None:
    config = with_train(with_model(CONFIG, input=seen), max_epochs=4)
    whole = run(config)
    assert [epoch.ended for epoch, _ in whole] == ["", "", "", "max_epochs"]
    for done in (1, 2, 3):
        rest = run(config, saved_and_loaded(whole[done - 1][1]))
        assert len(rest) == 4 - done
        for (again, state), (epoch, expected) in zip(rest, whole[done:], strict=True):
            assert without_seconds(again) == without_seconds(epoch)
            assert_same(state, expected)


def test_a_state_is_a_copy_and_leaves_what_it_started_from_alone() -> None:
    whole = run(CONFIG)
    before = saved_and_loaded(whole[0][1])
    run(CONFIG, whole[0][1])
    assert_same(whole[0][1], before)


def test_a_state_at_the_end_has_nothing_left_to_do_unless_extended() -> None:
    state = run(CONFIG)[-1][1]
    assert run(CONFIG, state) == []
    extended = run(with_train(CONFIG, max_epochs=4), state)
    assert [epoch.metrics["epoch"] for epoch, _ in extended] == [4]
    longer = run(with_train(CONFIG, max_epochs=4))
    assert without_seconds(extended[-1][0]) == without_seconds(longer[-1][0])


def test_the_process_has_no_say_in_the_numbers() -> None:
    torch.manual_seed(1)
    first = without_seconds(run(CONFIG)[-1][0])
    torch.manual_seed(2)
    torch.rand(3)
    assert without_seconds(run(CONFIG)[-1][0]) == first
    assert without_seconds(run(replace(CONFIG, seed=1))[-1][0]) != first


def test_the_initial_weights_depend_on_the_config_alone_and_disturb_nobody() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    assert_same(build_model(CONFIG).state_dict(), build_model(CONFIG).state_dict())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(("schedule", "cycle"), [("per_item", 1), ("per_epoch", 3)])
@pytest.mark.parametrize("patience", [1, 2])
def test_patience_counts_cycles(monkeypatch: pytest.MonkeyPatch, schedule: str, cycle: int, patience: int) -> None:
    losses_are(monkeypatch, [5.0, 4.0, *[4.0] * 20])
    config = with_train(CONFIG, effect_schedule=schedule, patience=patience, max_epochs=15)
    epochs = [epoch for epoch, _ in run(config)]
    assert len(epochs) == 2 + patience * cycle
    assert [epoch.ended for epoch in epochs] == [""] * (len(epochs) - 1) + ["patience"]
    assert epochs[-1].metrics["best_epoch"] == 2


def test_improving_within_patience_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    losses_are(monkeypatch, [5.0, 6.0, 4.0, 6.0, 6.0])
    epochs = [epoch for epoch, _ in run(with_train(CONFIG, patience=2, max_epochs=9))]
    assert [epoch.metrics["best_epoch"] for epoch in epochs] == [1, 1, 3, 3, 3]
    assert [epoch.metrics["eval/x"] for epoch in epochs] == [5.0, 5.0, 4.0, 4.0, 4.0]


@pytest.mark.parametrize("validate_on", ["all_effects", "epoch_effect"])
def test_one_effect_an_epoch_knows_two_losses_and_says_which_of_them_decides(validate_on: str) -> None:
    config = with_train(CONFIG, effect_schedule="per_epoch", validate_on=validate_on, max_epochs=6, patience=9)
    metrics = [epoch.metrics for epoch, _ in run(config)]
    deciding = [epoch["validation/loss"] for epoch in metrics]
    assert deciding == [epoch[f"validation/{validate_on}_loss"] for epoch in metrics]
    assert metrics[-1]["best_epoch"] == 1 + deciding.index(min(deciding))
    assert all(epoch["validation/all_effects_loss"] != epoch["validation/epoch_effect_loss"] for epoch in metrics)


def test_with_every_effect_in_every_epoch_there_is_but_one_validation_loss() -> None:
    assert not [name for epoch, _ in run(CONFIG) for name in epoch.metrics if name.endswith("effect_loss")]


def test_the_kept_weights_are_those_of_the_best_epoch() -> None:
    """A learning rate this high makes some epochs worse than the best before them."""
    config = with_train(CONFIG, learning_rate=0.3, max_epochs=6, patience=10)
    done = run(config)
    best = int(done[-1][0].metrics["best_epoch"])
    losses = [epoch.metrics["validation/loss"] for epoch, _ in done]
    assert best == 1 + losses.index(min(losses)) < 6
    average = done[best - 1][1]["average"]
    assert_same(done[-1][1]["best"], {name.removeprefix("module."): w for name, w in average.items() if name != "n_averaged"})
    evaluated = [{name: value for name, value in epoch.metrics.items() if name.startswith("eval/")} for epoch, _ in done]
    assert evaluated[-1] == evaluated[best - 1]


def test_controls_stand_beside_every_epoch_and_gain_is_over_the_untrained_encoder() -> None:
    for epoch, state in run(CONFIG):
        controls = {name: value for name, value in epoch.metrics.items() if name.startswith("control/")}
        assert controls == {f"control/{name}": value for name, value in state["controls"].items()}
        gain = epoch.metrics["eval/unseen_accuracy"] - controls["control/untrained/unseen_accuracy"]
        assert epoch.metrics["eval/unseen_gain"] == pytest.approx(gain)
        for name in ("probe_accuracy", "retrieval"):
            assert {f"control/untrained/{name}", f"control/pca/{name}"} <= controls.keys()


def test_one_held_out_effect_has_no_accuracy_among_the_unseen() -> None:
    metrics = run(replace(CONFIG, trained_effects=EFFECT_NAMES[:8], held_out_effects=("loudness",)))[-1][0].metrics
    assert "eval/probe_accuracy" in metrics and "eval/unseen_gain" not in metrics


def test_items_and_seconds_are_told() -> None:
    epochs = [epoch for epoch, _ in run(CONFIG)]
    assert [epoch.metrics["items"] for epoch in epochs] == [24, 48, 72]
    work = [epoch.metrics["seconds/work"] for epoch in epochs]
    assert [epoch.metrics["trial/seconds"] for epoch in epochs] == pytest.approx([sum(work[:n]) for n in (1, 2, 3)])
    assert all(epoch.metrics[f"seconds/{part}"] > 0 for epoch in epochs for part in ("render_wait", "train", "validate"))
    for seconds in (
        {part: epoch.metrics[f"seconds/{part}"] for part in ("train", "validate", "evaluate", "work")} for epoch in epochs
    ):
        assert seconds.pop("work") == pytest.approx(sum(seconds.values())), "waiting for rendering is no work"
    assert 0 <= epochs[-1].metrics["eval/active_dimensions"] <= 8


def test_the_next_epoch_is_announced_before_it_is_needed_and_nothing_beyond_the_last() -> None:
    source = SyntheticSource(CONFIG)
    for number, _ in enumerate(fit(CONFIG, source), 1):
        if number < CONFIG.train.max_epochs:
            assert set(training_requests(CONFIG, number)) <= set(source.announced)
    assert set(source.asked) == set(source.announced)


def test_divergence_is_told_with_epoch_and_learning_rate() -> None:
    with pytest.raises(FloatingPointError, match=r"epoch \d+ with learning_rate=1\b.*Lower train.learning_rate"):
        run(with_train(with_model(CONFIG, reconstruction_weight=1e30), learning_rate=1.0, max_epochs=50))


def test_a_validation_loss_that_is_not_finite_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    losses_are(monkeypatch, [5.0, float("nan")])
    with pytest.raises(FloatingPointError, match="epoch 2"):
        run(CONFIG)


def test_a_spoiled_block_is_not_learned_from() -> None:
    class Spoiled(SyntheticSource):
        def blocks(self, requests: Any) -> list[Block]:
            return [replace(block, wet=block.wet * float("nan")) for block in super().blocks(requests)]

    with pytest.raises(FloatingPointError, match="epoch 1"):
        next(fit(CONFIG, Spoiled(CONFIG)))


def test_training_does_not_need_writable_blocks() -> None:
    class Frozen(SyntheticSource):
        def blocks(self, requests: Any) -> list[Block]:
            made = super().blocks(requests)
            for block in made:
                block.dry.flags.writeable = block.wet.flags.writeable = False
            return made

    frozen = [without_seconds(epoch) for epoch in fit(CONFIG, Frozen(CONFIG))]
    assert frozen == [without_seconds(epoch) for epoch, _ in run(CONFIG)]
