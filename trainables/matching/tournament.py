"""A contest on one item after another, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trainables.audio import Audio
from trainables.digests import digest
from trainables.effects.effect import apply
from trainables.errors import InputError, TakeFailed
from trainables.matching.contenders import MATCHER, Answer, Contender, chosen
from trainables.matching.contest import Arena, Asked, Item, Relation
from trainables.matching.decision import Decision
from trainables.matching.knob_space import Units
from trainables.matching.measures import describe, errors
from trainables.matching.spectral_metrics import mrstft
from trainables.matching.takes import MODES, Mode

HEARD_ITEMS = 2  # of a cell: their sounds are kept, to be listened to


@dataclass(frozen=True, eq=False)
class Result:
    """One contender on one item.

    Attributes:
        point: (knobs,) what it set; None where it did nothing.
        distance: the metric between what it made and what is right.
        errors: the same by other measures (see measures.py).
    """

    point: Units | None
    distance: float
    errors: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Played:
    """One item in one mode.

    Attributes:
        effect, mode, number: which.
        relation, recordings: of input and reference.
        right: (knobs,) the settings that were sought.
        untouched: what doing nothing gives.
        results: by contender.
        point: (knobs,) that the matcher decided for, whether or not its gate let it.
        gated: whether it did nothing.
        ranking: the effects in the order in which they were taken for the one that was used; empty if nobody was asked.
        sounds: the input and what is right, (channels, samples) each, of the first items only.
    """

    effect: str
    mode: Mode
    number: int
    relation: Relation
    recordings: tuple[str, str]
    right: Units
    untouched: Result
    results: Mapping[str, Result]
    point: Units
    gated: bool
    ranking: tuple[str, ...] = ()
    sounds: tuple[Audio, Audio] | None = None


class Judge:
    """Scores what is set on one item.

    Args:
        arena, item: which; what is right is described once.
    """

    def __init__(self, arena: Arena, item: Item) -> None:
        self.arena, self.item = arena, item
        self.right = describe(item.target, arena.sample_rate)
        self.untouched = Result(None, item.untouched, errors(describe(item.dry, arena.sample_rate), self.right))

    def result(self, answer: Answer) -> Result:
        """What an answer gives; what cannot be rendered is left undone."""
        point, arena = chosen(answer), self.arena
        if point is None:
            return self.untouched
        try:
            wet = apply(arena.effect, self.item.dry, arena.sample_rate, arena.space.settings(point))
        except (InputError, TakeFailed):
            return self.untouched
        distance = mrstft(wet, self.item.target, arena.metric)
        return Result(point, distance, errors(describe(wet, arena.sample_rate), self.right))


def play(arena: Arena, item: Item, number: int, contenders: Mapping[str, Contender]) -> dict[Mode, tuple[Asked, Played]]:
    """Every contender on one item, in each mode. Who does not hear the reference is asked once."""
    judge = Judge(arena, item)
    asked = {mode: Asked(arena, item, mode) for mode in MODES}
    first = asked[MODES[0]]
    deaf = {
        name: judge.result(contender.answer(first, drawing(arena.name, first.mode, name, number)))
        for name, contender in contenders.items()
        if not contender.hears_reference
    }
    return {mode: (asked[mode], _in_mode(asked[mode], number, judge, contenders, deaf)) for mode in MODES}


def _in_mode(asked: Asked, number: int, judge: Judge, contenders: Mapping[str, Contender], deaf: Mapping[str, Result]) -> Played:
    name, item = asked.arena.name, asked.item
    answers = {
        one: contender.answer(asked, drawing(name, asked.mode, one, number))
        for one, contender in contenders.items()
        if one not in deaf
    }
    results = {one: deaf[one] if one in deaf else judge.result(answers[one]) for one in contenders}
    ours = answers[MATCHER]
    assert isinstance(ours, Decision)
    return Played(
        effect=name,
        mode=asked.mode,
        number=number,
        relation=item.relation,
        recordings=item.recordings,
        right=item.point,
        untouched=judge.untouched,
        results=results,
        point=ours.point,
        gated=ours.does_nothing,
        sounds=(item.dry, item.target) if number < HEARD_ITEMS else None,
    )


def drawing(*names: object) -> np.random.Generator:
    """A generator that these names alone decide."""
    return np.random.default_rng(int(digest([str(name) for name in names]), 16))
