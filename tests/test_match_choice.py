"""Which effect is set: one of several, or two in a row, and what must be known to tell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_matcher import CORPUS

from trainables.audio import Audio
from trainables.corpus.clips import draw_clip
from trainables.effects import apply
from trainables.effects.sources import load_effect
from trainables.matching.deciding import Task
from trainables.matching.knob_space import KnobSpace
from trainables.matching.pairing import Reference
from tune.errors import InvalidInput
from tune.matching.match_audio import MatchAudio
from tune.matching.match_choice import Given, choose
from tune.told_steps import untold

RATE = CORPUS.audio.sample_rate
SOURCE = "overdrive > delay"


def clip(place: int) -> Audio:
    return draw_clip(CORPUS.recordings[place], 16_384, np.random.default_rng(place))[1]


def asked(paired: bool = True, renders: int = 90) -> tuple[Task, Given]:
    strong = {"overdrive.drive": 0.9, "overdrive.muffle": 0.8, "delay.l_delay": 0.45, "delay.fx_mix": 0.5}
    wet = apply(load_effect(SOURCE, "mda"), clip(0), RATE, strong)
    reference = Reference(wet, clip(0) if paired else None, RATE)
    return Task(clip(5), reference, renders), Given(MatchAudio(clip(5), reference), None, 0)


def test_a_chain_is_found_where_two_effects_were_used_and_costs_no_more_than_asked_for() -> None:
    chosen, ranked = choose("chain", "mda", *asked(), untold)
    assert ranked.name == chosen.source == ranked.ranking[0] and " > " in ranked.name and "overdrive" in ranked.name
    assert ranked.renders == 90 and not ranked.decision.does_nothing
    alone = choose("auto", "mda", *asked(renders=30), untold)[1]
    assert ranked.decision.distance_after < 0.97 * alone.decision.distance_after
    parts = load_effect(ranked.name, "mda")
    assert parts.identity == chosen.effect.identity and KnobSpace(parts.parameters).size == ranked.decision.point.size


def test_where_nothing_was_done_no_chain_is_sought() -> None:
    task, given = asked()
    _, ranked = choose("chain", "mda", replace(task, reference=Reference(clip(0), clip(0), RATE)), given, untold)
    assert ranked.decision.does_nothing and ranked.renders == 30


@pytest.mark.parametrize(
    ("effect", "paired", "renders", "told"),
    [
        ("chain", False, 96, "Give --reference-dry, or name the chain"),
        ("chain", True, 26, "Give --renders 27 or more"),
        ("auto", True, 8, "Give --renders 9 or more"),
        ("auto", False, 0, "Give --renders 9 or more"),
    ],
)
def test_what_cannot_be_told_is_refused(effect: str, paired: bool, renders: int, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        choose(effect, "mda", *asked(paired, renders), untold)
