"""Self-made tasks whose answer is known, and how they are put to whoever could set an effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from trainables.audio import Audio
from trainables.corpus.clips import Recording, draw_clip
from trainables.effects.effect import Effect, apply
from trainables.errors import InputError, TakeFailed
from trainables.matching.deciding import Task
from trainables.matching.features import FeatureExtractor, Features
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.matcher import Matcher, see_reference
from trainables.matching.mixture import Belief
from trainables.matching.pairing import Reference
from trainables.matching.spectral_metrics import FIELD, StftConfig, mrstft
from trainables.matching.takes import Mode
from trainables.parameters import draw

Relation = Literal["same", "other"]
TRIES = 20  # at settings that can be rendered


@dataclass(frozen=True, eq=False)
class Clips:
    """What an item is made of.

    Attributes:
        dries: the input and the reference's dry version, (channels, samples) float32 each.
        recordings: names of the recordings that they are of.
    """

    dries: tuple[Audio, Audio]
    recordings: tuple[str, str]

    @property
    def relation(self) -> Relation:
        """Whether they are of one recording."""
        return "same" if self.recordings[0] == self.recordings[1] else "other"


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

    @cached_property
    def space(self) -> KnobSpace:
        """The effect's free knobs."""
        return KnobSpace(self.effect.parameters)

    @cached_property
    def extractor(self) -> FeatureExtractor:
        """What the matcher sees by."""
        return FeatureExtractor(self.sample_rate)


@dataclass(frozen=True, eq=False)
class Asked:
    """An item as a matcher is asked; what is seen of it is looked at once, whoever uses it."""

    arena: Arena
    item: Item
    mode: Mode

    def task(self, renders: int) -> Task:
        """With the reference's dry version in paired mode only."""
        return Task(self.item.dry, self.reference, renders)

    @cached_property
    def reference(self) -> Reference:
        """That of the mode."""
        dry = self.item.reference_dry if self.mode == "paired" else None
        return Reference(self.item.reference, dry, self.arena.sample_rate)

    @cached_property
    def features(self) -> list[Features]:
        """Of each clip of the reference."""
        return see_reference(self.arena.extractor, self.arena.matcher.hearing, self.reference, self.item.dry)

    def belief(self, effect: str) -> Belief:
        """What the matcher believes of the knobs of an effect, if it was this one."""
        return self.arena.matcher.belief(self.mode, effect, self.features)


def draw_clips(recordings: Sequence[Recording], clip_samples: int, relation: Relation, random: np.random.Generator) -> Clips:
    """Two random clips, of one recording or of two."""
    first, second = random.choice(len(recordings), size=2, replace=False)
    pair = recordings[first], recordings[first if relation == "same" else second]
    one, other = (draw_clip(recording, clip_samples, random)[1] for recording in pair)
    return Clips((one, other), (pair[0].name, pair[1].name))


def make_item(arena: Arena, clips: Clips, random: np.random.Generator) -> Item:
    """Random settings on two clips; settings that cannot be rendered are drawn anew.

    Raises:
        InputError: twenty settings in a row could not be rendered.
    """
    effect, sample_rate, dries = arena.effect, arena.sample_rate, clips.dries
    for _ in range(TRIES):
        settings = draw(effect.parameters, random)
        try:
            wets = [apply(effect, dry, sample_rate, settings) for dry in dries]
        except (InputError, TakeFailed):
            continue
        if all(float(np.abs(wet).max()) > 0.0 for wet in wets):
            untouched, point = mrstft(dries[0], wets[0], arena.metric), arena.space.point(settings)
            return Item(dries[0], wets[0], dries[1], wets[1], point, clips.recordings, clips.relation, untouched)
    raise InputError(f"effect '{effect.name}'", f"could not be rendered at {TRIES} random settings.", "Leave it out.")
