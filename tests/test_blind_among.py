"""Blind, and no effect told: what is done of several, what is likely, and when nothing is done."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_matcher import CORPUS

from trainables.audio import Audio
from trainables.corpus.clips import draw_clip
from trainables.effects import Effect, apply, load_effects
from trainables.matching.blind import BlindRenderer
from trainables.matching.blind_among import EXPLAINED_DB, Contestant, Heard, believed, decide_blind_among, listen
from trainables.matching.decision import Ranked
from trainables.matching.knob_space import KnobSpace
from trainables.matching.mel_distance import see
from trainables.matching.mixture import Belief, Foreseen

RATE = CORPUS.audio.sample_rate
KNOWN = {name: load_effects("mda")[name] for name in ("delay", "overdrive", "limiter")}
SETTINGS = {"drive": 0.3, "muffle": 0.8}


def clip(place: int) -> Audio:
    return draw_clip(CORPUS.recordings[place], 16_384, np.random.default_rng(place))[1]


def contestants(effects: dict[str, Effect], dry: Audio, belief: Belief | None = None) -> dict[str, Contestant]:
    return {
        name: Contestant(BlindRenderer(effect, KnobSpace(effect.parameters), dry, RATE), belief)
        for name, effect in effects.items()
    }


def decided(reference: Audio, effects: dict[str, Effect] = KNOWN, renders: int = 60, belief: Belief | None = None) -> Ranked:
    dry, random = clip(5), np.random.default_rng(0)
    return decide_blind_among(contestants(effects, dry, belief), see(dry, RATE), see(reference, RATE), renders, random)


def failing(effect: Effect) -> Effect:
    def process(dry: Audio, sample_rate: int, settings: object, *, block_samples: int = 8192) -> Audio:
        return dry * np.float32(np.nan)

    return replace(effect, process=process)


def idle(effect: Effect) -> Effect:
    def process(dry: Audio, sample_rate: int, settings: object, *, block_samples: int = 8192) -> Audio:
        return dry.copy()

    return replace(effect, process=process)


def test_of_the_same_content_the_effect_that_was_used_comes_first_and_is_set() -> None:
    ranked = decided(apply(KNOWN["overdrive"], clip(5), RATE, SETTINGS))
    assert ranked.name == ranked.ranking[0] == "overdrive" and set(ranked.ranking) == set(KNOWN)
    assert not ranked.decision.does_nothing and ranked.decision.reason == ""
    found = KnobSpace(KNOWN["overdrive"].parameters).settings(ranked.decision.point)
    assert found["muffle"] == pytest.approx(0.8, abs=0.2)


def test_a_reference_that_sounds_like_the_input_through_no_effect_leaves_it_alone() -> None:
    """Its content is another one: a low tone, and the input is none."""
    tone = 0.1 * np.sin(2.0 * np.pi * 60.0 * np.arange(16_384) / RATE, dtype=np.float32)[None]
    ranked = decided(tone)
    assert ranked.decision.does_nothing and ranked.decision.reason == "unexplained"
    assert ranked.renders < 60, "nothing is refined that is not done"


@pytest.mark.parametrize("used", [True, False])
def test_an_effect_that_changes_nothing_is_never_what_is_done(used: bool) -> None:
    """It is the nearest where the reference is the input as it is, and then nothing is done."""
    effects = {"loudness": idle(load_effects("mda")["loudness"]), "overdrive": KNOWN["overdrive"]}
    ranked = decided(apply(KNOWN["overdrive"], clip(5), RATE, SETTINGS) if used else clip(5), effects)
    assert ranked.ranking[0] == ("overdrive" if used else "loudness")
    assert ranked.decision.does_nothing != used and (ranked.name == "overdrive" or not used)
    assert ranked.decision.reason == ("" if used else "alike")


def test_an_effect_that_is_foreseen_to_gain_too_little_is_not_set() -> None:
    reference = apply(KNOWN["overdrive"], clip(4), RATE, SETTINGS)
    space = KnobSpace(KNOWN["overdrive"].parameters)
    belief = Belief(np.ones(1), space.point({**space.settings(space.defaults), **SETTINGS})[None], np.full((1, space.size), 0.05))
    only = {"overdrive": KNOWN["overdrive"], "overdrive again": KNOWN["overdrive"]}
    poor = decided(reference, only, belief=replace(belief, foreseen=Foreseen(10.0, 9.5)))
    assert poor.decision.does_nothing and poor.decision.reason == "foreseen"
    assert not decided(reference, only, belief=replace(belief, foreseen=Foreseen(10.0, 2.0))).decision.does_nothing


@pytest.mark.parametrize("believed_in", [True, False])
@pytest.mark.parametrize("renders", [1, 3, 9, 60])
def test_every_effect_is_tried_and_no_more_renders_are_spent_than_asked_for(renders: int, believed_in: bool) -> None:
    some = dict.fromkeys(("one", "two", "three"), KNOWN["overdrive"])
    belief = Belief(np.ones(1), np.full((1, 2), 0.5), np.full((1, 2), 0.2)) if believed_in else None
    ranked = decided(apply(KNOWN["overdrive"], clip(5), RATE, SETTINGS), some, renders, belief)
    assert len(ranked.ranking) == 3 and ranked.renders == max(3, renders) == ranked.decision.renders


def test_an_effect_that_cannot_be_rendered_comes_last_and_of_none_that_can_nothing_is_done() -> None:
    reference = apply(KNOWN["overdrive"], clip(5), RATE, SETTINGS)
    ranked = decided(reference, {"delay": failing(KNOWN["delay"]), **{k: KNOWN[k] for k in ("limiter", "overdrive")}})
    assert ranked.ranking[-1] == "delay" and ranked.name == "overdrive"
    assert decided(reference, {name: failing(effect) for name, effect in KNOWN.items()}).decision.does_nothing


def test_an_effect_is_worth_what_its_settings_are_on_average_however_many_were_heard() -> None:
    sound = see(clip(5), RATE)
    often = [Heard("often", np.zeros(1), sound, apart) for apart in (2.0, 2.0, 2.0, 2.0)]
    likely = believed([*often, Heard("once", np.zeros(1), sound, 1.9)], guided=False)
    assert likely.ranking == ("once", "often") and likely.nearest_db == 1.9
    assert likely.possible.weights.sum() == pytest.approx(1.0)
    assert likely.possible.weights[:4].sum() < likely.possible.weights[4] < 0.6


def test_what_is_heard_is_told_with_its_distance_from_the_reference() -> None:
    heard = listen(contestants(KNOWN, clip(5)), 2, see(clip(5), RATE), np.random.default_rng(0))
    assert [one.name for one in heard] == [name for name in KNOWN for _ in range(2)]
    assert 0.0 <= min(one.apart_db for one in heard) < EXPLAINED_DB
