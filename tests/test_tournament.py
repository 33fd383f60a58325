"""Contests on self-made items: everybody on the same ones, ratios to doing nothing, and which effect it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from small_matcher import CORPUS, EFFECTS, effects, matcher_folder

from trainables.audio import Audio
from trainables.errors import InputError
from trainables.matching.cell import Cell, recognised
from trainables.matching.contenders import MATCHER, chosen, contenders
from trainables.matching.contest import Arena, Clips, Item, draw_clips, make_item
from trainables.matching.decision import Decision
from trainables.matching.matcher_file import MATCHER_FILE, KeptMatcher, read_matcher
from trainables.matching.measures import UNITS
from trainables.matching.spectral_metrics import FIELD
from trainables.matching.stage import Job, Stage
from trainables.matching.tournament import Judge, Played, Result, play
from trainables.matching.which_effect import which_effect

RATE = CORPUS.audio.sample_rate
RENDERS = 8


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptMatcher:
    return read_matcher(matcher_folder(tmp_path_factory.mktemp("matcher")) / MATCHER_FILE)


@pytest.fixture(scope="module")
def arena(kept: KeptMatcher) -> Arena:
    return Arena("overdrive", effects()["overdrive"], kept.matcher, RATE, RENDERS)


def clips(number: int) -> Clips:
    relation = ("same", "other")[number % 2]
    return draw_clips(CORPUS.recordings, CORPUS.audio.clip_samples, relation, np.random.default_rng(number))  # type: ignore[arg-type]


def item(arena: Arena, number: int) -> Item:
    return make_item(arena, clips(number), np.random.default_rng(number))


def made_up(distances: list[float], ranking: tuple[str, ...] = (), effect: str = "overdrive") -> Cell:
    """Items whose doing nothing is 1 away by everything, and the matcher by this much."""
    at = [Result(np.zeros(2), distance, dict.fromkeys(UNITS, distance)) for distance in distances]
    nothing = Result(None, 1.0, dict.fromkeys(UNITS, 1.0))
    played = [
        Played(effect, "paired", n, "same", (str(n), str(n)), np.ones(2), nothing, {MATCHER: one}, np.zeros(2), False, ranking)
        for n, one in enumerate(at)
    ]
    return Cell(effect, "paired", tuple(played))


def test_clips_are_of_one_recording_or_of_two() -> None:
    same, other = clips(0), clips(1)
    assert same.relation == "same" and same.recordings[0] == same.recordings[1]
    assert other.relation == "other" and other.recordings[0] != other.recordings[1]


def test_an_effect_that_can_never_be_rendered_is_told(arena: Arena) -> None:
    def failing(dry: Audio, sample_rate: int, settings: object, *, block_samples: int = 8192) -> Audio:
        return dry * np.float32(np.nan)

    with pytest.raises(InputError, match="could not be rendered at 20 random settings"):
        item(replace(arena, effect=replace(arena.effect, process=failing)), 0)


def test_doing_nothing_is_the_input_and_what_was_sought_is_nowhere_apart(arena: Arena) -> None:
    one = item(arena, 0)
    judge = Judge(arena, one)
    assert judge.result(None) is judge.untouched and judge.untouched.distance == one.untouched > 0.0
    right = judge.result(one.point)
    assert right.distance == pytest.approx(0.0, abs=1e-6)
    assert right.errors == pytest.approx(dict.fromkeys(UNITS, 0.0), abs=1e-6)
    assert chosen(Decision(one.point, 1.0, 2.0, 8)) is None and chosen(one.point) is one.point


def test_everybody_plays_every_item_in_both_modes(arena: Arena) -> None:
    cells: dict[str, list[Played]] = {"paired": [], "blind": []}
    for number in (0, 1):
        for mode, (asked, played) in play(arena, item(arena, number), number, contenders(RENDERS)).items():
            assert asked.mode == mode == played.mode and (asked.reference.dry is None) == (mode == "blind")
            assert set(played.results) == set(contenders(RENDERS))
            cells[mode].append(played)
    for mode, played in cells.items():
        cell = Cell("overdrive", mode, tuple(played))  # type: ignore[arg-type]
        assert all(estimate.low <= estimate.value <= estimate.high for estimate in cell.estimates().values())
        errors, guesses = cell.knob_errors()
        assert errors.shape == guesses.shape == (2,)
    assert Cell("overdrive", "paired", tuple(cells["paired"])).outcome("oracle search").value < 1.0


def test_who_does_not_hear_the_reference_answers_the_same_in_both_modes(arena: Arena) -> None:
    paired, blind = (played for _, played in play(arena, item(arena, 0), 0, contenders(RENDERS)).values())
    deaf = {name for name, contender in contenders(RENDERS).items() if not contender.hears_reference}
    assert deaf == {"random settings", "middle settings", "oracle search"}
    assert all(paired.results[name] is blind.results[name] for name in deaf)


def test_a_ratio_is_of_means_and_beats_doing_nothing_with_its_whole_interval() -> None:
    assert made_up([0.2, 0.4, 0.6]).outcome(MATCHER).value == pytest.approx(0.4)
    assert made_up([0.2, 0.4, 0.6]).measured(MATCHER, "centroid").value == pytest.approx(0.4)
    assert made_up([0.2, 0.4, 0.6]).beaten and not made_up([0.2, 0.4, 1.6]).beaten
    assert made_up([0.2, 1.0, 1.6]).better_share(MATCHER) == pytest.approx(1 / 3)


def test_where_neither_has_an_error_the_ratio_is_one() -> None:
    cell = made_up([0.0])
    nothing = replace(cell.played[0], untouched=Result(None, 0.0, dict.fromkeys(UNITS, 0.0)))
    estimate = replace(cell, played=(nothing,)).measured(MATCHER, "rms").estimate()
    assert (estimate.value, estimate.low, estimate.high) == pytest.approx((1.0, 1.0, 1.0))


def test_an_effect_is_recognised_if_it_is_among_the_first() -> None:
    cells = (made_up([0.5] * 3, ("delay", "overdrive", "combo", "leslie")), made_up([0.5], ("limiter",), effect="limiter"))
    assert recognised(cells, 1).value == 0.25 and recognised(cells, 3).value == 1.0
    assert recognised(cells, 1).estimate().low < 0.25 < recognised(cells, 1).estimate().high


def test_the_effect_is_sought_among_all_that_the_matcher_knows(kept: KeptMatcher, arena: Arena) -> None:
    known = {name: effects()[name] for name in EFFECTS}
    one = make_item(arena, clips(0), np.random.default_rng(3))
    for asked, _ in play(arena, one, 0, contenders(RENDERS)).values():
        ranked = which_effect(known, asked, np.random.default_rng(0))
        assert set(ranked.ranking) == set(EFFECTS) and ranked.renders >= RENDERS


def test_a_stage_plays_an_item_by_its_seeds_alone_and_keeps_the_sounds_of_the_first(kept: KeptMatcher) -> None:
    answer = Stage(kept, RENDERS, FIELD)()
    first, again = (answer(Job("limiter", 0, clips(0), (1, 2))) for _ in range(2))
    assert [one.mode for one in first] == ["paired", "blind"] and all(one.sounds is not None for one in first)
    assert [one.results[MATCHER].distance for one in first] == [one.results[MATCHER].distance for one in again]
    assert all(one.ranking and set(one.ranking) == set(EFFECTS) for one in first)
    later = answer(Job("limiter", 2, clips(0), (1, 3)))
    assert later[0].sounds is None and not np.array_equal(later[0].right, first[0].right)
