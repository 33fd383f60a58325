"""How well a matcher does without searching: its proposal is rendered, and compared with what is right and with the input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from trainables.audio import Audio
from trainables.effects.effect import Effect, apply
from trainables.errors import InputError, TakeFailed
from trainables.evaluation.outcomes import Outcome
from trainables.matching.features import FeatureExtractor, Features
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.matcher import Matcher, see_reference
from trainables.matching.pairing import Reference
from trainables.matching.spectral_metrics import mrstft
from trainables.matching.takes import MODES, Mode
from trainables.rendering.takes import Block


@dataclass(frozen=True)
class ScoredTakes:
    """Takes of one effect that a matcher is scored on, in pairs of the same settings on two recordings.

    Attributes:
        dry, wet: (items, channels, samples).
        untouched: (items,) the metric between the two.
        recordings: names, one for each item.
    """

    dry: Audio
    wet: Audio
    untouched: Units
    recordings: tuple[str, ...]


def scored_takes(blocks: Sequence[Block]) -> ScoredTakes:
    """What blocks of audio hold."""
    dry, wet = (np.concatenate([getattr(block, side) for block in blocks]) for side in ("dry", "wet"))
    untouched = np.array([mrstft(before, after) for before, after in zip(dry, wet, strict=True)])
    return ScoredTakes(dry, wet, untouched, tuple(take.recording for block in blocks for take in block.takes))


def match_scores(
    matcher: Matcher, extractor: FeatureExtractor, effects: Mapping[str, Effect], takes: Mapping[str, ScoredTakes]
) -> dict[str, float]:
    """`match_ratio` (the mean of all), `match_ratio/MODE`, `match_ratio/MODE/EFFECT` with its interval: lower is better.

    A ratio is the mean of the metric (`spectral_metrics.mrstft`) over that of doing nothing: 1 is no better. References are
    other recordings.
    """
    scores: dict[str, float] = {}
    for mode in MODES:
        outcomes = {name: ratio(matcher, extractor, effects[name], mode, name, of) for name, of in takes.items()}
        for name, outcome in outcomes.items():
            estimate = outcome.estimate()
            key = f"match_ratio/{mode}/{name}"
            scores |= {key: estimate.value, f"{key}_low": estimate.low, f"{key}_high": estimate.high}
        scores[f"match_ratio/{mode}"] = float(np.mean([outcome.value for outcome in outcomes.values()]))
    return {"match_ratio": float(np.mean([scores[f"match_ratio/{mode}"] for mode in MODES]))} | scores


def ratio(matcher: Matcher, extractor: FeatureExtractor, effect: Effect, mode: Mode, name: str, takes: ScoredTakes) -> Outcome:
    """What one controller's middle leaves of the metric, over what doing nothing leaves."""
    space = KnobSpace(effect.parameters)
    reached = []
    for item in range(len(takes.dry)):
        reference = item ^ 1
        belief = matcher.belief(mode, name, _seen(extractor, matcher, mode, takes, item, reference))
        reached.append(_reached(effect, space, takes, item, belief.middle, matcher.hearing.sample_rate))
    return Outcome(np.array(reached), takes.untouched, np.array(takes.recordings))


def _seen(
    extractor: FeatureExtractor, matcher: Matcher, mode: Mode, takes: ScoredTakes, item: int, reference: int
) -> list[Features]:
    before = takes.dry[reference] if mode == "paired" else None
    heard = Reference(takes.wet[reference], before, matcher.hearing.sample_rate)
    return see_reference(extractor, matcher.hearing, heard, takes.dry[item])


def _reached(effect: Effect, space: KnobSpace, takes: ScoredTakes, item: int, point: Units, sample_rate: int) -> float:
    try:
        return mrstft(apply(effect, takes.dry[item], sample_rate, space.settings(point)), takes.wet[item])
    except (InputError, TakeFailed):
        return float(takes.untouched[item])  # what cannot be rendered is left undone
