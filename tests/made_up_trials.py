"""Trials that have ended as they should, and what it takes to make them worrying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from synthetic_blocks import CONFIG, with_train

from trainables.diagnosis.diagnosis import ReadBack, TrialRecord

LONG = with_train(CONFIG, items_per_epoch=250, batch_size=16, max_epochs=100, patience=2)
SIX = ("multiband", "overdrive", "ambience", "delay", "flanger", "limiter")
PER_EPOCH = replace(with_train(LONG, effect_schedule="per_epoch", patience=1), trained_effects=SIX)
EPOCHS = 40
READ_BACK = ReadBack(kept=0.2, reread=0.2, untrained=1.5)


def estimate(name: str, value: float, half: float = 0.02) -> dict[str, float]:
    return {name: value, f"{name}_low": value - half, f"{name}_high": value + half}


SCORES: dict[str, float] = {
    "eval/active_dimensions": 7.0,
    "eval/recording_chance": 0.2,
    **estimate("eval/probe_accuracy", 0.8),
    **estimate("control/untrained/probe_accuracy", 0.7),
    **estimate("control/pca/probe_accuracy", 0.5),
    **estimate("control/random/probe_accuracy", 0.4),
    **estimate("eval/unseen_accuracy", 0.95, 0.01),
    **estimate("control/untrained/unseen_accuracy", 0.9),
    **estimate("control/pca/unseen_accuracy", 0.85),
    **estimate("eval/recording_leakage", 0.3),
    **estimate("control/untrained/recording_leakage", 0.6),
    **estimate("eval/skill/mean", 0.4),
    **{f"eval/skill/{effect}": 0.4 for effect in (*SIX, "leslie", "combo", "loudness")},
}


def falling(epochs: int = EPOCHS, last_fall: float = 0.1, noise: float = 0.003, seed: int = 0) -> np.ndarray:
    """A loss that falls quickly at first, then slowly, then hardly: 1 to 0.2."""
    course = 0.2 + 0.8 * np.exp(-np.arange(epochs) / (last_fall * epochs))
    return course * (1 + noise * np.random.default_rng(seed).standard_normal(epochs))


def healthy(
    train: Sequence[float] | np.ndarray | None = None,
    validation: Sequence[float] | np.ndarray | None = None,
    best_epoch: int | None = None,
    config: Any = LONG,
    ended: str = "patience",
    read_back: ReadBack | None = READ_BACK,
    **scores: float,
) -> TrialRecord:
    """A trial without a worry, unless it is given other curves or scores (`probe__accuracy`: a slash)."""
    validation = falling() if validation is None else np.asarray(validation)
    train = falling(len(validation), seed=1) if train is None else np.asarray(train)
    best = int(np.nanargmin(validation)) + 1 if best_epoch is None else best_epoch
    told = SCORES | {"best_epoch": float(best)} | scores
    curves = zip(train, validation, strict=True)
    epochs = tuple(told | {"train/loss": float(t), "validation/loss": float(v)} for t, v in curves)
    return TrialRecord(config, epochs, ended, read_back)
