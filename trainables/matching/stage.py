"""What a process needs to hold a matcher's contests: sent to it once, then asked item by item."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from trainables.effects.effect import Effect
from trainables.effects.selection import load_choice
from trainables.matching.contenders import contenders
from trainables.matching.contest import Arena, Clips, make_item
from trainables.matching.matcher_file import KeptMatcher
from trainables.matching.spectral_metrics import StftConfig
from trainables.matching.tournament import Played, drawing, play
from trainables.matching.which_effect import FEWEST_EFFECTS, which_effect

WHICH = "which effect"


@dataclass(frozen=True, eq=False)
class Job:
    """One item.

    Attributes:
        effect, number: which.
        clips: what it is made of.
        seeds: of its settings.
    """

    effect: str
    number: int
    clips: Clips
    seeds: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Stage:
    """Where jobs are done.

    Attributes:
        kept: the matcher, and where its effects come from.
        renders: that searches may spend.
        metric: that results are scored by.
    """

    kept: KeptMatcher
    renders: int
    metric: StftConfig

    def __call__(self) -> Callable[[Job], tuple[Played, ...]]:
        """Loads the effects, in the process that uses them."""
        effects = {name: load_choice(known.choice) for name, known in self.kept.effects.items()}
        matcher = self.kept.matcher
        rate = matcher.hearing.sample_rate
        arenas = {name: Arena(name, effect, matcher, rate, self.renders, self.metric) for name, effect in effects.items()}
        return lambda job: _played(arenas[job.effect], effects, job)


def _played(arena: Arena, effects: Mapping[str, Effect], job: Job) -> tuple[Played, ...]:
    """The item in each mode, with what it was taken for if there is more than one effect that it could be."""
    item = make_item(arena, job.clips, np.random.default_rng(job.seeds))
    result = play(arena, item, job.number, contenders(arena.renders))
    if len(effects) < FEWEST_EFFECTS:
        return tuple(played for _, played in result.values())
    return tuple(
        replace(played, ranking=which_effect(effects, asked, drawing(arena.name, mode, WHICH, job.number)).ranking)
        for mode, (asked, played) in result.items()
    )
