"""Rules between the settings of a sweep, and what may be its objective."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tune.errors import InvalidInput
from tune.sweep_file.spec import load_sweep, parse_sweep


def refusal(text: str, folder: Path, overrides: dict[str, Any] | None = None) -> str:
    """What a user sees of a sweep file with this text."""
    path = folder / "a.yaml"
    path.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        load_sweep(path, overrides)
    return str(caught.value)


@pytest.mark.parametrize(
    ("metric", "reason"),
    [
        ("validation/loss", "means another thing for each latent size and split"),
        ("train/kl", "means another thing for each latent size and split"),
        ("control/pca/probe_accuracy", "what a trial must beat"),
        ("probe_accuracy", "not a score that trials can be compared by"),
    ],
)
def test_only_a_score_of_the_fixed_evaluation_set_can_be_the_objective(metric: str, reason: str, tmp_path: Path) -> None:
    message = refusal(f"name: x\nobjective:\n  metric: {metric}\n", tmp_path)
    assert message.startswith(f"a.yaml, line 3: objective.metric = {metric}: ")
    assert reason in message
    assert "eval/probe_accuracy" in message


@pytest.mark.parametrize("split", [{"hold_out": 1}, "all", [["leslie", "combo"], ["delay"]]])
def test_an_unseen_objective_needs_two_held_out_effects_in_every_split(split: object) -> None:
    given = {"name": "x", "search": {"effect_split": split}, "objective": {"metric": "eval/unseen_gain"}}
    with pytest.raises(InvalidInput, match="every split must hold out at least two"):
        parse_sweep(given)


def test_unseen_accuracy_is_no_objective_between_splits() -> None:
    objective = {"metric": "eval/unseen_accuracy"}
    parse_sweep({"name": "x", "objective": objective})
    with pytest.raises(InvalidInput, match=r"cannot be compared between effect splits\. Use eval/unseen_gain"):
        parse_sweep({"name": "x", "objective": objective, "search": {"effect_split": {"hold_out": 2}}})


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"scheduler": {"grace_epochs": 101}}, "scheduler.grace_epochs = 101: The grace period must not be longer"),
        ({"scheduler": {"type": "median", "grace_epochs": 101}}, "scheduler.grace_epochs = 101: The grace period must not"),
        ({"scheduler": {"unit": "seconds"}}, "scheduler.unit = seconds: A trial is not stopped before"),
        ({"scheduler": {"grace_seconds": 9}}, "scheduler.grace_seconds = 9: It counts seconds of work"),
        (
            {"scheduler": {"unit": "seconds", "grace_seconds": 9, "grace_epochs": 3}},
            "scheduler.grace_epochs = 3: It counts epochs, and scheduler.unit is seconds",
        ),
        ({"front_end": {"hop_samples": 4096}}, "front_end.hop_samples = 4096"),
        ({"front_end": {"fft_size": 8192}, "audio": {"clip_samples": 4096}}, "front_end.fft_size = 8192"),
        ({"front_end": {"low_hz": 400.0, "high_hz": 300.0}}, "front_end.low_hz = 400"),
        ({"front_end": {"low_hz": 4000.0}, "audio": {"sample_rate": 8000}}, "front_end.low_hz = 4000"),
        ({"audio": {"validation_share": 0.45, "evaluation_share": 0.58}}, "audio.evaluation_share = 0.58"),
        ({"figure": {"effects": ["delay", "comb"]}}, "figure.effects = comb: The figure can only show effects of the sweep."),
        ({"figure": {"effects": ["delay"]}}, "figure.effects = delay: One effect alone"),
        ({"figure": {"effects": ["delay", "delay"]}}, "figure.effects = delay: One effect alone"),
        ({"train": {"validate_on": "epoch_effect"}}, "train.validate_on = epoch_effect: An epoch has an effect of its own only"),
        ({"search": {"validate_on": ["all_effects", "epoch_effect"]}}, "search.validate_on = epoch_effect"),
        ({"search": {"beta": {"log": [0.1, 1]}}, "sampler": {"type": "grid"}}, "sampler.type = grid: A grid tries every point"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(values: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_sweep({"name": "x", **values})
    assert str(caught.value).startswith(f"sweep: {key}")


def test_the_grace_period_defaults_to_an_eighth_of_a_trial() -> None:
    assert parse_sweep({"name": "x", "train": {"max_epochs": 80}}).grace_epochs == 10
    assert parse_sweep({"name": "x", "train": {"max_epochs": 3}}).grace_epochs == 1


def test_the_grace_period_is_in_the_unit_of_the_scheduler() -> None:
    assert parse_sweep({"name": "x", "scheduler": {"grace_epochs": 7}}).grace == 7
    assert parse_sweep({"name": "x", "scheduler": {"unit": "seconds", "grace_seconds": 90}}).grace == 90.0


@pytest.mark.parametrize(("section", "refused"), [("model: {input: wet}", True), ("audio: {channels: 2}", True), ("", False)])
def test_an_encoder_that_is_trained_along_hears_mono_pairs(section: str, refused: bool, tmp_path: Path) -> None:
    text = (
        "name: x\ntrainable: matcher\nmatcher: {encoder: trained}\nobjective: {metric: eval/match_ratio, mode: min}\n" + section
    )
    if not refused:
        (tmp_path / "a.yaml").write_text(text)
        assert load_sweep(tmp_path / "a.yaml").matcher.encoder == "trained"
        return
    assert "matcher.encoder = trained: An encoder that is trained along hears mono clips" in refusal(text, tmp_path)
