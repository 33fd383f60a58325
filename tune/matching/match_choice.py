"""Which effect `fxsweep match` sets: the one that is named, the nearest of several, or the nearest chain of two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from trainables.effects.chain import chain
from trainables.matching.deciding import Task, decide_among
from trainables.matching.decision import KEPT, ROUNDS, Ranked
from tune.errors import InvalidInput
from tune.matching.match_audio import MatchAudio
from tune.matching.match_effects import AUTO, CHAIN, Candidate, beliefs, candidates
from tune.models.matcher_model import LoadedMatcher
from tune.told_steps import Tell


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
    told = next(iter(tried)) if len(tried) == 1 else f"{len(tried)} effects"
    tell(f"listening through {told}, {task.renders} renders")
    known = given.model.kept.effects if given.model else {}
    believed = dict.fromkeys(tried) | beliefs(
        given.model, {name: one for name, one in tried.items() if name in known}, given.audio
    )
    effects = {name: candidate.effect for name, candidate in tried.items()}
    ranked = decide_among(effects, task, believed, np.random.default_rng(given.seed))
    return tried[ranked.name], ranked


def _chained(tried: Mapping[str, Candidate], task: Task, given: Given, tell: Tell) -> tuple[Candidate, Ranked]:
    """A third of the renders tells the nearest effects, the rest is shared by the nearest alone and it with the others."""
    _, first = _among(tried, replace(task, renders=task.renders // ROUNDS), given, tell)
    left = replace(task, renders=task.renders - first.renders)
    chosen, ranked = _among(with_chains(tried, first.ranking), left, given, tell)
    return chosen, replace(ranked, renders=ranked.renders + first.renders)


def with_chains(tried: Mapping[str, Candidate], ranking: tuple[str, ...]) -> dict[str, Candidate]:
    """The first of a ranking, alone and before and after each of the next two."""
    nearest, *others = (tried[name] for name in ranking[:KEPT])
    pairs = [pair for other in others for pair in ((nearest, other), (other, nearest))]
    return {ranking[0]: nearest} | {made.source: made for made in (_chain(*pair) for pair in pairs)}


def _chain(one: Candidate, other: Candidate) -> Candidate:
    return Candidate(f"{one.source} > {other.source}", one.backend, chain([one.effect, other.effect]))
