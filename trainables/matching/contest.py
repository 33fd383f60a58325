"""A contest over self-made tasks whose answer is known: everything that could set an effect, on the same items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from trainables.audio import Audio
from trainables.corpus.clips import Recording, draw_clip
from trainables.effects.effect import Effect, apply
from trainables.errors import InputError, TakeFailed
from trainables.matching.deciding import Task, decide, middle
from trainables.matching.decision import Decision
from trainables.matching.features import FeatureExtractor
from trainables.matching.few import best_of_random
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.matcher import Matcher, see_reference
from trainables.matching.pairing import Reference
from trainables.matching.spectral_metrics import FIELD, StftConfig, mrstft
from trainables.matching.takes import Mode
from trainables.parameters import draw

Relation = Literal["same", "other"]
FEW = 32  # renders of the control that draws at random and keeps the best
TRIES = 20  # at settings that can be rendered


@dataclass(frozen=True, eq=False)
class Item:
    """One task.

    Attributes:
        dry, target: the input and what is right, (channels, samples) float32.
        reference_dry, reference: the other clip before and after the same settings.
        point: (knobs,) those settings.
        recordings: names of the recordings of input and reference.
        relation: whether they are the same one.
        untouched: the metric between input and target.
    """

    dry: Audio
    target: Audio
    reference_dry: Audio
    reference: Audio
    point: Units
    recordings: tuple[str, str]
    relation: Relation
    untouched: float


@dataclass(frozen=True, eq=False)
class Arena:
    """Where a contest is held: one effect.

    Attributes:
        name: of the effect.
        matcher: whose controllers take part.
        renders: that searches may spend.
        metric: that results are scored by.
    """

    name: str
    effect: Effect
    matcher: Matcher
    sample_rate: int
    renders: int
    metric: StftConfig = FIELD

    @property
    def space(self) -> KnobSpace:
        """The effect's free knobs."""
        return KnobSpace(self.effect.parameters)

    def task(self, item: Item, mode: Mode, renders: int) -> Task:
        """The item as a matcher is given it."""
        dry = item.reference_dry if mode == "paired" else None
        return Task(item.dry, Reference(item.reference, dry, self.sample_rate), renders)


Contender = Callable[[Arena, Item, Mode, np.random.Generator], Decision | Units | None]
"""What it would set: a decision with its gate, a point, or None for nothing."""


def make_item(arena: Arena, recordings: Sequence[Recording], relation: Relation, random: np.random.Generator) -> Item:
    """Random settings on two clips, of one recording or of two; settings that cannot be rendered are drawn anew.

    Raises:
        InputError: twenty settings in a row could not be rendered.
    """
    effect, sample_rate = arena.effect, arena.sample_rate
    first, second = random.choice(len(recordings), size=2, replace=False)
    pair = recordings[first], recordings[first if relation == "same" else second]
    dries = [draw_clip(recording, arena.matcher.hearing.clip_samples, random)[1] for recording in pair]
    for _ in range(TRIES):
        settings = draw(effect.parameters, random)
        try:
            wets = [apply(effect, dry, sample_rate, settings) for dry in dries]
        except (InputError, TakeFailed):
            continue
        if all(float(np.abs(wet).max()) > 0.0 for wet in wets):
            names, untouched = (pair[0].name, pair[1].name), mrstft(dries[0], wets[0], arena.metric)
            return Item(dries[0], wets[0], dries[1], wets[1], arena.space.point(settings), names, relation, untouched)
    raise InputError(f"effect '{effect.name}'", f"could not be rendered at {TRIES} random settings.", "Leave it out.")


def chosen(answer: Decision | Units | None) -> Units | None:
    """What is set in the end; None for nothing."""
    return (None if answer.does_nothing else answer.point) if isinstance(answer, Decision) else answer


def reached(arena: Arena, item: Item, answer: Decision | Units | None) -> float:
    """The metric between what a contender's answer gives and what is right; nothing done is the input."""
    point = chosen(answer)
    if point is None:
        return item.untouched
    try:
        wet = apply(arena.effect, item.dry, arena.sample_rate, arena.space.settings(point))
    except (InputError, TakeFailed):
        return item.untouched
    return mrstft(wet, item.target, arena.metric)


def contenders(renders: int) -> Mapping[str, Contender]:
    """Everybody: the matcher with its search and without, and the controls that it must beat."""
    return {
        "matcher": _matcher,
        "matcher, no search": _proposal,
        f"search alone, {renders}": _search,
        f"best of {FEW} random": _best_of_few,
        "nearest in training": _nearest,
        "random settings": _random,
        "middle settings": _middle,
        "oracle search": _oracle,
    }


def _matcher(arena: Arena, item: Item, mode: Mode, random: np.random.Generator) -> Decision:
    belief = arena.matcher.belief(mode, arena.name, _seen(arena, item, mode))
    return decide(arena.effect, arena.space, arena.task(item, mode, arena.renders), belief, random)


def _proposal(arena: Arena, item: Item, mode: Mode, random: np.random.Generator) -> Units:
    return arena.matcher.belief(mode, arena.name, _seen(arena, item, mode)).middle


def _search(arena: Arena, item: Item, mode: Mode, random: np.random.Generator) -> Decision:
    return decide(arena.effect, arena.space, arena.task(item, mode, arena.renders), None, random)


def _best_of_few(arena: Arena, item: Item, mode: Mode, random: np.random.Generator) -> Units:
    return best_of_random(arena.effect, arena.space, arena.task(item, mode, FEW), random)


def _nearest(arena: Arena, item: Item, mode: Mode, random: np.random.Generator) -> Units:
    return arena.matcher.controller(mode, arena.name).nearest(np.mean(_seen(arena, item, mode), axis=0))


def _random(arena: Arena, item: Item, mode: Mode, random: np.random.Generator) -> Units:
    return np.asarray(random.random(arena.space.size), dtype=np.float64)


def _middle(arena: Arena, item: Item, mode: Mode, random: np.random.Generator) -> Units:
    return middle(arena.space)


def _oracle(arena: Arena, item: Item, mode: Mode, random: np.random.Generator) -> Decision:
    """The same search, listening to what is right itself."""
    told = Task(item.dry, Reference(item.target, item.dry, arena.sample_rate), arena.renders)
    return decide(arena.effect, arena.space, told, None, random)


def _seen(arena: Arena, item: Item, mode: Mode) -> list[np.ndarray]:
    task = arena.task(item, mode, 0)
    return see_reference(FeatureExtractor(arena.sample_rate), arena.matcher.hearing, task.reference, item.dry)
