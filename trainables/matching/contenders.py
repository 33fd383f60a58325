"""Everything that could set an effect, to be asked the same items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trainables.matching.contest import Asked
from trainables.matching.deciding import Task, decide, middle
from trainables.matching.decision import Decision
from trainables.matching.few import best_of_random
from trainables.matching.knob_space import Units
from trainables.matching.pairing import Reference

MATCHER = "matcher"
FEW = 32  # renders of the control that draws at random and keeps the best

Answer = Decision | Units | None
"""What it would set: a decision with its gate, a point, or None for nothing."""


@dataclass(frozen=True)
class Contender:
    """Somebody who takes part.

    Attributes:
        answer: what it would set.
        hears_reference: else it answers the same in both modes, and is asked once.
    """

    answer: Callable[[Asked, np.random.Generator], Answer]
    hears_reference: bool = True


def chosen(answer: Answer) -> Units | None:
    """What is set in the end; None for nothing."""
    return (None if answer.does_nothing else answer.point) if isinstance(answer, Decision) else answer


def contenders(renders: int) -> Mapping[str, Contender]:
    """Everybody: the matcher with its search and without, and the controls that it must beat."""
    return {
        MATCHER: Contender(_matcher),
        "matcher, no search": Contender(_proposal),
        f"search alone, {renders}": Contender(_search),
        f"best of {FEW} random": Contender(_best_of_few),
        "nearest in training": Contender(_nearest),
        "random settings": Contender(_random, hears_reference=False),
        "middle settings": Contender(_middle, hears_reference=False),
        "oracle search": Contender(_oracle, hears_reference=False),
    }


def _matcher(asked: Asked, random: np.random.Generator) -> Decision:
    arena = asked.arena
    return decide(arena.effect, arena.space, asked.task(arena.renders), asked.belief(arena.name), random)


def _proposal(asked: Asked, random: np.random.Generator) -> Units:
    return asked.belief(asked.arena.name).middle


def _search(asked: Asked, random: np.random.Generator) -> Decision:
    return decide(asked.arena.effect, asked.arena.space, asked.task(asked.arena.renders), None, random)


def _best_of_few(asked: Asked, random: np.random.Generator) -> Units:
    return best_of_random(asked.arena.effect, asked.arena.space, asked.task(FEW), random)


def _nearest(asked: Asked, random: np.random.Generator) -> Units:
    return asked.arena.matcher.controller(asked.mode, asked.arena.name).nearest(np.mean(asked.features, axis=0))


def _random(asked: Asked, random: np.random.Generator) -> Units:
    return np.asarray(random.random(asked.arena.space.size), dtype=np.float64)


def _middle(asked: Asked, random: np.random.Generator) -> Units:
    return middle(asked.arena.space)


def _oracle(asked: Asked, random: np.random.Generator) -> Decision:
    """The same search, listening to what is right itself."""
    arena, item = asked.arena, asked.item
    told = Task(item.dry, Reference(item.target, item.dry, arena.sample_rate), arena.renders)
    return decide(arena.effect, arena.space, told, None, random)
