"""Which held-out sets generalise: how well models tell apart the effects that they never heard, less what no training reaches."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trainables.evaluation.outcomes import RESAMPLES, Estimate
from tune.analysis.split_statistics import interval
from tune.ledger.status import SweepStatus, TrialStatus, finite
from tune.space.splits import held_out_effects

GAIN = "eval/unseen_gain"
ENDED = ("complete", "pruned")
FEWEST = 3  # trials on each side, from which a difference is told


@dataclass(frozen=True)
class HeldOutSet:
    """One set of held-out effects.

    Attributes:
        split: its name.
        trials: how many held it out.
        gain: their mean gain over the untrained encoder, with its 95 % interval over recordings (NaN ends where there is none).
    """

    split: str
    trials: int
    gain: Estimate

    @property
    def generalises(self) -> bool:
        """Surely better than no training."""
        return self.gain.low > 0


@dataclass(frozen=True)
class HeldOutEffect:
    """What holding one effect out does to the gain: mean of the sets with it less that of the others, interval over trials."""

    effect: str
    difference: Estimate


def held_out_sets(status: SweepStatus) -> tuple[HeldOutSet, ...]:
    """Of every set of at least two effects that a trial held out, those with the highest gain first."""
    by_split: dict[str, list[TrialStatus]] = {}
    for trial in _measured(status):
        by_split.setdefault(str(trial.params["effect_split"]), []).append(trial)
    found = [HeldOutSet(split, len(trials), _mean(trials)) for split, trials in by_split.items()]
    return tuple(sorted(found, key=lambda one: -one.gain.value))


def held_out_effects_matter(status: SweepStatus) -> tuple[HeldOutEffect, ...]:
    """Of each effect that some sets hold out and others do not; those whose holding out costs most come first."""
    trials = _measured(status)
    held_out = [held_out_effects(str(trial.params["effect_split"])) for trial in trials]
    gains = np.array([float(trial.metrics[GAIN]) for trial in trials])
    found = []
    for effect in sorted({name for names in held_out for name in names}):
        with_it = np.array([effect in names for names in held_out])
        if min(with_it.sum(), (~with_it).sum()) >= FEWEST:
            found.append(HeldOutEffect(effect, _difference(gains[with_it], gains[~with_it])))
    return tuple(sorted(found, key=lambda one: one.difference.value))


def _measured(status: SweepStatus) -> list[TrialStatus]:
    trials = [trial for trial in status.trials if trial.state in ENDED and GAIN in finite(trial.metrics)]
    return [trial for trial in trials if len(held_out_effects(str(trial.params.get("effect_split", "all")))) > 1]


def _mean(trials: Sequence[TrialStatus]) -> Estimate:
    """All were scored on the same recordings, so the mean's interval is as wide as theirs are on average."""
    values = [finite(trial.metrics) for trial in trials]
    value = float(np.mean([found[GAIN] for found in values]))
    below = [found[GAIN] - found[f"{GAIN}_low"] for found in values if f"{GAIN}_low" in found]
    above = [found[f"{GAIN}_high"] - found[GAIN] for found in values if f"{GAIN}_high" in found]
    low, high = (value - float(np.mean(below)) if below else math.nan), (value + float(np.mean(above)) if above else math.nan)
    return Estimate(value, low, high)


def _difference(ours: np.ndarray, others: np.ndarray) -> Estimate:
    """Bootstrap over trials, widened for few of them; the same at every call."""
    random = np.random.default_rng(0)
    drawn = [float(random.choice(ours, len(ours)).mean() - random.choice(others, len(others)).mean()) for _ in range(RESAMPLES)]
    first = float(ours.mean() - others.mean())
    return interval(np.array([first, *drawn]), min(len(ours), len(others)))
