"""The one fixed evaluation set of a sweep: what is rendered for it, and as arrays.

Recordings that no trial trains on, all effects of the sweep and dry, every setting on two recordings. The set
has two folds with disjoint recordings and settings; each is probed with what was fitted on the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trainables.configs import TrialConfig
from trainables.digests import digest
from trainables.effects.names import DRY
from trainables.errors import InputError
from trainables.rendering.takes import Block, BlockRequest, RenderPlan, Spectrograms, Take, block_identity

SCORING = 1  # raise it when a score changes meaning: scores of another version are never compared


@dataclass(frozen=True)
class EvaluationSet:
    """The evaluation takes as arrays.

    Attributes:
        dry, wet: (items, channels, bands, frames) log-mel.
        effects, recordings: names, one for each item.
        folds: (items,) 0 or 1; no recording and no setting is in both.
        setting_ids: (items,) equal where two items have the same effect and settings.
        settings: normalised settings of each item, (parameters of its effect,).
        takes: one for each item.
        classes: what a probe tells apart: the sweep's effects by name, then dry.
    """

    dry: Spectrograms
    wet: Spectrograms
    effects: tuple[str, ...]
    folds: npt.NDArray[np.int64]
    recordings: tuple[str, ...]
    setting_ids: npt.NDArray[np.int64]
    settings: tuple[npt.NDArray[np.float32], ...]
    takes: tuple[Take, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted(set(self.effects), key=lambda effect: (effect == DRY, effect)))

    @property
    def labels(self) -> npt.NDArray[np.int64]:
        """(items,) each item's place among the classes."""
        return np.array([self.classes.index(effect) for effect in self.effects])


def evaluation_requests(config: TrialConfig) -> list[BlockRequest]:
    """Two blocks (folds 0 and 1) for each effect and dry; the same for every trial of a sweep."""
    settings = config.evaluation.settings_per_effect
    halves = (settings - settings // 2, settings // 2)
    return [BlockRequest(effect, "evaluation", fold, 2 * halves[fold]) for effect in (*config.effects, DRY) for fold in (0, 1)]


def evaluation_hash(plan: RenderPlan, config: TrialConfig) -> str:
    """Names what scores may be compared: a hash of the set's blocks and of how they are scored."""
    blocks = [block_identity(plan, request) for request in evaluation_requests(config)]
    return digest({"blocks": blocks, "scoring": SCORING})


def gather(blocks: Sequence[Block]) -> EvaluationSet:
    """The blocks that answer `evaluation_requests`, in its order, as one set.

    Raises:
        InputError: a recording is in both folds, so that a probe would be tested on what it was fitted on.
    """
    sizes = [len(block.takes) for block in blocks]
    takes = tuple(take for block in blocks for take in block.takes)
    folds = np.repeat(np.arange(len(blocks)) % 2, sizes)
    _refuse_shared_recordings(takes, folds)
    return EvaluationSet(
        dry=np.concatenate([block.dry for block in blocks]),
        wet=np.concatenate([block.wet for block in blocks]),
        effects=tuple(take.effect for take in takes),
        folds=folds,
        recordings=tuple(take.recording for take in takes),
        setting_ids=_unique_settings(blocks),
        settings=tuple(row for block in blocks for row in block.settings),
        takes=takes,
    )


def _refuse_shared_recordings(takes: Sequence[Take], folds: npt.NDArray[np.int64]) -> None:
    sides = [{take.recording for take, side in zip(takes, folds, strict=True) if side == fold} for fold in (0, 1)]
    if shared := sorted(sides[0] & sides[1]):
        raise InputError(
            f"recording '{shared[0]}'",
            "is in both halves of the evaluation set, so that probes would be tested on what they were fitted on.",
            "Give the corpus at least four evaluation recordings.",
        )


def _unique_settings(blocks: Sequence[Block]) -> npt.NDArray[np.int64]:
    owner = np.repeat(np.arange(len(blocks)), [len(block.takes) for block in blocks])
    local = np.concatenate([block.setting_ids for block in blocks])
    _, ids = np.unique(np.stack([owner, local], axis=1), axis=0, return_inverse=True)
    return ids.reshape(-1).astype(np.int64)
