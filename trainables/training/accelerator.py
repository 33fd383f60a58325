"""Where a model trains: the CPU, or a GPU if the trial was given one."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import torch
from torch import Tensor

from trainables.configs import TrainConfig, TrialConfig

CPU = torch.device("cpu")


def device_of(train: TrainConfig) -> torch.device:
    """The GPU that Ray gave to this process, if the trial asks for one.

    Raises:
        RuntimeError: it asks for one, and this process sees none.
    """
    if not train.gpus:
        return CPU
    if not torch.cuda.is_available():
        raise RuntimeError(f"train.gpus is {train.gpus}, and this process sees no GPU. Set train.gpus: 0, or add GPU nodes.")
    torch.backends.cudnn.allow_tf32 = False  # losses are those of a CPU to four digits; training is in bfloat16 anyway
    return torch.device("cuda")


def on_cpu(config: TrialConfig) -> TrialConfig:
    """The same trial where it is not trained, but looked at."""
    return replace(config, train=replace(config.train, gpus=0))


def half_precision(device: torch.device) -> AbstractContextManager[object]:
    """Convolutions and matrix products in bfloat16 on a GPU; on a CPU everything stays float32, bit for bit."""
    return nullcontext() if device.type == "cpu" else torch.autocast(device.type, dtype=torch.bfloat16)


def moved(values: Tensor, device: torch.device) -> Tensor:
    """On the device; to a GPU from pinned memory, so that the copy goes on beside the computation."""
    return values if device.type == "cpu" else values.pin_memory().to(device, non_blocking=True)
