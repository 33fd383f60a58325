"""Training through the effect itself: the loss is how the result sounds, its gradient is estimated by rendering."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from trainables.configs import MatcherConfig, TrialConfig
from trainables.digests import digest
from trainables.effects.effect import Effect, apply
from trainables.features import TARGET_RMS
from trainables.gradients import GradientConfig, GradientLog, Items, Values, audio_through_effect, loss_through_effect
from trainables.matching.knob_space import KnobSpace
from trainables.matching.learner import MatcherLearner
from trainables.matching.matcher import name_of
from trainables.matching.mel_distance import apart_db, see
from trainables.matching.spectral_metrics import multi_resolution_stft
from trainables.matching.takes import MODES, Mode, examples
from trainables.matching.trial_schedule import audio_requests, training_requests
from trainables.rendering.source import Source
from trainables.rendering.takes import Block
from trainables.training.batches import generator

BATCH_ITEMS = 8
DB = 0.1  # brings a distance in dB to the size of the other losses


@dataclass(frozen=True, eq=False)
class EffectOnTakes:
    """One effect on the dry clips of some takes, whose wet clips are what it ought to give.

    Attributes:
        dry, wet: (items, channels, samples) float32.
    """

    effect: Effect
    dry: np.ndarray
    wet: np.ndarray
    sample_rate: int

    def renders(self, points: Values, items: Items) -> np.ndarray:
        """(asked, channels, samples)."""
        space = KnobSpace(self.effect.parameters)
        asked = zip(points, items, strict=True)
        return np.stack([apply(self.effect, self.dry[i], self.sample_rate, space.settings(p)) for p, i in asked])

    def losses(self, points: Values, items: Items) -> Values:
        """(asked,) distances of what is rendered from what is right, in tens of dB (see mel_distance.py)."""
        targets = [see(clip, self.sample_rate) for clip in self.wet]
        sounds = (see(clip, self.sample_rate) for clip in self.renders(points, items))
        return np.array([DB * apart_db(sound, targets[item]) for sound, item in zip(sounds, items, strict=True)])


class EndToEnd:
    """Steps of the controllers down the gradient through the effects.

    Args:
        effects: those trained on, by name.
    """

    def __init__(self, config: TrialConfig, source: Source, effects: Mapping[str, Effect]) -> None:
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
        seen, heard = training_requests(self.config, epoch), audio_requests(self.config, epoch)
        for effect, requests in heard.items():
            features, sounds = (self.source.blocks(of[: len(requests)]) for of in (seen[effect], requests))
            for mode in MODES:
                losses += [self._block(learner, mode, *block, epoch, log) for block in zip(features, sounds, strict=True)]
        told = {"loss_through_effect": float(np.mean(losses)), "gradient_renders": float(log.renders)}
        clear = log.mean_signal_to_noise()
        return told | ({"gradient_signal_to_noise": clear} if np.isfinite(clear) else {})

    def _block(self, learner: MatcherLearner, mode: Mode, features: Block, sounds: Block, epoch: int, log: GradientLog) -> float:
        name, effect = features.effect, self.effects[features.effect]
        known = examples([features], effect.parameters, mode).features[: len(sounds.dry)]
        controller, random = learner.matcher.controller(mode, name), self._random(mode, name, epoch)
        order, total = torch.randperm(len(known), generator=generator(self.config.seed, "through", epoch)), 0.0
        for chosen in order.split(BATCH_ITEMS):  # type: ignore[no-untyped-call]
            inputs = chosen.numpy() ^ 1  # the other recording of the same settings
            takes = EffectOnTakes(effect, sounds.dry[inputs], sounds.wet[inputs], self.config.sample_rate)
            loss = self._loss(takes, controller(known[chosen]).mean(), random, log)
            learner.step(mode, name, loss, epoch)
            total += float(loss.detach()) * len(chosen)
        return total / len(known)

    def _loss(self, takes: EffectOnTakes, points: Tensor, random: np.random.Generator, log: GradientLog) -> Tensor:
        settings = self.settings
        assert settings.gradient != "none"
        config = GradientConfig(settings.gradient, settings.gradient_step, settings.gradient_draws)
        if settings.gradient_level == "loss":
            return loss_through_effect(points, takes.losses, config, random, log).mean()
        audio = audio_through_effect(points, takes.renders, config, random, log)
        return multi_resolution_stft(_levelled(audio), _levelled(torch.from_numpy(takes.wet))).mean()

    def _random(self, mode: Mode, effect: str, epoch: int) -> np.random.Generator:
        return np.random.default_rng([self.config.seed, epoch, int(digest(name_of(mode, effect)), 16)])


def _levelled(audio: Tensor) -> Tensor:
    return audio * (TARGET_RMS * audio.square().mean((1, 2), keepdim=True).clamp_min(1e-12).rsqrt())
