"""Evaluation sets of arithmetic instead of audio: as rendering would make them, in no time."""

from __future__ import annotations

import numpy as np

from trainables.configs import EvaluationConfig, FrontEndConfig, TrainConfig, TrialConfig, VaeConfig
from trainables.effects.names import DRY, EFFECT_NAMES, SEED_HELD_OUT
from trainables.evaluation.evaluation_set import EvaluationSet, evaluation_requests, gather
from trainables.rendering.takes import Block, BlockRequest, Take

CLASSES = (*EFFECT_NAMES, DRY)
RECORDINGS = 6  # in each fold


def trial_config(settings_per_effect: int = 12, seed: int = 0) -> TrialConfig:
    return TrialConfig(
        model=VaeConfig(),
        train=TrainConfig(),
        evaluation=EvaluationConfig(settings_per_effect=settings_per_effect),
        front_end=FrontEndConfig(),
        sample_rate=44100,
        clip_samples=65536,
        channels=1,
        trained_effects=tuple(name for name in EFFECT_NAMES if name not in SEED_HELD_OUT),
        held_out_effects=SEED_HELD_OUT,
        seed=seed,
    )


def planted_block(request: BlockRequest, random: np.random.Generator, recordings: int = RECORDINGS) -> Block:
    """A block as rendering would make it: neighbours share settings, on two recordings of the request's fold."""
    pairs = request.items // 2
    settings = random.random((pairs, 0 if request.effect == DRY else 3)).astype(np.float32).repeat(2, axis=0)
    owners = [number for pair in range(pairs) for number in random.permutation(recordings)[:2]]
    takes = tuple(Take(f"fold{request.draw % 2}-{number}.wav", 0, request.effect, ()) for number in owners)
    dry = random.standard_normal((request.items, 1, 4, 5)).astype(np.float32)
    wet = dry if request.effect == DRY else dry + random.standard_normal(dry.shape).astype(np.float32)
    return Block(request.effect, dry, wet, settings, np.arange(pairs).repeat(2), takes)


def planted_set(settings_per_effect: int) -> EvaluationSet:
    random = np.random.default_rng(5)
    return gather([planted_block(request, random) for request in evaluation_requests(trial_config(settings_per_effect))])


def one_hot(names: tuple[str, ...]) -> np.ndarray:
    return np.eye(len(set(names)))[np.unique(names, return_inverse=True)[1]]


def strengths(planted: EvaluationSet) -> np.ndarray:
    """(items, 3) settings of each item; dry, which has none, is 0."""
    return np.array([row if len(row) else np.zeros(3) for row in planted.settings])
