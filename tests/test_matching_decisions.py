"""Decisions with real plugins: settings found again, the gate, several effects, and a matcher's contest with its controls."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from small_matcher import CORPUS, EFFECTS, effects, matcher_folder

from trainables.audio import Audio
from trainables.corpus.clips import draw_clip
from trainables.effects import apply, load_effects
from trainables.errors import InputError
from trainables.matching.blind import BlindRenderer, content_db, decide_blind
from trainables.matching.deciding import Task, decide, decide_among
from trainables.matching.knob_space import KnobSpace
from trainables.matching.matcher_file import MATCHER_FILE, KeptMatcher, read_matcher
from trainables.matching.mel_distance import see
from trainables.matching.mixture import Belief, Foreseen
from trainables.matching.pairing import PairedDistance, Reference, level_beyond

RATE = CORPUS.audio.sample_rate
OVERDRIVE = load_effects("mda")["overdrive"]
SPACE = KnobSpace(OVERDRIVE.parameters)
SETTINGS = {"drive": 0.7, "muffle": 0.4}


def clip(place: int) -> Audio:
    return draw_clip(CORPUS.recordings[place], 16_384, np.random.default_rng(place))[1]


def drawing() -> np.random.Generator:
    return np.random.default_rng(0)


def paired(settings: dict[str, float], place: int = 0) -> Reference:
    return Reference(apply(OVERDRIVE, clip(place), RATE, settings), clip(place), RATE)


def sure_of(settings: dict[str, float]) -> Belief:
    point = SPACE.point({p.name: settings.get(p.name, p.default) for p in OVERDRIVE.parameters})
    return Belief(np.ones(1), point[None], np.full((1, len(point)), 0.03))


def test_paired_settings_are_found_again_by_search_alone() -> None:
    decision = decide(OVERDRIVE, SPACE, Task(clip(5), paired(SETTINGS), 60), None, drawing())
    found = SPACE.settings(decision.point)
    assert not decision.does_nothing and decision.renders == 60 and decision.ratio < 0.1
    assert found["drive"] == pytest.approx(0.7, abs=0.15) and found["muffle"] == pytest.approx(0.4, abs=0.05)


def test_a_reference_that_nothing_was_done_to_is_left_alone() -> None:
    untouched = Reference(clip(0), clip(0), RATE)
    assert decide(OVERDRIVE, SPACE, Task(clip(5), untouched, 12), None, drawing()).does_nothing


def test_a_belief_without_renders_is_taken_at_its_word_and_its_distance_told() -> None:
    decision = decide(OVERDRIVE, SPACE, Task(clip(5), paired(SETTINGS), 0), sure_of(SETTINGS), drawing())
    assert decision.renders == 0 and decision.distance_after < 0.1 * decision.distance_before
    blind = decide(OVERDRIVE, SPACE, Task(clip(5), replace(paired(SETTINGS), dry=None), 0), sure_of(SETTINGS), drawing())
    np.testing.assert_allclose(blind.point, decision.point)


def test_settings_that_cannot_be_rendered_are_never_the_nearest() -> None:
    def failing(dry: Audio, sample_rate: int, settings: object, *, block_samples: int = 8192) -> Audio:
        return dry * np.float32(np.nan)

    broken = replace(OVERDRIVE, process=failing)
    assert PairedDistance(broken, SPACE, paired(SETTINGS))(SPACE.defaults) > 1000.0
    blind = decide_blind(BlindRenderer(broken, SPACE, clip(5), RATE), None, see(clip(0), RATE), 8, drawing())
    assert blind.does_nothing


def test_blind_a_sure_belief_is_followed_and_one_in_next_to_nothing_expects_little() -> None:
    reference = see(paired(SETTINGS).wet, RATE)
    renderer = BlindRenderer(OVERDRIVE, SPACE, clip(5), RATE)
    sure = decide_blind(renderer, sure_of(SETTINGS), reference, 16, drawing())
    assert not sure.does_nothing and abs(SPACE.settings(sure.point)["muffle"] - 0.4) < 0.1
    slight = apply(OVERDRIVE, clip(5), RATE, {"drive": 0.0, "muffle": 0.1})
    little = decide_blind(renderer, sure_of({"drive": 0.0, "muffle": 0.1}), see(slight, RATE), 16, drawing())
    assert little.reason == "" and little.distance_before < sure.distance_before


def test_blind_an_input_that_sounds_like_the_reference_already_is_left_alone_unheard() -> None:
    none = decide_blind(BlindRenderer(OVERDRIVE, SPACE, clip(5), RATE), None, see(clip(5), RATE), 16, drawing())
    assert none.does_nothing and none.reason == "alike" and none.renders == 0


def test_blind_a_wrong_belief_is_mended_by_a_reference_of_the_same_content() -> None:
    reference = see(paired(SETTINGS, 5).wet, RATE)
    renderer = BlindRenderer(OVERDRIVE, SPACE, clip(5), RATE)
    found = decide_blind(renderer, sure_of({"drive": 0.0, "muffle": 0.9}), reference, 64, drawing())
    assert abs(SPACE.settings(found.point)["muffle"] - SETTINGS["muffle"]) < 0.15


@pytest.mark.parametrize(("after_db", "place", "acts"), [(9.5, 0, False), (2.0, 0, True), (9.5, 5, True)])
def test_blind_of_other_content_nothing_is_done_unless_a_gain_is_foreseen(after_db: float, place: int, acts: bool) -> None:
    """Input and reference are of different recordings where `place` is 0, of one where it is 5."""
    belief = replace(sure_of(SETTINGS), foreseen=Foreseen(10.0, after_db))
    renderer = BlindRenderer(OVERDRIVE, SPACE, clip(5), RATE)
    found = decide_blind(renderer, belief, see(paired(SETTINGS, place).wet, RATE), 16, drawing())
    assert found.does_nothing != acts and found.renders <= 16


@pytest.mark.parametrize(("nearest_db", "counts_for"), [(0.0, 0.15), (1.0, 0.6), (10.0, 2.0)])
def test_the_farther_all_settings_stay_the_less_mean_spectra_tell_them_apart(nearest_db: float, counts_for: float) -> None:
    assert content_db(np.array([nearest_db, nearest_db + 3.0])) == pytest.approx(counts_for)


def test_the_gain_beyond_the_effect_is_told_in_decibels() -> None:
    assert level_beyond(clip(0) * np.float32(2.0), clip(0)) == pytest.approx(6.02, abs=0.01)
    assert level_beyond(np.zeros((1, 9), np.float32), clip(0)) == 0.0


def test_among_several_effects_the_right_one_comes_first() -> None:
    known = load_effects("mda")
    some = {name: known[name] for name in ("delay", "overdrive", "limiter")}
    ranked = decide_among(some, Task(clip(5), paired({"drive": 0.2, "muffle": 0.8}), 60), dict.fromkeys(some), drawing())
    assert ranked.name == ranked.ranking[0] == "overdrive" and set(ranked.ranking) == set(some)
    assert not ranked.decision.does_nothing and ranked.renders == 60


@pytest.mark.parametrize(("renders", "spent"), [(0, 3), (7, 7), (20, 20)])
def test_among_several_effects_each_is_tried_and_no_more_is_spent_than_asked_for(renders: int, spent: int) -> None:
    known = load_effects("mda")
    some = {name: known[name] for name in ("delay", "overdrive", "limiter")}
    ranked = decide_among(some, Task(clip(5), paired(SETTINGS), renders), dict.fromkeys(some), drawing())
    assert ranked.renders == spent and set(ranked.ranking) == set(some)


@cache
def kept(folder: Path) -> KeptMatcher:
    return read_matcher(matcher_folder(folder) / MATCHER_FILE)


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> KeptMatcher:
    return kept(tmp_path_factory.mktemp("matcher"))


def test_a_matcher_is_read_back_as_it_was_and_a_damaged_one_refused(matcher: KeptMatcher, tmp_path: Path) -> None:
    assert tuple(matcher.effects) == EFFECTS and matcher.effects["overdrive"].knobs == ("drive", "muffle")
    for name, effect in effects().items():
        if name in EFFECTS:
            assert matcher.matcher.controller("paired", name).knobs == KnobSpace(effect.parameters).size
    (tmp_path / MATCHER_FILE).write_bytes(b"no matcher")
    with pytest.raises(InputError, match="is damaged or not a matcher"):
        read_matcher(tmp_path / MATCHER_FILE)
