"""One way to decide, paired or blind, with a matcher or by search alone: for files and for evaluations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from trainables.audio import Audio
from trainables.effects.effect import Effect
from trainables.matching.blind import BlindRenderer, decide_blind
from trainables.matching.blind_among import Contestant, decide_blind_among
from trainables.matching.decision import KEPT, ROUNDS, USUAL, Decision, Manner, Ranked, decide_paired
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.mel_distance import see
from trainables.matching.mixture import Belief
from trainables.matching.pairing import Reference

FEWEST_BLIND = 4  # renders, below which a risk is not worth the name


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
    """Which of several effects, and its settings.

    Paired, the one that comes nearest: a third of the renders is shared by all, another by the best KEPT, the rest is the
    best one's. Blind: see blind_among.py. Each effect is tried once at least, whatever `task.renders` says.
    """
    if len(effects) == 1:
        ((name, effect),) = effects.items()
        decision = decide(effect, KnobSpace(effect.parameters), task, beliefs.get(name), random)
        return Ranked(name, decision, (name,), decision.renders)
    asked = replace(task, renders=max(task.renders, len(effects)))
    if task.reference.dry is None:
        return _among_blind(effects, asked, beliefs, random)
    return _among_paired(effects, asked, beliefs, random)


def _among_paired(
    effects: Mapping[str, Effect], task: Task, beliefs: Mapping[str, Belief | None], random: np.random.Generator
) -> Ranked:
    spent, ranking = 0, list(effects)
    found: dict[str, Decision] = {}
    for contestants in (len(effects), min(KEPT, len(effects)), 1):
        left = (task.renders - spent) // contestants
        each = left if contestants == 1 else min(left, max(1, round(task.renders / ROUNDS / contestants)))
        if not each:
            break
        for name in ranking[:contestants]:
            effect = effects[name]
            decision = decide(effect, KnobSpace(effect.parameters), replace(task, renders=each), beliefs.get(name), random)
            spent += decision.renders
            if name not in found or decision.distance_after < found[name].distance_after:
                found[name] = decision
        ranking[:contestants] = sorted(ranking[:contestants], key=lambda name: found[name].distance_after)
    return Ranked(ranking[0], found[ranking[0]], tuple(ranking), spent)


def _among_blind(
    effects: Mapping[str, Effect], task: Task, beliefs: Mapping[str, Belief | None], random: np.random.Generator
) -> Ranked:
    rate = task.reference.sample_rate
    contestants = {
        name: Contestant(BlindRenderer(effect, KnobSpace(effect.parameters), task.dry, rate), beliefs.get(name))
        for name, effect in effects.items()
    }
    reference = see(task.reference.wet, rate)
    return decide_blind_among(contestants, see(task.dry, rate), reference, task.renders, random, task.manner.refine)


def middle(space: KnobSpace) -> Units:
    """Every knob in the middle of its range."""
    return np.full(space.size, 0.5)
