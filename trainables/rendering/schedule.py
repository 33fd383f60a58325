"""Which takes an epoch uses: pure arithmetic, so that every trial, worker and resumed run asks for the same blocks.

Each effect has one endless stream of setting pairs per partition, cut into blocks of BLOCK_ITEMS items.
A trial reads each of its effects' streams from the start, so trials with different splits, epoch sizes or
schedules share blocks. An epoch may end within a block; the next one goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from trainables.configs import TrialConfig
from trainables.rendering.takes import BlockRequest, Partition

BLOCK_ITEMS = 16  # eight settings, each on two recordings
CONTROL_ITEMS = 1024  # more do not make PCA better, and cost memory


@dataclass(frozen=True)
class Portion:
    """The items `start` to `stop` (exclusive, both even) of a block."""

    request: BlockRequest
    start: int
    stop: int


def training_portions(config: TrialConfig, epoch: int) -> list[Portion]:
    """What epoch number `epoch` (from 0) trains on: exactly `items_per_epoch` items, rounded down to whole pairs.

    `per_item`: every trained effect in every epoch, as evenly as whole pairs allow, and exactly evenly in the
    long run. `per_epoch`: one effect an epoch, in turn.
    """
    effects, pairs = config.trained_effects, config.train.items_per_epoch // 2
    if config.train.effect_schedule == "per_epoch":
        visit = epoch // len(effects)
        return list(_portions(effect_of_epoch(config, epoch), "train", visit * pairs, (visit + 1) * pairs))
    return [
        portion
        for place, effect in enumerate(effects)
        for portion in _portions(effect, "train", *(_dealt(pairs * e, place, len(effects)) for e in (epoch, epoch + 1)))
    ]


def validation_portions(config: TrialConfig) -> list[Portion]:
    """The same items at every epoch: equally many of each trained effect, `validation_items` or the next that divides."""
    effects = config.trained_effects
    pairs = -(-config.train.validation_items // (2 * len(effects)))
    return [portion for effect in effects for portion in _portions(effect, "validation", 0, pairs)]


def own_validation_portions(config: TrialConfig, epoch: int) -> list[Portion]:
    """`validation_items` of the one effect that epoch number `epoch` of a `per_epoch` schedule trains on."""
    return list(_portions(effect_of_epoch(config, epoch), "validation", 0, -(-config.train.validation_items // 2)))


def effect_of_epoch(config: TrialConfig, epoch: int) -> str:
    """Whose turn it is in a `per_epoch` schedule."""
    return config.trained_effects[epoch % len(config.trained_effects)]


def control_portions(config: TrialConfig) -> list[Portion]:
    """What the PCA control is fitted on: the first epoch's items, of every trained effect whatever the schedule."""
    items = min(config.train.items_per_epoch, CONTROL_ITEMS)
    train = replace(config.train, items_per_epoch=items, effect_schedule="per_item")
    return training_portions(replace(config, train=train), 0)


def shared_control_portions(config: TrialConfig) -> list[Portion]:
    """What a control is trained on that all splits share: a thousand clips, or what a trial may hear, of every effect."""
    items = min(CONTROL_ITEMS, config.train.items_per_epoch * config.train.max_epochs)
    train = replace(config.train, items_per_epoch=items)
    return control_portions(replace(config, train=train, trained_effects=config.effects))


def training_requests(config: TrialConfig, epoch: int) -> list[BlockRequest]:
    """The blocks of `training_portions`, with their timbre where the loss needs it."""
    return with_timbre_requests(config, [portion.request for portion in training_portions(config, epoch)])


def with_timbre_requests(config: TrialConfig, requests: list[BlockRequest]) -> list[BlockRequest]:
    """The same, and after each the timbre of its takes if the loss has a perceptual term."""
    if not config.model.perceptual_weight:
        return requests
    return [form for request in requests for form in (request, timbre_request(request))]


def timbre_request(request: BlockRequest) -> BlockRequest:
    """What asks for the timbre of the same takes."""
    return replace(request, form="timbre")


def validation_requests(config: TrialConfig) -> list[BlockRequest]:
    """The blocks of `validation_portions`, and of `own_validation_portions` where the schedule has them; timbre, too."""
    own = range(cycle_epochs(config)) if config.train.effect_schedule == "per_epoch" else ()
    portions = [*validation_portions(config), *(portion for epoch in own for portion in own_validation_portions(config, epoch))]
    return with_timbre_requests(config, list(dict.fromkeys(portion.request for portion in portions)))


def cycle_epochs(config: TrialConfig) -> int:
    """How many epochs it takes to train on every effect once."""
    return len(config.trained_effects) if config.train.effect_schedule == "per_epoch" else 1


def _dealt(pairs: int, place: int, players: int) -> int:
    """How many of the first `pairs` pairs go to the effect at `place`, when they are dealt in turn."""
    return (pairs + players - 1 - place) // players


def _portions(effect: str, partition: Partition, first_pair: int, last_pair: int) -> Iterator[Portion]:
    start, stop = 2 * first_pair, 2 * last_pair
    draws = range(start // BLOCK_ITEMS, -(-stop // BLOCK_ITEMS)) if start < stop else ()
    for draw in draws:
        begin = draw * BLOCK_ITEMS
        request = BlockRequest(effect, partition, draw, BLOCK_ITEMS)
        yield Portion(request, max(start - begin, 0), min(stop - begin, BLOCK_ITEMS))
