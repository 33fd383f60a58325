"""Which effect `fxsweep match` sets: the one that is named, the nearest of several, or the nearest chain of two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from trainables.effects import apply
from trainables.effects.chain import chain
from trainables.matching.deciding import Task, decide_among
from trainables.matching.decision import ROUNDS, WORTH_DOING, Ranked
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.mixture import Belief
from trainables.matching.pairing import Reference
from tune.errors import InvalidInput
from tune.matching.match_audio import MatchAudio
from tune.matching.match_effects import AUTO, CHAIN, Candidate, beliefs, candidates
from tune.models.matcher_model import LoadedMatcher
from tune.told_steps import Tell

NEAR = 0.1  # of each knob's range: how far settings in a row may be from those that were found one by one


@dataclass(frozen=True, eq=False)
class Given:
    """What a choice is made with: the recordings, perhaps a model, and the seed of the search."""

    audio: MatchAudio
    model: LoadedMatcher | None
    seed: int


def choose(effect: str, backend: str, task: Task, given: Given, tell: Tell) -> tuple[Candidate, Ranked]:
    """The effect, and how it is set.

    Args:
        effect: a source, AUTO or CHAIN.
        task: with all renders that may be spent.

    Raises:
        InvalidInput: too few renders, or no way to tell. InputError: an effect cannot be loaded.
    """
    if effect == CHAIN and task.reference.dry is None:
        raise InvalidInput(
            "--effect chain: which effects it takes can only be told beside the reference's dry version. "
            "Give --reference-dry, or name the chain, like --effect 'overdrive > delay'."
        )
    tried = candidates(AUTO if effect == CHAIN else effect, backend, given.model)
    fewest = len(tried) * (ROUNDS if effect == CHAIN else 1)
    if len(tried) > 1 and task.renders < fewest:
        raise InvalidInput(
            f"--renders {task.renders}: each of {len(tried)} effects must be tried to tell which it was. "
            f"Give --renders {fewest} or more, or name one with --effect."
        )
    return _chained(tried, task, given, tell) if effect == CHAIN else _among(tried, task, given, tell)


def _among(tried: Mapping[str, Candidate], task: Task, given: Given, tell: Tell) -> tuple[Candidate, Ranked]:
    believed = beliefs(given.model, tried, given.audio)
    return _ranked(tried, task, believed, given, tell)


def _ranked(
    tried: Mapping[str, Candidate], task: Task, believed: Mapping[str, Belief | None], given: Given, tell: Tell
) -> tuple[Candidate, Ranked]:
    told = next(iter(tried)) if len(tried) == 1 else f"{len(tried)} effects"
    tell(f"listening through {told}, {task.renders} renders")
    effects = {name: candidate.effect for name, candidate in tried.items()}
    ranked = decide_among(effects, task, believed, np.random.default_rng(given.seed))
    return tried[ranked.name], ranked


def _chained(tried: Mapping[str, Candidate], task: Task, given: Given, tell: Tell) -> tuple[Candidate, Ranked]:
    """A third of the renders finds the nearest effect, one what brings its result nearer still, one both in either order."""
    part = replace(task, renders=task.renders // ROUNDS)
    one, first = _among(tried, part, given, tell)
    if first.decision.does_nothing:
        return one, first
    others = {name: candidate for name, candidate in tried.items() if name != first.name}
    after = replace(part, reference=_after(one, first.decision.point, task.reference))
    other, second = _ranked(others, after, dict.fromkeys(others), given, tell)
    spent = first.renders + second.renders
    points = first.decision.point, second.decision.point
    both = {_chain(one, other): near(*points), _chain(other, one): near(*reversed(points))}
    left = replace(task, renders=task.renders - spent)
    chains = {made.source: made for made in both}
    made, last = _ranked(chains, left, {made.source: belief for made, belief in both.items()}, given, tell)
    ranking = (*last.ranking, *first.ranking)
    if last.decision.distance_after < WORTH_DOING * first.decision.distance_after:
        return made, replace(last, ranking=ranking, renders=spent + last.renders)
    return one, replace(first, ranking=(*first.ranking, *last.ranking), renders=spent + last.renders)


def near(*points: Units) -> Belief:
    """A belief in settings that were found one by one, to be tried together."""
    means = np.concatenate(points)[None]
    return Belief(np.ones(1), means, np.full(means.shape, NEAR))


def _after(one: Candidate, point: Units, reference: Reference) -> Reference:
    """The reference with its dry version through an effect already."""
    assert reference.dry is not None
    space = KnobSpace(one.effect.parameters)
    return replace(reference, dry=apply(one.effect, reference.dry, reference.sample_rate, space.settings(point)))


def _chain(one: Candidate, other: Candidate) -> Candidate:
    return Candidate(f"{one.source} > {other.source}", one.backend, chain([one.effect, other.effect]))
