"""Where a model trains. No GPU is needed: asking for one that is not there is told, and half precision works on a CPU."""

from __future__ import annotations

import pytest
import torch
from synthetic_blocks import CONFIG, SyntheticSource, with_train

from trainables.rendering.schedule import training_portions
from trainables.rendering.source import fetch
from trainables.training import learner as learner_module
from trainables.training.accelerator import CPU, device_of, half_precision, moved, on_cpu
from trainables.training.learner import Learner
from trainables.training.ranks import ALONE
from trainables.training.trainable import trial_resources, worker_resources


def test_a_trial_trains_on_the_cpu_unless_it_asks_for_a_gpu() -> None:
    assert device_of(CONFIG.train) == CPU
    assert worker_resources(0) == {"CPU": 1.0} and worker_resources(1) == {"CPU": 1.0, "GPU": 1.0}
    assert trial_resources(2, 1).bundles[-2:] == [{"CPU": 1.0, "GPU": 1.0}] * 2
    assert trial_resources(0, 1).bundles == [{"CPU": 1.0, "GPU": 1.0}]


def test_a_gpu_that_is_not_there_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    asking = with_train(CONFIG, gpus=1)
    with pytest.raises(RuntimeError, match=r"train.gpus is 1, and this process sees no GPU\. Set train.gpus: 0"):
        Learner(asking, ALONE)
    assert device_of(on_cpu(asking).train) == CPU


def test_on_the_cpu_nothing_is_copied_and_nothing_is_rounded() -> None:
    values = torch.randn(3)
    assert moved(values, CPU) is values
    with half_precision(CPU):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_training_in_half_precision_learns_about_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """bfloat16 on the CPU, which is what a GPU would be asked for."""
    examples = fetch(SyntheticSource(CONFIG), training_portions(CONFIG, 0))
    exact, rounded = Learner(CONFIG, ALONE), Learner(CONFIG, ALONE)
    expected = [exact.train(examples, epoch)["loss"] for epoch in range(3)]
    monkeypatch.setattr(learner_module, "half_precision", lambda device: torch.autocast("cpu", dtype=torch.bfloat16))
    found = [rounded.train(examples, epoch)["loss"] for epoch in range(3)]
    assert found != expected and found == pytest.approx(expected, rel=0.03)
    assert rounded.validate(examples)["loss"] == pytest.approx(exact.validate(examples)["loss"], rel=0.03)
