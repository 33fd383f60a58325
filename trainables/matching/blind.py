"""A decision in blind mode: nobody knows what the reference was before its effect, so what counts is the risk.

Settings that are believed in are rendered on the input; each is what the result ought to be if it were the true one.
Chosen is what is nearest to all of them on average, weighted by belief, doing nothing among the choices (minimum Bayes
risk: Berger 1985, 1.3).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trainables.audio import Audio
from trainables.effects.effect import Effect, apply
from trainables.errors import InputError, TakeFailed
from trainables.matching.decision import Decision
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.mel_distance import Seen, apart_each_db, mean_spectrum_apart_db, see, together
from trainables.matching.mixture import Belief
from trainables.matching.pairing import UNUSABLE
from trainables.matching.search import Refine, Tried, by_cma, spread_points

BELIEVED_SHARE = 0.6  # of the renders; the others refine the best
REFINING_STEP = 0.1
CONTENT_DB = 0.7  # by how much closeness of mean spectra tells settings apart, where no controller was trained
GUIDED_SHARE = (
    0.6  # of the settings tried first are a controller's, where there is one; it may be wrong, so the others are spread
)
CONTENT_SHARE = 0.6  # of how far the likest of them stays: what no settings mend is content, and tells settings apart as little
CONTENT_RANGE_DB = (0.15, 2.0)
SAME_CONTENT_DB = 3.0  # of mean spectra: where some settings come so near, the reference shows by itself what is right
ALIKE_DB = 0.25  # of mean spectra: an input that is so near the reference as it is is left alone
WORTH_TRYING = 0.8  # of the distance: where content differs, a controller that foresees less of a gain is not trusted with any


@dataclass(frozen=True, eq=False)
class Possible:
    """What the right result may sound like.

    Attributes:
        sounds: of settings that are believed in, on the input.
        weights: (sounds,) how far each is believed in, of sum 1.
    """

    sounds: tuple[Seen, ...]
    weights: Units

    def risk(self, sound: Seen) -> float:
        """The expected distance in dB of a sound from what is right."""
        return float(self.weights @ apart_each_db(sound, self.all))

    @cached_property
    def all(self) -> Seen:
        """The sounds as one."""
        return together(self.sounds)

    def own_risks(self) -> Units:
        """(sounds,) the risk of each, if another one is right."""
        apart = np.array([apart_each_db(one, self.all) for one in self.sounds])
        others = np.tile(self.weights, (len(self.weights), 1))
        np.fill_diagonal(others, 0.0)
        return np.asarray((apart * others).sum(1) / np.maximum(others.sum(1), 1e-12), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What the input would become.

    Attributes:
        points: (outcomes, knobs).
        possible: their sounds.
        nearest_db: how near the likest mean spectrum comes to that of the reference.
    """

    points: Units
    possible: Possible
    nearest_db: float


class BlindRenderer:
    """The input at the settings of a point, as a search sees it.

    Args:
        effect, space: what is set.
        dry: (channels, samples) float32, the input or its beginning.
        sample_rate: in Hz.
    """

    def __init__(self, effect: Effect, space: KnobSpace, dry: Audio, sample_rate: int) -> None:
        self.effect, self.space, self.dry, self.sample_rate = effect, space, dry, sample_rate

    def __call__(self, point: Units) -> Seen | None:
        """None where a plugin cannot render it, or gives silence."""
        try:
            wet = apply(self.effect, self.dry, self.sample_rate, self.space.settings(point))
        except (InputError, TakeFailed):
            return None
        return see(wet, self.sample_rate) if np.abs(wet).max() > 0.0 else None

    def untouched(self) -> Seen:
        """The input as it is."""
        return see(self.dry, self.sample_rate)


def decide_blind(
    renderer: BlindRenderer,
    belief: Belief | None,
    reference: Seen,
    renders: int,
    random: np.random.Generator,
    refine: Refine = by_cma,
) -> Decision:
    """The settings of least risk.

    Args:
        renderer: of the input.
        belief: what a controller says of the reference; without one, settings are believed in by how near the mean spectra are.
        reference: how it sounds.
        renders: from 2.
        random: what settings are drawn from.
        refine: how the search goes on from them.
    """
    untouched = renderer.untouched()
    if (apart_db := mean_spectrum_apart_db(untouched, reference)) < ALIKE_DB:
        return Decision(renderer.space.defaults, apart_db, apart_db, 0, "alike")
    count = max(2, round(BELIEVED_SHARE * renders))
    drawn = first_points(renderer.space, belief, count, random)
    outcomes = _outcomes(renderer, drawn, reference, guided=belief is not None)
    if outcomes is None:
        return Decision(drawn[0], 0.0, UNUSABLE, count)
    risks = outcomes.possible.own_risks()
    best = int(np.argmin(risks))
    if belief is not None and foresees_too_little(belief, outcomes.nearest_db):
        before = outcomes.possible.risk(untouched)
        return Decision(outcomes.points[best], before, before, count, "foreseen")

    def risk(point: Units) -> float:
        sound = renderer(point)
        return UNUSABLE if sound is None else outcomes.possible.risk(sound)

    tried = Tried(outcomes.points, np.asarray(risks, dtype=np.float64))
    refined = refine(risk, tried, np.full(renderer.space.size, REFINING_STEP), renders - count, random)
    point, after = (refined.point, refined.distance) if refined.distance < risks[best] else (outcomes.points[best], risks[best])
    return Decision(point, outcomes.possible.risk(untouched), float(after), renders)


def first_points(space: KnobSpace, belief: Belief | None, count: int, random: np.random.Generator) -> Units:
    """(count, knobs) settings to be tried first: of a belief, but for some that are spread."""
    if belief is None:
        return spread_points(space.size, count, random)
    guided = max(1, round(GUIDED_SHARE * count))
    return np.concatenate([belief.draws(guided, random), spread_points(space.size, count - guided, random)])


def foresees_too_little(belief: Belief, nearest_db: float) -> bool:
    """Whether neither the reference's sound nor what was learned from validation takes promises a gain."""
    foreseen = belief.foreseen
    if foreseen is None or nearest_db < SAME_CONTENT_DB:
        return False
    return foreseen.after_db >= WORTH_TRYING * foreseen.before_db


def content_db(apart: Units) -> float:
    """What a difference of mean spectra counts for, given how far those of all settings are from the reference's."""
    return float(np.clip(CONTENT_SHARE * apart.min(), *CONTENT_RANGE_DB))


def _outcomes(renderer: BlindRenderer, points: Units, reference: Seen, guided: bool) -> Outcomes | None:
    """Those of the points that can be rendered, believed in by the likeness of their mean spectra to the reference's."""
    rendered = [(point, sound) for point in points if (sound := renderer(point)) is not None]
    if not rendered:
        return None
    sounds = tuple(sound for _, sound in rendered)
    apart = np.array([mean_spectrum_apart_db(sound, reference) for sound in sounds])
    weights = np.exp(-(apart - apart.min()) / (content_db(apart) if guided else CONTENT_DB))
    possible = Possible(sounds, weights / weights.sum())
    return Outcomes(np.stack([point for point, _ in rendered]), possible, float(apart.min()))
