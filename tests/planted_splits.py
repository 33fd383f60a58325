"""Sweeps over effect splits in which it is known what hearing an effect does."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from planned_status import sweep

from trainables.effects.names import DRY, EFFECT_NAMES
from tune.ledger.status import SweepStatus, TrialStatus
from tune.space.splits import splits_holding_out, trained_effects

UNHEARD = 0.5


def planted_sweep(
    trials: int,
    adds: Mapping[str, float] | None = None,
    helps: Mapping[str, float] | None = None,
    noise: float = 0.03,
    by_size: float = 0.0,
    base: float = UNHEARD,
    seed: int = 1,
) -> SweepStatus:
    """Trials that hold three effects out at random.

    Args:
        adds: by how much hearing an effect raises its own recall.
        helps: by how much hearing it raises that of those not heard.
        noise: standard deviation of each recall.
        by_size: what each doubling of the latent size adds to every recall.
    """
    random, splits = np.random.default_rng(seed), splits_holding_out(3)
    planted = []
    for number in range(trials):
        split, doublings = str(random.choice(splits)), int(random.integers(3))
        heard = trained_effects(split)
        help_unheard = sum((helps or {}).get(effect, 0.0) for effect in heard)
        recalls = {
            effect: base
            + ((adds or {}).get(effect, 0.0) if effect in heard else help_unheard)
            + by_size * doublings
            + noise * float(random.standard_normal())
            for effect in EFFECT_NAMES
        }
        planted.append(ended(number, split, recalls, 8 * 2**doublings))
    return sweep(*planted, state="complete", ended=1161.0)


def ended(number: int, split: str, recalls: Mapping[str, float], latent_size: int = 8) -> TrialStatus:
    metrics = {f"eval/probe_recall/{name}": value for name, value in (dict(recalls) | {DRY: 1.0}).items()}
    controls = {f"control/untrained/probe_recall/{name}": 0.4 for name in recalls}
    params = {"latent_size": latent_size, "patience": 1, "effect_split": split}
    state = "pruned" if number % 4 == 3 else "complete"
    return TrialStatus(number, state, params, score=0.5, epochs=8, metrics={**metrics, **controls, "eval/skill": math.nan})  # type: ignore[arg-type]
