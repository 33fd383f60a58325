"""A chain of effects is an effect: its knobs are its parts' knobs, its identity comes from theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainables.audio import Audio
from trainables.digests import digest
from trainables.effects.effect import BLOCK_SAMPLES, Effect, NotFinite
from trainables.effects.knob_names import each_once
from trainables.parameters import Settings


@dataclass(frozen=True)
class Link:
    """A part of a chain: an effect, under the name that its knobs have there."""

    name: str
    effect: Effect

    def own(self, settings: Settings) -> Settings:
        """Its own settings among those of the chain, by its own names."""
        return {p.name: settings[f"{self.name}.{p.name}"] for p in self.effect.parameters}


@dataclass(frozen=True)
class _Process:
    links: tuple[Link, ...]

    def __call__(self, dry: Audio, sample_rate: int, settings: Settings, *, block_samples: int = BLOCK_SAMPLES) -> Audio:
        audio = dry
        for link in self.links:
            audio = link.effect.process(audio, sample_rate, link.own(settings), block_samples=block_samples)
            if not np.isfinite(audio).all():
                rule = "gave samples that are not finite."
                raise NotFinite(f"{link.name} in a chain", rule, "Lower the level before it.")
        return audio


def chain(effects: Sequence[Effect]) -> Effect:
    """The effects one after another.

    Args:
        effects: at least one. The knobs of a second `delay` are called `delay_2.…`.
    """
    links = tuple(Link(name, effect) for name, effect in zip(each_once(e.name for e in effects), effects, strict=True))
    parameters = tuple(replace(p, name=f"{link.name}.{p.name}") for link in links for p in link.effect.parameters)
    identity = digest({"chain": [effect.identity for effect in effects]})
    title = " > ".join(effect.title for effect in effects)
    return Effect("_".join(link.name for link in links), title, "chain", parameters, identity, _Process(links))
