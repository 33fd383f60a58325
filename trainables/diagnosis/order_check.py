"""With one effect an epoch: was the kept epoch chosen for its model, or for the effect whose turn it was?"""

from __future__ import annotations

import numpy as np

from trainables.diagnosis.check import Check, unknown
from trainables.diagnosis.effect_share import EffectShare, Integers, effect_share
from trainables.diagnosis.trial_record import TrialRecord

NAME = "effect_order"
LEAST_CYCLES = 2  # with each effect seen once, every difference could be the effect's
LARGE_SHARE = 0.25  # a quarter of what moves the curve is enough to choose its lowest point
RARE = 0.05  # the usual limit of what is put down to chance
REMEDY = (
    "Train on every effect in every epoch (train.effect_schedule: per_item) and validate on all (validate_on: all_effects). "
    "Until then take the scores of the evaluation, which hears every effect, not the best epoch, as the result."
)


def effect_order(record: TrialRecord) -> Check:
    """Whether the validation loss rises and falls with the effect trained on, and whose turn the kept epoch was."""
    effects = record.config.trained_effects
    if record.cycle == 1:
        heard = f"Each epoch trains on {'all trained effects' if len(effects) > 1 else 'the only effect'}"
        return Check(NAME, f"{len(effects)} of {len(effects)} effects an epoch", "fine", f"{heard}: the order does not matter.")
    validation, training = (_share(record, f"{part}/loss") for part in ("validation", "train"))
    if validation is None or record.best_epoch is None:
        rule = f"Too few epochs to tell: it takes {LEAST_CYCLES} rounds of the {len(effects)} trained effects."
        return unknown(NAME, rule, "Train for longer.")
    figure = f"{validation.share:.0%} of the variance of the validation loss is the effect's (p = {validation.p_value:.3f})"
    kept = effects[(record.best_epoch - 1) % len(effects)]
    if validation.share >= LARGE_SHARE and validation.p_value < RARE:
        return Check(NAME, figure, "worry", _worry(record.best_epoch, kept, effects[validation.lowest]), REMEDY)
    said = f"The validation loss does not follow whose turn it was{_by_chance(validation)}. {_about_training(training, effects)}"
    return Check(NAME, figure, "fine", said.strip())


def turns(record: TrialRecord) -> Integers:
    """(epochs,) the place among the trained effects of the one that each epoch trained on (`per_epoch`)."""
    return np.arange(len(record.epochs)) % record.cycle


def _share(record: TrialRecord, name: str) -> EffectShare | None:
    curve = record.curve(name)
    if len(curve) < LEAST_CYCLES * record.cycle or not np.isfinite(curve).all():
        return None
    return effect_share(curve, turns(record), np.random.default_rng(0))


def _by_chance(share: EffectShare) -> str:
    return f": effects dealt at random explain as much in {share.p_value:.0%} of cases" if share.p_value >= RARE else " by much"


def _worry(best_epoch: int, kept: str, lowest: str) -> str:
    follows = "The validation loss rises and falls with the effect of the epoch"
    if kept == lowest:
        return f"{follows}, and the kept epoch {best_epoch} was the turn of {kept}, the easiest: it won by its effect."
    return f"{follows}: lowest with {lowest}. Which epoch was kept ({best_epoch}, {kept}) depends on whose turn it was."


def _about_training(training: EffectShare | None, effects: tuple[str, ...]) -> str:
    """What choosing by the loss on the epoch's own effect would have done."""
    if training is None or training.p_value >= RARE or training.share < LARGE_SHARE:
        return ""
    share, easiest = f"{training.share:.0%} of its variance", effects[training.lowest]
    return (
        f"The training loss, of one effect an epoch, does follow it ({share}): "
        f"choosing the epoch by that would have chosen {easiest}, the easiest effect."
    )
