"""What a real trial leaves behind is enough to answer every question about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from synthetic_blocks import CONFIG, SyntheticSource, with_train

from trainables.configs import TrialConfig
from trainables.diagnosis.diagnosis import ReadBack, TrialRecord, diagnose
from trainables.diagnosis.read_back import read_back, write_read_back
from trainables.training.checkpoint import State, read_checkpoint, write_checkpoint
from trainables.training.fit import fit
from trainables.training.learner import build_model

TRAINED = with_train(CONFIG, max_epochs=7, effect_schedule="per_epoch", patience=3)


@pytest.fixture(scope="module")
def trained() -> tuple[list[dict[str, float]], State]:
    epochs = list(fit(TRAINED, SyntheticSource(TRAINED)))
    return [epoch.metrics for epoch in epochs], epochs[-1].state()


def through_a_file(state: State, folder: Path) -> tuple[TrialConfig, State]:
    write_checkpoint(folder / "trial.pt", TRAINED, state)
    return read_checkpoint(folder / "trial.pt")


def test_kept_weights_read_back_give_the_loss_they_were_kept_for(
    trained: tuple[list[dict[str, float]], State], tmp_path: Path
) -> None:
    metrics, state = trained
    found = read_back(*through_a_file(state, tmp_path), SyntheticSource(TRAINED))
    assert found.kept == min(epoch["validation/loss"] for epoch in metrics)
    assert found.reread == pytest.approx(found.kept, rel=1e-6)
    assert found.untrained > found.kept


def test_a_trial_validated_on_the_effect_of_each_epoch_is_read_back_as_it_was_kept() -> None:
    config = with_train(TRAINED, validate_on="epoch_effect")
    *_, last = fit(config, SyntheticSource(config))
    found = read_back(config, last.state(), SyntheticSource(config))
    assert found.reread == pytest.approx(found.kept, rel=1e-6)


def test_untrained_weights_in_their_place_are_found_out(trained: tuple[list[dict[str, float]], State], tmp_path: Path) -> None:
    untrained = trained[1] | {"best": build_model(TRAINED).state_dict()}
    found = read_back(*through_a_file(untrained, tmp_path), SyntheticSource(TRAINED))
    assert found.reread == found.untrained


def test_weights_of_another_model_are_refused(trained: tuple[list[dict[str, float]], State]) -> None:
    with pytest.raises(RuntimeError):
        read_back(TRAINED, trained[1] | {"best": {"strange": torch.zeros(2)}}, SyntheticSource(TRAINED))


def test_a_real_trial_leaves_no_question_unanswered(trained: tuple[list[dict[str, float]], State], tmp_path: Path) -> None:
    metrics, state = trained
    write_read_back(TRAINED, state, SyntheticSource(TRAINED), tmp_path / "read_back.json")
    found = ReadBack(**json.loads((tmp_path / "read_back.json").read_text()))
    checks = diagnose(TrialRecord(TRAINED, tuple(metrics), "max_epochs", found))
    assert [check.name for check in checks if check.verdict == "unknown"] == []
    assert next(check for check in checks if check.name == "weights").verdict == "fine"
