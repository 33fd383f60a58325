"""Which effects must a model hear in training to understand those it never heard? What a sweep over effect splits tells.

Pruned trials count: they are pruned for a bad score, so without them only the splits that did well would be compared. That they
trained for less moves all their recalls, which their level takes off (`split_statistics`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainables.effects.names import DRY
from trainables.evaluation.outcomes import Estimate
from tune.analysis.split_statistics import Recalls, Values, interval, widening
from tune.ledger.status import SweepStatus, TrialStatus, finite
from tune.space.splits import held_out_effects

RECALL, UNTRAINED = "eval/probe_recall/", "control/untrained/probe_recall/"
ENDED = ("complete", "pruned")
MARGIN = 0.1  # of the clips: losing more by not hearing an effect is a reason to hear it
MOST_TRIALS = 300  # more are not worth recommending
FEWEST_TO_TELL = 3  # trials that heard an effect, and as many that did not

Verdict = Literal["must", "need not", "hard", "cannot tell"]


@dataclass(frozen=True)
class Side:
    """The trials that heard an effect, or those that did not.

    Attributes:
        trials: how many measured its recall.
        recall: their mean with trial levels taken off, kept within 0 and 1, with its 95 % interval (NaN ends below two trials);
            None without a trial.
    """

    trials: int
    recall: Estimate | None


@dataclass(frozen=True)
class EffectFinding:
    """What hearing one effect does.

    Attributes:
        unheard, heard: its own recall.
        difference: heard less unheard; None where a side has fewer than two trials.
        for_others: recall of the other effects that were never heard, in trials that heard this one less in those that heard
            another in its place; None as above.
        untrained: its mean recall from the untrained encoder; None where that was not measured.
        chance: the recall of a blind guess.
    """

    effect: str
    unheard: Side
    heard: Side
    difference: Estimate | None
    for_others: Estimate | None
    untrained: float | None
    chance: float

    @property
    def verdict(self) -> Verdict:
        """By which side of MARGIN the whole interval is on; unheard and heard may also be alike because both are bad."""
        if self.difference is None or min(self.unheard.trials, self.heard.trials) < FEWEST_TO_TELL:
            return "cannot tell"
        if self.difference.low > MARGIN:
            return "must"
        if self.difference.high >= MARGIN:
            return "cannot tell"
        return "need not" if self.unheard.recall is not None and self.unheard.recall.low > self.chance else "hard"

    @property
    def trials_needed(self) -> int | None:
        """About how many trials like these would tell, if the difference stays as it is; None if more than MOST_TRIALS."""
        now, fewest = self.unheard.trials + self.heard.trials, min(self.unheard.trials, self.heard.trials)
        if self.difference is None or fewest < 2:
            return min(MOST_TRIALS, math.ceil(max(now, 1) * FEWEST_TO_TELL / max(fewest, 1)))
        value, low, high = self.difference.value, self.difference.low, self.difference.high
        half, gap = (value - low if value > MARGIN else high - value) / widening(fewest), abs(value - MARGIN)

        def tells(trials: int) -> bool:
            few = fewest * trials / now
            return few >= FEWEST_TO_TELL and half * math.sqrt(now / trials) * widening(few) < gap

        return next((trials for trials in range(now, MOST_TRIALS + 1) if tells(trials)), None)


@dataclass(frozen=True)
class SplitStudy:
    """The findings, those that gain most from being heard first; effects that were never varied are last."""

    findings: tuple[EffectFinding, ...]
    trials: int
    pruned: int
    splits: int

    def named(self, verdict: Verdict) -> tuple[EffectFinding, ...]:
        return tuple(finding for finding in self.findings if finding.verdict == verdict)


def split_study(status: SweepStatus) -> SplitStudy | None:
    """The study of the trials that ended with recalls; None if they are all of one split."""
    trials = [trial for trial in status.trials if trial.state in ENDED and "effect_split" in trial.params and _recalls(trial)]
    splits = {trial.params["effect_split"] for trial in trials}
    if len(splits) < 2:
        return None
    found = sorted(_findings(trials), key=_by_difference)
    return SplitStudy(tuple(found), len(trials), sum(trial.state == "pruned" for trial in trials), len(splits))


def _by_difference(finding: EffectFinding) -> tuple[bool, float]:
    return finding.difference is None, -finding.difference.value if finding.difference else 0.0


def _findings(trials: Sequence[TrialStatus]) -> list[EffectFinding]:
    """One for each effect whose recall was measured."""
    classes = list(dict.fromkeys(name for trial in trials for name in _recalls(trial)))
    effects = [name for name in classes if name != DRY]
    recalls = _table(trials, effects)
    own, untrained = recalls.own(), [_mean(trials, UNTRAINED + effect) for effect in effects]
    return [
        _finding(effect, recalls, own[:, :, column], column, untrained[column], 1 / len(classes))
        for column, effect in enumerate(effects)
    ]


def _table(trials: Sequence[TrialStatus], effects: Sequence[str]) -> Recalls:
    values = [[finite(trial.metrics).get(RECALL + effect, math.nan) for effect in effects] for trial in trials]
    held_out = [held_out_effects(str(trial.params["effect_split"])) for trial in trials]
    heard = [[effect not in names for effect in effects] for names in held_out]
    sizes = [finite(trial.params).get("latent_size", math.nan) for trial in trials]
    return Recalls(np.array(values), np.array(heard, dtype=bool), np.array(sizes, dtype=np.float64))


def _finding(effect: str, recalls: Recalls, own: Values, column: int, untrained: float | None, chance: float) -> EffectFinding:
    """`own`: (draws, 2) mean recalls, unheard and heard."""
    unheard, heard = (int(count) for count in recalls.sides[:, :, column].sum(axis=1))
    fewest = min(unheard, heard)
    difference = _within(interval(own[:, 1] - own[:, 0], fewest), -1.0) if fewest >= 2 else None
    before, after = (_side(own[:, side], trials) for side, trials in enumerate((unheard, heard)))
    return EffectFinding(effect, before, after, difference, _for_others(recalls, column), untrained, chance)


def _side(drawn: Values, trials: int) -> Side:
    return Side(trials, _within(interval(drawn, trials), 0.0) if trials else None)


def _for_others(recalls: Recalls, column: int) -> Estimate | None:
    compared, heard = np.delete(recalls.sides[0], column, axis=1).any(axis=1), recalls.heard[:, column]
    fewest = min(int((compared & side).sum()) for side in (heard, ~heard))
    drawn = recalls.for_others(column)
    return _within(interval(drawn, fewest), -1.0) if fewest >= 2 and math.isfinite(drawn[0]) else None


def _within(found: Estimate, lowest: float) -> Estimate:
    """Kept between what is possible, `lowest` and 1: trial levels, and intervals of few trials, reach beyond."""
    value, low, high = np.clip((found.value, found.low, found.high), lowest, 1.0)
    return Estimate(float(value), float(low), float(high))


def _recalls(trial: TrialStatus) -> Mapping[str, float]:
    """By class, dry among them."""
    return {name.removeprefix(RECALL): value for name, value in finite(trial.metrics).items() if name.startswith(RECALL)}


def _mean(trials: Sequence[TrialStatus], metric: str) -> float | None:
    found = [value for trial in trials if (value := finite(trial.metrics).get(metric)) is not None]
    return sum(found) / len(found) if found else None
