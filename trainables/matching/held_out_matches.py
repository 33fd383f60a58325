"""What a trained matcher makes of some takes of recordings that it never heard: the takes that its trial was scored on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trainables.audio import Audio
from trainables.configs import TrialConfig
from trainables.digests import digest
from trainables.effects.effect import Effect, apply
from trainables.matching.deciding import Task, decide
from trainables.matching.decision import Decision
from trainables.matching.features import FeatureExtractor
from trainables.matching.knob_space import KnobSpace, Units
from trainables.matching.matcher import Matcher, see_reference
from trainables.matching.matches_page import HeardMatch
from trainables.matching.pairing import Reference
from trainables.matching.spectral_metrics import mrstft
from trainables.matching.takes import MODES, Mode
from trainables.matching.trial_schedule import scoring_requests
from trainables.rendering.source import Source
from trainables.rendering.takes import Block

RENDERS = 96
MOST_A_MODE = 4  # matches of all effects together


@dataclass(frozen=True, eq=False)
class _Case:
    """One take as the input and what is right, its partner as the reference."""

    effect: Effect
    mode: Mode
    block: Block
    item: int

    @property
    def partner(self) -> int:
        return self.item ^ 1

    @property
    def right(self) -> Units:
        return KnobSpace(self.effect.parameters).point(dict(self.block.takes[self.item].settings))

    def task(self, sample_rate: int) -> Task:
        before = self.block.dry[self.partner] if self.mode == "paired" else None
        return Task(self.block.dry[self.item], Reference(self.block.wet[self.partner], before, sample_rate), RENDERS)


def held_out_matches(
    matcher: Matcher, config: TrialConfig, effects: Mapping[str, Effect], source: Source
) -> tuple[HeardMatch, ...]:
    """At most four in each mode, or one of each effect; what the source renders is what the trials were scored on."""
    each = max(1, MOST_A_MODE // len(config.trained_effects))
    wanted = scoring_requests(config)
    blocks = {name: source.blocks(wanted[name])[0] for name in config.trained_effects}
    cases = [
        _Case(effects[name], mode, block, 2 * pair)
        for mode in MODES
        for name, block in blocks.items()
        for pair in range(min(each, len(block.takes) // 2))
    ]
    return tuple(_heard(matcher, case) for case in cases)


def _heard(matcher: Matcher, case: _Case) -> HeardMatch:
    hearing, space = matcher.hearing, KnobSpace(case.effect.parameters)
    task = case.task(hearing.sample_rate)
    seen = see_reference(FeatureExtractor(hearing.sample_rate), hearing, task.reference, task.dry)
    random = np.random.default_rng(int(digest([case.effect.name, case.mode, case.item]), 16))
    decision = decide(case.effect, space, task, matcher.belief(case.mode, case.effect.name, seen), random)
    result = _result(case.effect, task, decision)
    right = case.block.wet[case.item]
    left = mrstft(result, right) / max(mrstft(task.dry, right), 1e-9)
    recordings = [case.block.takes[place].recording for place in (case.item, case.partner)]
    sounds = {"reference": task.reference.wet, "result": result, "right": right, "input": task.dry}
    return HeardMatch(
        name=f"{case.effect.name}, {case.mode}: {recordings[0]} in the style of {recordings[1]}",
        told=_told(decision, left),
        sounds=sounds,
        knobs=_knobs(space, decision, case.right),
    )


def _result(effect: Effect, task: Task, decision: Decision) -> Audio:
    if decision.does_nothing:
        return task.dry
    return apply(effect, task.dry, task.reference.sample_rate, KnobSpace(effect.parameters).settings(decision.point))


def _told(decision: Decision, left: float) -> str:
    if decision.does_nothing:
        return "It did nothing: nothing that it tried seemed nearer."
    return f"The result has {left:.2f} of the input's distance (MR-STFT) from what is right, after {decision.renders} renders."


def _knobs(space: KnobSpace, decision: Decision, right: Units) -> tuple[tuple[str, str, str], ...]:
    set_to, true = space.settings(decision.point), space.settings(right)
    texts = {p.name: tuple(p.told(values[p.name]) for values in (set_to, true)) for p in space.free}
    return tuple((name, "left alone" if decision.does_nothing else ours, theirs) for name, (ours, theirs) in texts.items())
