"""Which effect is set: one of several, or two in a row, and what must be known to tell."""

from __future__ import annotations

import numpy as np
import pytest
from small_matcher import CORPUS

from trainables.audio import Audio
from trainables.corpus.clips import draw_clip
from trainables.effects import apply
from trainables.effects.sources import load_effect
from trainables.matching.deciding import Task
from trainables.matching.pairing import Reference
from tune.errors import InvalidInput
from tune.matching.match_audio import MatchAudio
from tune.matching.match_choice import Given, choose, with_chains
from tune.matching.match_effects import candidates
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


def test_a_chain_of_two_is_found_where_two_were_used_and_costs_no_more_than_asked_for() -> None:
    chosen, ranked = choose("chain", "mda", *asked(), untold)
    assert ranked.name == chosen.source == ranked.ranking[0] and " > " in ranked.name and "overdrive" in ranked.name
    assert ranked.renders == 90 and not ranked.decision.does_nothing and len(ranked.ranking) == 5
    alone = choose("overdrive", "mda", *asked(), untold)[1]
    assert ranked.decision.distance_after < alone.decision.distance_after


def test_chains_are_made_of_the_nearest_with_the_next_two_in_both_orders() -> None:
    tried = candidates("auto", "mda", None)
    made = with_chains(tried, ("delay", "combo", "limiter", "leslie"))
    assert list(made) == ["delay", "delay > combo", "combo > delay", "delay > limiter", "limiter > delay"]
    assert all(one.source == name and one.backend == "mda" for name, one in made.items())
    assert made["combo > delay"].effect.identity == load_effect("combo > delay", "mda").identity


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
