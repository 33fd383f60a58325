"""A decision in blind mode among several effects: which one made the reference is as uncertain as how it was set.

Settings of every effect are rendered on the input, and each is believed in by how near its mean spectrum comes to the
reference's. An effect is worth the mean of that over its settings (marginal likelihood: MacKay 2003, 28.1). Chosen is what is
nearest to all of them on average, whatever its effect, doing nothing among the choices.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trainables.matching.blind import (
    ALIKE_DB,
    CONTENT_DB,
    REFINING_STEP,
    BlindRenderer,
    Possible,
    content_db,
    first_points,
    foresees_too_little,
)
from trainables.matching.decision import KEPT, ROUNDS, Decision, Ranked, Reason
from trainables.matching.knob_space import Units
from trainables.matching.mel_distance import Seen, mean_spectrum_apart_db
from trainables.matching.mixture import Belief
from trainables.matching.pairing import UNUSABLE
from trainables.matching.search import Refine, Tried, by_cma

EXPLAINED_DB = 4.5  # of mean spectra: where no effect comes nearer, the content is another one and hides which effect it was


@dataclass(frozen=True, eq=False)
class Contestant:
    """An effect that may have been used.

    Attributes:
        renderer: of the input through it.
        belief: what a controller says of its knobs.
    """

    renderer: BlindRenderer
    belief: Belief | None


@dataclass(frozen=True, eq=False)
class Heard:
    """One rendered setting of one effect, and how far its mean spectrum is from the reference's, in dB."""

    name: str
    point: Units
    sound: Seen
    apart_db: float


@dataclass(frozen=True, eq=False)
class Likely:
    """Everything that was heard, as far as it is believed in.

    Attributes:
        heard: of all effects.
        possible: their sounds, with weights.
        ranking: names of the effects, the likeliest first.
    """

    heard: tuple[Heard, ...]
    possible: Possible
    ranking: tuple[str, ...]

    @property
    def nearest_db(self) -> float:
        """How near the likest mean spectrum comes to the reference's."""
        return min(one.apart_db for one in self.heard)


def decide_blind_among(
    contestants: Mapping[str, Contestant],
    untouched: Seen,
    reference: Seen,
    renders: int,
    random: np.random.Generator,
    refine: Refine = by_cma,
) -> Ranked:
    """The effects, and the settings of least risk.

    A third of the renders is shared by all, another by the likeliest KEPT, the rest refines the best.

    Args:
        contestants: by name, at least two.
        untouched: the input as it is.
        reference: how it sounds.
        renders: at least one for each.
        random: what settings are drawn from.
        refine: how the search goes on from them.
    """
    each = max(1, round(renders / ROUNDS / len(contestants)))
    heard, spent = listen(contestants, each, reference, random), each * len(contestants)
    names = tuple(contestants)
    if not heard:
        one = next(iter(contestants.values()))
        return Ranked(names[0], Decision(one.renderer.space.defaults, 0.0, UNUSABLE, spent), names, spent)
    guided = any(one.belief is not None for one in contestants.values())
    kept = believed(heard, guided).ranking[:KEPT]
    each = min(round(renders / ROUNDS / len(kept)), max(0, renders - spent) // len(kept))
    if each:
        heard, spent = (
            (*heard, *listen({name: contestants[name] for name in kept}, each, reference, random)),
            spent + each * len(kept),
        )
    likely = believed(heard, guided)
    ranking = (*likely.ranking, *(name for name in names if name not in likely.ranking))
    if mean_spectrum_apart_db(untouched, reference) < ALIKE_DB:
        return Ranked(ranking[0], _nothing(likely, untouched, spent, "alike"), ranking, spent)
    if likely.nearest_db >= EXPLAINED_DB:
        return Ranked(ranking[0], _nothing(likely, untouched, spent, "unexplained"), ranking, spent)
    name, decision = _least_risk(contestants, likely, untouched, spent, max(0, renders - spent), random, refine)
    return Ranked(name, decision, ranking, decision.renders)


def listen(contestants: Mapping[str, Contestant], each: int, reference: Seen, random: np.random.Generator) -> tuple[Heard, ...]:
    """`each` renders of every contestant; what cannot be rendered is left out."""
    found = []
    for name, one in contestants.items():
        for point in first_points(one.renderer.space, one.belief, each, random):
            sound = one.renderer(point)
            if sound is not None:
                found.append(Heard(name, point, sound, mean_spectrum_apart_db(sound, reference)))
    return tuple(found)


def believed(heard: Sequence[Heard], guided: bool) -> Likely:
    """Effects and settings by how like the reference they are; before it was heard every effect is as likely as the next."""
    apart = np.array([one.apart_db for one in heard])
    alike = np.exp(-(apart - apart.min()) / (content_db(apart) if guided else CONTENT_DB))
    names = np.array([one.name for one in heard])
    weights = alike / np.array([np.count_nonzero(names == name) for name in names])
    weights = weights / weights.sum()
    known = sorted(dict.fromkeys(one.name for one in heard), key=lambda name: -float(weights[names == name].sum()))
    return Likely(tuple(heard), Possible(tuple(one.sound for one in heard), weights), tuple(known))


def _least_risk(
    contestants: Mapping[str, Contestant],
    likely: Likely,
    untouched: Seen,
    spent: int,
    left: int,
    random: np.random.Generator,
    refine: Refine,
) -> tuple[str, Decision]:
    """The effect and its settings; of what was heard the best, refined if there is anything to gain."""
    before = likely.possible.risk(untouched)
    risks = likely.possible.own_risks()
    name = likely.heard[int(np.argmin(risks))].name
    own = [place for place, one in enumerate(likely.heard) if one.name == name]
    tried = Tried(np.stack([likely.heard[place].point for place in own]), risks[own])
    chosen = contestants[name]
    if chosen.belief is not None and foresees_too_little(chosen.belief, likely.nearest_db):
        return name, Decision(tried.points[tried.best], before, before, spent, "foreseen")

    def risk(point: Units) -> float:
        sound = chosen.renderer(point)
        return UNUSABLE if sound is None else likely.possible.risk(sound)

    found = refine(risk, tried, np.full(chosen.renderer.space.size, REFINING_STEP), left, random)
    best = float(tried.distances[tried.best])
    point, after = (found.point, found.distance) if found.distance < best else (tried.points[tried.best], best)
    return name, Decision(point, before, after, spent + left)


def _nothing(likely: Likely, untouched: Seen, spent: int, reason: Reason) -> Decision:
    """With the settings of the likeliest effect whose mean spectrum is nearest."""
    risk = likely.possible.risk(untouched)
    likest = min((one for one in likely.heard if one.name == likely.ranking[0]), key=lambda one: one.apart_db)
    return Decision(likest.point, risk, risk, spent, reason)
