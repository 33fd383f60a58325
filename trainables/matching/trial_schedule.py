"""Which takes a matcher's trial asks for: features to learn from, audio to be scored on. Pure arithmetic."""

from __future__ import annotations

from dataclasses import replace

from trainables.configs import TrialConfig
from trainables.rendering.schedule import BLOCK_ITEMS
from trainables.rendering.takes import BlockRequest

MOST_SCORED = 40  # settings of each effect that every better epoch is scored on


def training_requests(config: TrialConfig, epoch: int) -> dict[str, list[BlockRequest]]:
    """By effect, what epoch number `epoch` (from 0) hears for the first time: `items_per_epoch`, shared among the effects."""
    blocks = -(-config.train.items_per_epoch // (BLOCK_ITEMS * len(config.trained_effects)))
    draws = range(epoch * blocks, (epoch + 1) * blocks)
    return {
        effect: [BlockRequest(effect, "train", draw, BLOCK_ITEMS, "features") for draw in draws]
        for effect in config.trained_effects
    }


def validation_requests(config: TrialConfig) -> dict[str, list[BlockRequest]]:
    """By effect, the same at every epoch: `validation_items`, shared among the effects."""
    blocks = -(-config.train.validation_items // (BLOCK_ITEMS * len(config.trained_effects)))
    return {
        effect: [BlockRequest(effect, "validation", draw, BLOCK_ITEMS, "features") for draw in range(blocks)]
        for effect in config.trained_effects
    }


def scoring_requests(config: TrialConfig) -> dict[str, list[BlockRequest]]:
    """By effect, audio of recordings that are not trained on: two blocks, each of half of the settings."""
    settings = min(config.evaluation.settings_per_effect, MOST_SCORED)
    halves = (settings - settings // 2, settings // 2)
    return {
        effect: [BlockRequest(effect, "evaluation", fold, 2 * halves[fold], "audio") for fold in (0, 1)]
        for effect in config.trained_effects
    }


def audio_requests(config: TrialConfig, epoch: int) -> dict[str, list[BlockRequest]]:
    """By effect, audio of takes that epoch number `epoch` heard as features, to train on through the effect."""
    assert config.matcher is not None
    blocks = -(-config.matcher.gradient_items // (BLOCK_ITEMS * len(config.trained_effects)))
    heard = training_requests(config, epoch)
    return {effect: [replace(request, form="audio") for request in requests[:blocks]] for effect, requests in heard.items()}


def flat(requests: dict[str, list[BlockRequest]]) -> list[BlockRequest]:
    """Of all effects."""
    return [request for of_effect in requests.values() for request in of_effect]
