"""The controllers that learn: passes over examples, and the loss on examples that they do not learn from."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from trainables.configs import TrialConfig
from trainables.matching.encoder import build_encoder, is_trained, seen
from trainables.matching.matcher import Hearing, Matcher, name_of
from trainables.matching.takes import MODES, Examples, Mode
from trainables.parameters import Parameter
from trainables.training.batches import generator
from trainables.training.embedder import Embedder
from trainables.training.learner import LARGEST_GRADIENT, average_step, diverged, warm_up

ENCODER = "encoder"  # among the counts of steps, where it is trained along
Sets = Mapping[tuple[Mode, str], Examples]
"""Examples by mode and effect."""


def build_matcher(config: TrialConfig, knobs: Mapping[str, int]) -> Matcher:
    """The untrained matcher; its weights depend on the config alone."""
    if config.matcher is None:
        raise ValueError("the config is not that of a matcher")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        return Matcher(config.matcher, Hearing(config.sample_rate, config.clip_samples, build_encoder(config)), knobs)


def free_knobs(parameters: Mapping[str, tuple[Parameter, ...]]) -> dict[str, int]:
    """How many knobs of each effect can be turned."""
    return {effect: sum(not p.frozen for p in knobs) for effect, knobs in parameters.items()}


class MatcherLearner:
    """The matcher, the running average of its weights, and its optimizer."""

    def __init__(self, config: TrialConfig, knobs: Mapping[str, int]) -> None:
        assert config.matcher is not None
        self.config, self.settings = config, config.matcher
        self.matcher = build_matcher(config, knobs)
        self.averaged = copy.deepcopy(self.matcher).eval()  # what is validated, scored and kept
        self.steps = dict.fromkeys([*self.matcher.controllers, *([ENCODER] if is_trained(self.encoder) else [])], 0)
        decay = config.matcher.weight_decay
        self.optimizer = torch.optim.AdamW(self.matcher.parameters(), lr=config.train.learning_rate, weight_decay=decay)

    @property
    def encoder(self) -> Embedder | None:
        """What is heard beside statistics, as it is validated."""
        return self.averaged.hearing.encoder

    def load_encoder(self, weights: Mapping[str, Tensor]) -> None:
        """Those of the VAE's encoder, as `encoder_file.py` has them."""
        for matcher in (self.matcher, self.averaged):
            assert matcher.encoder is not None
            matcher.encoder.load_state_dict(dict(weights))

    def load(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave."""
        self.matcher.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["average"])
        self.optimizer.load_state_dict(copy.deepcopy(state["optimizer"]))
        self.steps = dict(state["steps"])

    def state(self) -> dict[str, Any]:
        """Copies of the weights, of their average and of the optimizer's memory."""
        weights = {"model": self.matcher.state_dict(), "average": self.averaged.state_dict()}
        return copy.deepcopy({**weights, "optimizer": self.optimizer.state_dict(), "steps": self.steps})

    def adapt(self, sets: Sets) -> None:
        """Learns how features are spread; once, before the first step."""
        for (mode, effect), known in sets.items():
            for matcher in (self.matcher, self.averaged):
                with torch.no_grad():
                    features = seen(known, matcher.encoder)
                matcher.controller(mode, effect).adapt(features, known.points)

    def train(self, sets: Sets, epoch: int) -> dict[str, float]:
        """Passes over all examples of every controller; the mean loss of the last pass, in nats, by mode.

        Raises:
            FloatingPointError: a gradient is not finite.
        """
        losses: dict[Mode, list[float]] = {mode: [] for mode in MODES}
        with self.dropping_out(epoch):
            for (mode, effect), known in sets.items():
                losses[mode].append(self._train_one(mode, effect, known, epoch))
        return {f"loss_{mode}": sum(values) / len(values) for mode, values in losses.items()}

    @contextmanager
    def dropping_out(self, epoch: int) -> Iterator[None]:
        """The matcher as it trains: what is left out follows from seed and epoch alone."""
        self.matcher.train()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(generator(self.config.seed, "dropout", epoch).initial_seed() % 2**63))
            yield

    def _train_one(self, mode: Mode, effect: str, known: Examples, epoch: int) -> float:
        controller, random = self.matcher.controller(mode, effect), generator(self.config.seed, name_of(mode, effect), epoch)
        total = 0.0
        for _ in range(self.settings.passes):
            total = 0.0
            for chosen in torch.randperm(len(known.points), generator=random).split(self.config.train.batch_size):  # type: ignore[no-untyped-call]
                features = seen(known, self.matcher.encoder, chosen)
                loss = -controller(features).log_likelihood(known.points[chosen]).mean()
                self.step(mode, effect, loss, epoch)
                total += float(loss.detach()) * len(chosen)
        return total / len(known.points)

    def step(self, mode: Mode, effect: str, loss: Tensor, epoch: int) -> None:
        """One step of a controller down its loss, and of an encoder that is trained along."""
        controller, name = self.matcher.controller(mode, effect), name_of(mode, effect)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        with_encoder = mode == "paired" and is_trained(self.matcher.encoder)
        moved = [*controller.parameters(), *(self.matcher.encoder.parameters() if with_encoder and self.matcher.encoder else ())]
        norm = nn.utils.clip_grad_norm_(moved, LARGEST_GRADIENT)
        if not bool(norm.isfinite()):
            raise diverged(epoch, self.config.train.learning_rate)
        for group in self.optimizer.param_groups:
            group["lr"] = self.config.train.learning_rate * warm_up(self.steps[name])
        self.optimizer.step()  # of the others, which have no gradients, nothing changes
        self._average(name, self.averaged.controller(mode, effect), controller)
        if with_encoder and self.averaged.encoder and self.matcher.encoder:
            self._average(ENCODER, self.averaged.encoder, self.matcher.encoder)

    def _average(self, name: str, averaged: nn.Module, latest: nn.Module) -> None:
        kept, now = (list[torch.Tensor](of.parameters()) for of in (averaged, latest))
        with torch.no_grad():
            average_step(kept, now, torch.tensor(self.steps[name]), self.config.train.average_decay)
        self.steps[name] += 1

    @torch.no_grad()
    def validate(self, sets: Sets) -> dict[str, float]:
        """The loss of the averaged controllers by mode, its mean over both, and the error over knobs of paired ones."""
        found: dict[tuple[Mode, str], float] = {}
        errors: list[float] = []
        for (mode, effect), known in sets.items():
            mixture = self.averaged.controller(mode, effect)(seen(known, self.averaged.encoder))
            found[mode, effect] = float(-mixture.log_likelihood(known.points).mean())
            if mode == "paired":
                errors.append(float((mixture.mean() - known.points).abs().mean()))
        by_mode = {mode: [value for (of, _), value in found.items() if of == mode] for mode in MODES}
        means = {f"loss_{mode}": sum(values) / len(values) for mode, values in by_mode.items()}
        return {"loss": sum(means.values()) / len(means), **means, "knob_error": sum(errors) / len(errors)}
