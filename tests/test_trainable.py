"""A trial's checkpoint is that of its last report, whatever was lost in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from counting_fit import CountingFit, tiny_config

from trainables.configs import TrialConfig
from trainables.training.checkpoint import read_checkpoint
from trainables.training.mailbox import WorkersLost
from trainables.training.trainable import CHECKPOINT_FILE, MAX_ATTEMPTS, TrialContext, TrialTrainable
from trainables.training.workers import InProcess


class Mortal(InProcess):
    """A group whose workers are lost a few times when they are asked for their state, and with them all that they knew."""

    def __init__(self, fit: CountingFit, losses: int) -> None:
        super().__init__(fit)
        self.losses = losses

    def save(self) -> bytes:
        if self.losses:
            self.losses -= 1
            self.drop()
            raise WorkersLost("planted")
        return super().save()


def trial(folder: Path, losses: int, epochs: int) -> TrialTrainable:
    found: TrialTrainable = object.__new__(TrialTrainable)
    fit = CountingFit(str(folder))

    def to_config(params: Any) -> TrialConfig:
        return tiny_config(epochs=epochs)

    def unused(config: TrialConfig, state: dict[str, Any] | None) -> Iterator[Any]:
        raise AssertionError("the group has its own")

    found.setup({}, TrialContext(to_config, unused, 1, str(folder), "eval/probe_accuracy"))
    found.group = Mortal(fit, losses)
    return found


def state_after(folder: Path, losses: int, epochs: int) -> dict[str, Any]:
    """What is saved after the last epoch; losses happen then, all at once."""
    ends = trial(folder, 0, epochs)
    for _ in range(epochs - 1):
        ends.step()
    ends.save_checkpoint(str(folder))
    ends.group.losses = losses  # type: ignore[union-attr]
    assert ends.step()["done"]
    ends.save_checkpoint(str(folder))
    return read_checkpoint(folder / CHECKPOINT_FILE)[1]


@pytest.mark.parametrize("losses", [1, MAX_ATTEMPTS - 1])
def test_workers_lost_between_the_last_report_and_its_checkpoint_train_that_epoch_again(losses: int, tmp_path: Path) -> None:
    for name in ("whole", "lost"):
        (tmp_path / name).mkdir()
    assert state_after(tmp_path / "lost", losses, 3) == state_after(tmp_path / "whole", 0, 3)


def test_workers_lost_again_and_again_leave_the_older_checkpoint(tmp_path: Path) -> None:
    assert state_after(tmp_path, MAX_ATTEMPTS, 3)["epoch"] == 2
