"""Training through the effect itself: the loss is how the result sounds, its gradient is estimated by rendering.

Renders are asked for as probes (rendering/takes.py), all of one backward pass at once: render actors share them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from trainables.configs import MatcherConfig, TrialConfig
from trainables.digests import digest
from trainables.effects.effect import Effect
from trainables.features import TARGET_RMS
from trainables.gradients import GradientConfig, GradientLog, audio_through_effect, loss_through_effect
from trainables.matching.encoder import HeardTakes, hear, seen
from trainables.matching.knob_space import KnobSpace
from trainables.matching.learner import MatcherLearner
from trainables.matching.matcher import name_of
from trainables.matching.probed_takes import ProbedTakes
from trainables.matching.spectral_metrics import multi_resolution_stft
from trainables.matching.takes import MODES, Mode
from trainables.matching.trial_schedule import audio_requests, training_requests
from trainables.rendering.source import ProbingSource
from trainables.rendering.takes import BlockRequest
from trainables.training.batches import generator

BATCH_ITEMS = 8


class EndToEnd:
    """Steps of the controllers down the gradient through the effects.

    Args:
        effects: those trained on, by name.
    """

    def __init__(self, config: TrialConfig, source: ProbingSource, effects: Mapping[str, Effect]) -> None:
        assert config.matcher is not None
        self.config, self.source, self.effects = config, source, effects
        self.settings: MatcherConfig = config.matcher

    def alone(self, epoch: int) -> bool:
        """Whether an epoch trains in this way and no other."""
        return self.settings.gradient != "none" and epoch >= self.settings.gradient_from

    def train(self, learner: MatcherLearner, epoch: int) -> dict[str, float]:
        """One pass over `gradient_items` takes; the mean loss, how clear the gradients were, and what they cost."""
        if not self.alone(epoch):
            return {}
        log, losses = GradientLog(), []
        known, heard = training_requests(self.config, epoch), audio_requests(self.config, epoch)
        for effect, requests in heard.items():
            knobs = self.effects[effect].parameters
            features = [hear(self.source, [one], knobs, learner.encoder) for one in known[effect][: len(requests)]]
            wets = self._wets(requests) if self.by_audio else [None] * len(requests)
            with learner.dropping_out(epoch):
                for mode in MODES:
                    losses += [self._block(learner, mode, *block, epoch, log) for block in zip(features, wets, strict=True)]
        told = {"loss_through_effect": float(np.mean(losses)), "gradient_renders": float(log.renders)}
        clear = log.mean_signal_to_noise()
        return told | ({"gradient_signal_to_noise": clear} if np.isfinite(clear) else {})

    @property
    def by_audio(self) -> bool:
        """Whether the audio is perturbed, and the loss is computed here."""
        return self.settings.gradient_level == "audio"

    def _wets(self, requests: list[BlockRequest]) -> list[Tensor | None]:
        return [torch.from_numpy(block.wet) for block in self.source.blocks(requests)]

    def _block(
        self, learner: MatcherLearner, mode: Mode, features: HeardTakes, wet: Tensor | None, epoch: int, log: GradientLog
    ) -> float:
        (block,), space = features.blocks, KnobSpace(self.effects[features.blocks[0].effect].parameters)
        name, known = block.effect, features.examples[mode]
        controller, random = learner.matcher.controller(mode, name), self._random(mode, name, epoch)
        order, total = torch.randperm(len(block.takes), generator=generator(self.config.seed, "through", epoch)), 0.0
        for chosen in order.split(BATCH_ITEMS):  # type: ignore[no-untyped-call]
            inputs = chosen.numpy() ^ 1  # the other recording of the same settings
            takes = ProbedTakes(self.source, tuple(block.takes[i] for i in inputs), space)
            points = controller(seen(known, learner.matcher.encoder, chosen)).mean()
            loss = self._loss(takes, points, None if wet is None else wet[inputs], random, log)
            learner.step(mode, name, loss, epoch)
            total += float(loss.detach()) * len(chosen)
        return total / len(block.takes)

    def _loss(
        self, takes: ProbedTakes, points: Tensor, wet: Tensor | None, random: np.random.Generator, log: GradientLog
    ) -> Tensor:
        settings = self.settings
        assert settings.gradient != "none"
        config = GradientConfig(settings.gradient, settings.gradient_step, settings.gradient_draws)
        if wet is None:
            return loss_through_effect(points, takes.losses, config, random, log).nanmean()
        audio = audio_through_effect(points, takes.renders, config, random, log)
        return multi_resolution_stft(_levelled(audio), _levelled(wet)).mean()

    def _random(self, mode: Mode, effect: str, epoch: int) -> np.random.Generator:
        return np.random.default_rng([self.config.seed, epoch, int(digest(name_of(mode, effect)), 16)])


def _levelled(audio: Tensor) -> Tensor:
    return audio * (TARGET_RMS * audio.square().mean((1, 2), keepdim=True).clamp_min(1e-12).rsqrt())
