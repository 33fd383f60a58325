"""Which effect was it? Asked as `fxsweep match --effect auto` asks: all that a matcher knows are tried, and ranked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from trainables.effects.effect import Effect
from trainables.matching.contest import Asked
from trainables.matching.deciding import Task, decide_among
from trainables.matching.decision import Ranked
from trainables.matching.excerpt import excerpt, excerpt_of

FEWEST_EFFECTS = 2  # of one there is nothing to ask
TOP = (1, 3)


def which_effect(effects: Mapping[str, Effect], asked: Asked, random: np.random.Generator) -> Ranked:
    """The effects by how near they come to the reference of an item, the nearest first.

    Args:
        effects: that the matcher knows, by name.
        asked: an item, whose own effect is not told.
        random: what searches draw from.
    """
    heard = excerpt(asked.reference)
    task = Task(excerpt_of(asked.item.dry, heard.sample_rate), heard, asked.arena.renders)
    return decide_among(effects, task, {name: asked.belief(name) for name in effects}, random)
