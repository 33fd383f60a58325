"""Whether a candidate has earned to be champion, and why not: a pure function of what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import stdev
from typing import Literal

import numpy as np
from scipy.stats import t as students_t

from trainables.evaluation.outcomes import Estimate, Outcome
from tune.promotion.contest import Contest

DOUBT = 0.05  # of an interval, shared out among the candidates: the best of several is lucky several times as often
Verdict = Literal["promoted", "candidate"]


@dataclass(frozen=True)
class SeedNoise:
    """By how much a score differs for no reason but chance.

    Attributes:
        value: a standard deviation of the score; without models that of a mean lead over several draws of settings and clips.
        models: trained with how many seeds; 0 if there were none to compare.
    """

    value: float
    models: int


@dataclass(frozen=True)
class Decision:
    """What is to be done, and why.

    Attributes:
        winner: the contest of the best candidate.
        over_champion: its lead; None if there is no champion to compare with.
        over_controls: its leads, by control.
        why_not: sentences; empty of one that is promoted.
    """

    verdict: Verdict
    winner: Contest
    noise: SeedNoise
    over_champion: Estimate | None
    over_controls: dict[str, Estimate]
    why_not: tuple[str, ...]


def findings(decision: Decision, champion: str) -> str:
    """What was measured, in a sentence without its end."""
    if decision.why_not:
        return "; ".join(decision.why_not)
    over = decision.over_champion
    rivals = [f"{champion} by {signed(over)}"] if over else []
    return "ahead of " + ", ".join([*rivals, *(f"{name} by {signed(one)}" for name, one in decision.over_controls.items())])


def best_contest(contests: Sequence[Contest]) -> Contest:
    """That of the candidate with the highest score."""
    return max(contests, key=lambda contest: (contest.ours.value, -contest.candidate.number))


def decide(winner: Contest, candidates: int, champion: str) -> Decision:
    """Promoted is what beats the champion by more than chance and the seed noise, and every control by more than chance.

    Args:
        candidates: how many were compared.
        champion: its name; "" if there is none.
    """
    noise = seed_noise(winner)
    over_champion = None if winner.champion is None else lead(winner.ours, winner.champion, candidates)
    over_controls = {name: lead(winner.ours, control, candidates) for name, control in winner.controls.items()}
    why_not = [*_against_champion(over_champion, noise, champion), *_against_controls(over_controls)]
    return Decision("candidate" if why_not else "promoted", winner, noise, over_champion, over_controls, tuple(why_not))


def lead(ours: Outcome, other: Outcome, candidates: int = 1) -> Estimate:
    """The paired lead with a 95 % interval over recordings that few recordings and several candidates make wider.

    Bootstrap standard error, corrected for its bias with n recordings (n / (n - 1)), times Student's t with n - 1 degrees
    of freedom, at a doubt shared out among the candidates (Bonferroni).
    """
    value = ours.value - other.value
    count = len(np.unique(ours.recordings))
    times = float(students_t.ppf(1 - DOUBT / (2 * candidates), count - 1)) * sqrt(count / (count - 1))
    half = times * ours.lead_error(other)
    return Estimate(value, value - half, value + half)


def seed_noise(contest: Contest) -> SeedNoise:
    """Between models of the same settings and other seeds, if there are some; else of the mean over draws of settings and clips.

    The winner is one of its models, so theirs is a standard deviation; its lead is the mean of all draws', so theirs is the
    standard error of a mean.
    """
    if contest.siblings:
        values = [contest.ours.value, *(sibling.value for sibling in contest.siblings)]
        return SeedNoise(stdev(values), len(values))
    leads = [ours - champion for ours, champion in contest.each_seed]
    return SeedNoise(stdev(leads) / sqrt(len(leads)) if len(leads) > 1 else 0.0, 0)


def _against_champion(over: Estimate | None, noise: SeedNoise, champion: str) -> list[str]:
    if not champion:
        return []
    if over is None:
        return [f"{champion} has no such score, so that nobody can say which is better"]
    if over.low > max(0.0, noise.value):
        return []
    if over.low > 0.0:
        return [f"its lead over {champion}, {signed(over)}, is not above the seed noise of {noise.value:.3f}"]
    if over.high < 0.0:
        return [f"it is worse than {champion}: {signed(over)}"]
    return [f"its lead over {champion}, {signed(over)}, is not told apart from chance"]


def _against_controls(leads: dict[str, Estimate]) -> list[str]:
    return [f"it does not beat the control {name}: {signed(over)}" for name, over in leads.items() if over.low <= 0.0]


def signed(estimate: Estimate) -> str:
    """`+0.031 (+0.012 to +0.050)`."""
    return f"{estimate.value:+.3f} ({estimate.low:+.3f} to {estimate.high:+.3f})"
