"""One way to decide, paired or blind, with a matcher or by search alone: for files and for evaluations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from trainables.audio import Audio
from trainables.effects.effect import Effect
from trainables.matching.blind import BlindRenderer, decide_blind
from trainables.matching.decision import USUAL, Decision, Manner, decide_paired
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.mel_distance import mean_spectrum_apart_db, see
from trainables.matching.mixture import Belief
from trainables.matching.pairing import Reference

FEWEST_BLIND = 4  # renders, below which a risk is not worth the name
ROUNDS = 3  # of a choice among effects: all are tried a little, the best three of them more, the best one most
KEPT = 3


@dataclass(frozen=True, eq=False)
class Task:
    """What is to be matched.

    Attributes:
        dry: the input, or the beginning of it, (channels, samples) float32.
        reference: at the same sample rate.
        renders: how many may be spent.
        manner: how a search goes about it.
    """

    dry: Audio
    reference: Reference
    renders: int
    manner: Manner = USUAL


@dataclass(frozen=True, eq=False)
class Ranked:
    """A decision on one of several effects.

    Attributes:
        name: of the effect.
        decision: what was found.
        ranking: the names of all effects, the likeliest first.
        renders: spent on all of them.
    """

    name: str
    decision: Decision
    ranking: tuple[str, ...]
    renders: int


def decide(effect: Effect, space: KnobSpace, task: Task, belief: Belief | None, random: np.random.Generator) -> Decision:
    """Settings of one effect, or nothing.

    Args:
        belief: a matcher's, of this reference and mode; None searches alone.
    """
    if task.reference.dry is not None:
        return decide_paired(effect, space, task.reference, belief, task.renders, random, task.manner)
    if belief is not None and task.renders < FEWEST_BLIND:
        return unheard(belief)
    renderer = BlindRenderer(effect, space, task.dry, task.reference.sample_rate)
    reference = see(task.reference.wet, task.reference.sample_rate)
    return decide_blind(renderer, belief, reference, max(FEWEST_BLIND, task.renders), random, task.manner.refine)


def unheard(belief: Belief) -> Decision:
    """A proposal taken without listening, with what is foreseen of it; where nothing is, it is believed."""
    if belief.foreseen is None:
        return Decision(belief.middle, 1.0, 0.0, 0)
    return Decision(belief.middle, belief.foreseen.before_db, belief.foreseen.after_db, 0)


def decide_among(
    effects: Mapping[str, Effect], task: Task, beliefs: Mapping[str, Belief | None], random: np.random.Generator
) -> Ranked:
    """The effect that comes nearest, and its settings.

    A third of the renders is shared by all, another by the best KEPT, the last is the best one's. In paired mode nearness is
    what is left of the distance; blind, what is left of the distance between the mean spectra of reference and result.
    """
    if len(effects) == 1:
        ((name, effect),) = effects.items()
        decision = decide(effect, KnobSpace(effect.parameters), task, beliefs.get(name), random)
        return Ranked(name, decision, (name,), decision.renders)
    share = task.renders / ROUNDS
    spent, remaining, ranking = 0, list(effects), list(effects)
    found: dict[str, tuple[float, Decision]] = {}
    for contestants in (len(effects), min(KEPT, len(effects)), 1):
        remaining = remaining[:contestants]
        for name in remaining:
            part = replace(task, renders=max(FEWEST_BLIND, round(share / contestants)))
            space = KnobSpace(effects[name].parameters)
            decision = decide(effects[name], space, part, beliefs.get(name), random)
            nearness = _nearness(effects[name], space, task, decision)
            spent += decision.renders
            if name not in found or nearness < found[name][0]:
                found[name] = (nearness, decision)
        remaining.sort(key=lambda name: found[name][0])
        ranking = [*remaining, *ranking[len(remaining) :]] if contestants < len(effects) else list(remaining)
    best = ranking[0]
    return Ranked(best, found[best][1], tuple(ranking), spent)


def _nearness(effect: Effect, space: KnobSpace, task: Task, decision: Decision) -> float:
    if task.reference.dry is not None:
        return decision.distance_after
    renderer = BlindRenderer(effect, space, task.dry, task.reference.sample_rate)
    sound = renderer(decision.point)
    reference = see(task.reference.wet, task.reference.sample_rate)
    return float("inf") if sound is None else mean_spectrum_apart_db(sound, reference)


def middle(space: KnobSpace) -> Units:
    """Every knob in the middle of its range."""
    return np.full(space.size, 0.5)
