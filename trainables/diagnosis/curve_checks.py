"""What the curves over epochs tell: did it stop too early, converge too fast, or learn by heart?"""

from __future__ import annotations

import math

import numpy as np

from trainables.diagnosis.check import Check, counted, unknown
from trainables.diagnosis.control_checks import above_untrained
from trainables.diagnosis.trial_record import Floats, TrialRecord

LATE_SHARE = 0.25  # the last quarter of training: long enough that noise does not look like progress
LATE_GAIN = 0.02  # seeds differ by about 2 % in validation loss, so less is no progress
RISE = 0.05  # the best epoch is the luckiest: a rise of less than 5 % is the way back to the usual
FALL = 0.01  # the training loss still falls, noise apart
EARLY_GAIN = 0.95  # of the whole gain in the first epoch: there was hardly anything to learn
FEW_ROUNDS = 2  # each effect heard twice at most
FEW_STEPS = 500  # encoders that beat their controls were measured to take about a thousand
TINY = 1e-12  # keeps a change from nothing finite


def fast_convergence(record: TrialRecord) -> Check:
    """Whether training was over soon, and if so, whether it taught the model anything that a probe can see."""
    name, best, above = "fast_convergence", record.best_epoch, above_untrained(record)
    if best is None:
        return unknown(name, "The best epoch is not known.")
    figure, signs = _pace(record, best), _signs_of_haste(record, best)
    if not signs:
        return Check(name, figure, "fine", "Its validation loss did not settle early.")
    if above is None:
        return Check(name, figure, "unknown", f"{signs}, but nobody compared the model with an untrained one.")
    if above:
        return Check(name, figure, "fine", f"{signs}, but it learned: a probe does better on it than on the untrained encoder.")
    said = f"{signs}, and a probe is not surely better on it than on the untrained encoder: it may have learned nothing."
    remedy = "Don't read a flat loss as success. Change what it learns from (model.input, contrastive_weight), then train longer."
    return Check(name, figure, "worry", said, remedy)


def still_improving(record: TrialRecord) -> Check:
    """Whether it was stopped while the validation loss still fell."""
    name, gain, window = "still_improving", *_late_gain(record)
    if record.ended == "patience":
        return Check(
            name, _gain_figure(gain, window), "fine", "It stopped by itself, after no epoch had been better for a while."
        )
    if math.isnan(gain):
        return unknown(name, "Too few epochs to tell whether it still improved.")
    figure, stop = _gain_figure(gain, window), _who_stopped(record.ended)
    if gain < LATE_GAIN:
        return Check(name, figure, "fine", f"{stop}, but it had nearly stopped improving by then.")
    return Check(name, figure, "worry", f"{stop} while it still improved: this is not its last word.", _how_to_go_on(record))


def overfit(record: TrialRecord) -> Check:
    """Whether, since the best epoch, the training loss fell and the validation loss rose. Averages are of whole rounds."""
    name, best, cycle = "overfit", record.best_epoch, record.cycle
    train, validation = record.curve("train/loss"), record.curve("validation/loss")
    if best is None or len(train) == 0:
        return unknown(name, "The best epoch is not known.")
    if best == len(train):
        return Check(
            name, "best epoch is the last", "fine", "The validation loss was lowest at the end: nothing has risen since."
        )
    level = cycle if record.config.train.validate_on == "epoch_effect" else 1  # else the easiest effect is what all rises from
    rise = _change(validation[max(best - level, 0) : best].mean(), validation[-cycle:].mean())
    fall = -_change(train[max(best - cycle, 0) : best].mean(), train[-cycle:].mean())
    if not (math.isfinite(rise) and math.isfinite(fall)) or best < cycle:
        return unknown(name, "The best epoch is among the first, so there is nothing to compare with.")
    figure = f"since epoch {best}: validation loss {rise:+.0%}, training loss {-fall:+.0%}"
    if rise < RISE or fall < FALL:
        return Check(name, figure, "fine", "It does not learn the training clips by heart at the expense of others.")
    said = f"Since epoch {best} it gets better on the clips it trains on and worse on others: it learns them by heart."
    remedy = "The kept model is from before that, so it can be used; more recordings or items an epoch would let it go further."
    return Check(name, figure, "worry", said, remedy)


def _pace(record: TrialRecord, best: int) -> str:
    early = _early_gain(record)
    share = "" if math.isnan(early) else f"; {max(early, 0.0):.0%} of the gain in the first epoch"
    return f"best epoch {best} of {len(record.epochs)}, after {counted(_steps(record, best), 'step')}{share}"


def _signs_of_haste(record: TrialRecord, best: int) -> str:
    """In words, or "" if it took its time. Before a round without a gain it has not converged at all."""
    if len(record.epochs) > 1 and _early_gain(record) >= EARLY_GAIN:
        return "Nearly all it ever gained came in the first epoch"
    if len(record.epochs) - best < record.cycle:
        return ""
    if best <= FEW_ROUNDS * record.cycle:
        return f"The best epoch came within {counted(FEW_ROUNDS, 'round')} of the trained effects"
    return f"It converged within {FEW_STEPS} optimiser steps" if _steps(record, best) <= FEW_STEPS else ""


def _steps(record: TrialRecord, epochs: int) -> int:
    train = record.config.train
    return epochs * math.ceil(train.items_per_epoch // 2 * 2 / train.batch_size)


def _early_gain(record: TrialRecord) -> float:
    """The share of the fall in validation loss, from the untrained model's to the best, that the first epoch brought."""
    curve = record.curve("validation/loss")
    if record.read_back is None or not len(curve) or np.isnan(curve).all():
        return math.nan
    if record.config.train.validate_on == "epoch_effect":  # the first epoch's effect is not the kept one's
        return math.nan
    untrained, best = record.read_back.untrained, float(np.nanmin(curve))
    return (untrained - float(curve[0])) / (untrained - best) if untrained > best else math.nan


def _late_gain(record: TrialRecord) -> tuple[float, int]:
    """By which share the last epochs lowered the best validation loss, and how many epochs those are."""
    curve = record.curve("validation/loss")
    window = max(record.cycle, math.ceil(LATE_SHARE * len(curve)))
    before, after = _lowest(curve[:-window]), _lowest(curve[-window:])
    return -_change(before, float(np.minimum(before, after))), window  # NaN where either is


def _gain_figure(gain: float, window: int) -> str:
    if math.isnan(gain):
        return "it ended itself"
    return f"best validation loss {abs(gain):.1%} lower in the last {counted(window, 'epoch')}"


def _lowest(curve: Floats) -> float:
    return math.nan if not len(curve) or np.isnan(curve).all() else float(np.nanmin(curve))


def _change(before: float, after: float) -> float:
    """Relative; NaN where either is."""
    return (float(after) - float(before)) / max(abs(float(before)), TINY)


def _who_stopped(ended: str) -> str:
    return {"pruned": "The scheduler stopped it", "max_epochs": "It reached train.max_epochs"}.get(ended, "It was stopped")


def _how_to_go_on(record: TrialRecord) -> str:
    if record.ended == "pruned":
        return "If slow starters may win in the end, raise scheduler.grace_epochs; else leave it: others did better by then."
    return f"Raise train.max_epochs (here {record.config.train.max_epochs}) and let patience end it."
