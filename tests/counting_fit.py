"""A small generator in place of `training.fit`: for tests of what drives it. Importable by Ray's workers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from trainables.configs import EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.training.fit import Epoch


@dataclass(frozen=True)
class CountingFit:
    """Yields a value that depends on the seed, the epoch and the whole history before it.

    Attributes:
        folder: every epoch of every rank leaves a line in `folder/epochs`.
        fails_at: (latent size, epoch) at which it raises.
        dies_at: (latent size, epoch) at which the process dies, the first time.
    """

    folder: str
    fails_at: tuple[int, int] = (0, 0)
    dies_at: tuple[int, int] = (0, 0)

    def __call__(self, config: TrialConfig, state: dict[str, Any] | None) -> Iterator[Epoch]:
        latent = config.model.latent_size
        epoch, total = (state["epoch"], state["total"]) if state else (0, 0.0)
        while epoch < config.train.max_epochs:
            epoch += 1
            if self.fails_at == (latent, epoch):
                raise ValueError(f"planted at epoch {epoch}")
            if self.dies_at == (latent, epoch) and self._first_time("died"):
                os._exit(1)
            generator = torch.Generator().manual_seed(1000 * config.seed + epoch)
            total = total / 3 + float(torch.rand(1, generator=generator)) + latent
            self._note(f"{os.getpid()} {latent} {epoch}")
            ended = "max_epochs" if epoch == config.train.max_epochs else ""
            now = {"epoch": epoch, "total": total}
            yield Epoch({"eval/probe_accuracy": total, "noise": float(torch.rand(1))}, ended, partial(dict, now))

    def _note(self, line: str) -> None:
        with (Path(self.folder) / "epochs").open("a") as file:
            file.write(line + "\n")

    def _first_time(self, mark: str) -> bool:
        try:
            (Path(self.folder) / mark).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def tiny_config(latent_size: int = 4, epochs: int = 3, seed: int = 0, workers: int = 0) -> TrialConfig:
    return TrialConfig(
        model=VaeConfig(latent_size=latent_size, widths=(8, 8)),
        train=TrainConfig(max_epochs=epochs, items_per_epoch=32, validation_items=12, batch_size=16, workers=workers),
        evaluation=EvaluationConfig(settings_per_effect=4),
        front_end=FrontEndConfig(bands=16, hop_samples=1024, fft_size=1024),
        sample_rate=16000,
        clip_samples=8192,
        channels=1,
        trained_effects=("overdrive", "delay"),
        held_out_effects=("combo", "loudness"),
        seed=seed,
    )


def noted(folder: Path) -> list[tuple[int, int, int]]:
    """(process id, latent size, epoch) of every epoch trained."""
    lines = (folder / "epochs").read_text().splitlines() if (folder / "epochs").exists() else []
    return [(int(a), int(b), int(c)) for a, b, c in (line.split() for line in lines)]
