"""The model that learns: one epoch of optimisation, and the loss on examples it does not learn from."""

from __future__ import annotations

import copy
from contextlib import nullcontext
from functools import partial
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel

from trainables.configs import TrialConfig
from trainables.features import spectrogram_shape
from trainables.models.vae import Vae
from trainables.training.accelerator import device_of, half_precision
from trainables.training.batches import Batch, Examples, batch_count, batches, generator
from trainables.training.losses import Parts, contrastive_over, kl_to_standard_normal, squared_errors
from trainables.training.perceptual import perceptual_over
from trainables.training.ranks import ALONE, Team

WARM_UP_STEPS = 20
LARGEST_GRADIENT = 1.0  # norm


def build_model(config: TrialConfig) -> Vae:
    """The untrained model; its weights depend on the config alone. The process's own random state is left as it was."""
    bands, frames = spectrogram_shape(config.front_end, config.sample_rate, config.clip_samples)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return Vae(config.model, config.channels, bands, frames)


def warm_up(step: int) -> float:
    """The share of the learning rate at optimisation step `step` (from 0): rises to 1, then stays.

    It says nothing about the last epoch, so that a trial may be stopped or extended at any.
    """
    return min(1.0, (step + 1) / WARM_UP_STEPS)


def average_step(averaged: list[Tensor], now: list[Tensor], steps: Tensor, decay: float) -> None:
    """Moves the running average of the weights towards `now`, in place; early on faster, so that it forgets the beginning.

    Averaging does what lowering the learning rate to nothing does, but at any moment, so that a trial may be
    stopped or extended (Polyak & Juditsky 1992; as exponential average: Tarvainen & Valpola 2017).
    """
    done = int(steps)
    torch._foreach_lerp_(averaged, now, 1.0 - min(decay, (1.0 + done) / (10.0 + done)))


class Learner:
    """The model, the running average of its weights, its optimizer, and the team it is trained by."""

    def __init__(self, config: TrialConfig, team: Team) -> None:
        self.config, self.team = config, team
        self.device = device_of(config.train)
        self.model = build_model(config).to(self.device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=config.train.learning_rate)
        self.average = AveragedModel(self.model, multi_avg_fn=partial(average_step, decay=config.train.average_decay))
        self.net: nn.Module = self.model
        if team.world > 1:
            self.net = DistributedDataParallel(self.model, broadcast_buffers=False)

    @property
    def averaged(self) -> Vae:
        """What is validated, scored and kept."""
        return cast(Vae, self.average.module)

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(copy.deepcopy(state["optimizer"]))

    def state(self) -> dict[str, Any]:
        """Copies of the weights, of their average and of the optimizer's memory."""
        weights = {"model": self.model.state_dict(), "average": self.average.state_dict()}
        return copy.deepcopy({**weights, "optimizer": self.optimizer.state_dict()})

    def train(self, examples: Examples, epoch: int) -> dict[str, float]:
        """One pass over `examples`; mean of each part of the loss over its items, as seen on the way.

        Raises:
            FloatingPointError: a gradient is not finite, on every rank at once.
        """
        train, sums = self.config.train, torch.zeros(1, device=self.device)
        first = epoch * batch_count(len(examples.dry), train.batch_size)
        random = generator(self.config.seed, epoch)
        for step, batch in enumerate(batches(examples, train.batch_size, self.config.model.latent_size, random, self.team)):
            parts = self._parts(self.net, batch, self.team)
            self.optimizer.zero_grad()
            # Ranks hold shares of one sum, and DistributedDataParallel averages.
            torch.autograd.backward(self.team.world * parts.total(self.config.model))
            self._step(first + step, epoch)
            sums = sums + batch.items * parts.shares(self.team)
        return self._means(self.team.total(sums), examples)

    @torch.no_grad()
    def validate(self, examples: Examples) -> dict[str, float]:
        """The same parts, of the averaged model, on examples not learned from, with the same batches and noise at every call."""
        train, sums = self.config.train, torch.zeros(1, device=self.device)
        random = generator(self.config.seed, "validation")
        for batch in batches(examples, train.batch_size, self.config.model.latent_size, random, ALONE):
            sums = sums + batch.items * self._parts(self.averaged, batch, ALONE).shares(ALONE)
        return self._means(sums, examples)

    def _parts(self, net: nn.Module, batch: Batch, team: Team) -> Parts:
        batch = batch.to(self.device)
        with half_precision(self.device) if torch.is_grad_enabled() else nullcontext():
            seen = net(batch.dry, batch.wet, batch.noise)
        predicted, mean, log_variance = (values.float() for values in seen)
        present = (batch.groups >= 0) / batch.items
        return Parts(
            reconstruction=(squared_errors(predicted, batch.wet) * present).sum(),
            kl=(kl_to_standard_normal(mean, log_variance) * present).sum(),
            contrastive=contrastive_over(team, mean, batch.groups, self.config.model.temperature),
            pixels=batch.wet[0].numel(),
            perceptual=None if batch.timbre is None else perceptual_over(team, mean, batch.timbre, batch.groups),
        )

    def _step(self, step: int, epoch: int) -> None:
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), LARGEST_GRADIENT)
        if not bool(norm.isfinite()):
            raise diverged(epoch, self.config.train.learning_rate)
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.train.learning_rate * warm_up(step)
        self.optimizer.step()
        self.average.update_parameters(self.model)

    def _means(self, sums: Tensor, examples: Examples) -> dict[str, float]:
        reconstruction, kl, contrast, *perceptual = sums / len(examples.dry)
        parts = Parts(reconstruction, kl, contrast, examples.wet[0].size, *perceptual)
        told = {name: float(value) for name, value in parts.named(self.config.model).items()}
        return told if examples.timbre is None else told | {"without_timbre": float(np.isnan(examples.timbre).any(axis=1).sum())}


def diverged(epoch: int, learning_rate: float) -> FloatingPointError:
    """What to raise when a loss or gradient is no longer finite in epoch `epoch` (from 0)."""
    where = f"epoch {epoch + 1} with learning_rate={learning_rate:g}"
    return FloatingPointError(f"The loss is not finite in {where}: training diverged. Lower train.learning_rate.")
