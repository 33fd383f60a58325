"""The published protocol makes its items as it says, scores by the published metric, and tells his figures beside ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from small_matcher import matcher_config

from benchmarks.published_items import (
    FADE_SAMPLES,
    HALF_SAMPLES,
    PEAK,
    SAMPLE_RATE,
    Sound,
    faded,
    halves,
    likeness,
    make_item,
    passage,
    peaked,
    silent,
    sounds,
)
from benchmarks.published_protocol import Protocol, jobs, made, measure, players
from benchmarks.published_table import NOTHING, Scored, row, table
from trainables.audio import Audio
from trainables.corpus.clips import content_id
from trainables.corpus.synthetic import recording_names
from trainables.effects import load_effects
from trainables.effects.selection import nine
from trainables.errors import InputError
from trainables.matching.contest import Arena
from trainables.matching.learner import build_matcher
from trainables.matching.matcher_file import KeptMatcher
from tune.errors import InvalidInput
from tune.models.matcher_model import matched_effect

OVERDRIVE = load_effects("mda")["overdrive"]


def noise(seconds: float, seed: int = 0) -> Audio:
    return np.random.default_rng(seed).normal(0.0, 0.1, (1, round(seconds * SAMPLE_RATE))).astype(np.float32)


def untrained(sample_rate: int = SAMPLE_RATE, *names: str) -> KeptMatcher:
    """A matcher that believes nothing in particular."""
    known = {choice.name: matched_effect(choice) for choice in nine("mda") if choice.name in (names or ("overdrive",))}
    config = replace(
        matcher_config(), sample_rate=sample_rate, clip_samples=8192, trained_effects=tuple(known), effects=tuple(known)
    )
    matcher = build_matcher(config, {name: len(effect.knobs) for name, effect in known.items()})
    return KeptMatcher(config, known, matcher.eval().requires_grad_(False))


def test_a_passage_has_two_halves_of_sound_faded_ends_and_a_peak_of_minus_twelve_decibels() -> None:
    half = noise(HALF_SAMPLES / SAMPLE_RATE)
    sound = Sound("a", np.concatenate([np.zeros_like(half), half, half], axis=1), "")
    clip = passage(sound, np.random.default_rng(0))
    assert clip is not None and clip.shape == (1, 2 * HALF_SAMPLES)
    assert not any(silent(part) for part in halves(clip))
    assert clip[0, 0] == 0.0 and np.abs(clip).max() == pytest.approx(PEAK, rel=1e-3)
    np.testing.assert_array_equal(faded(clip)[0, FADE_SAMPLES:-FADE_SAMPLES], clip[0, FADE_SAMPLES:-FADE_SAMPLES])
    assert passage(Sound("b", np.zeros((1, 2 * HALF_SAMPLES + 9), np.float32), ""), np.random.default_rng(0)) is None


def test_an_item_is_one_half_to_set_and_the_other_to_hear_and_a_tenth_is_left_dry() -> None:
    dry = peaked(faded(noise(0.8)))
    items = [make_item(OVERDRIVE, dry, "a", np.random.default_rng(seed)) for seed in range(60)]
    untouched = [np.array_equal(item.dry, item.target) for item in items]
    assert 1 <= sum(untouched) <= 15
    one, other = halves(dry)
    assert all(
        (np.array_equal(item.dry, one) and np.array_equal(item.reference_dry, other))
        or (np.array_equal(item.dry, other) and np.array_equal(item.reference_dry, one))
        for item in items
    )


def test_a_sound_is_like_itself_and_not_like_another() -> None:
    low = np.sin(2.0 * np.pi * 100.0 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)[None]
    assert likeness(noise(1.0), noise(1.0)) == pytest.approx(1.0)
    assert likeness(low, noise(1.0)) < 0.75 < likeness(low, 0.9 * low)


def test_a_result_is_brought_to_the_level_of_the_reference_and_nothing_done_is_the_input() -> None:
    item = make_item(OVERDRIVE, faded(noise(2.0)), "a", np.random.default_rng(1))
    arena = Arena("overdrive", OVERDRIVE, untrained().matcher, SAMPLE_RATE, 4)
    assert made(arena, item, None) is item.dry
    level = float(np.sqrt(np.square(made(arena, item, np.array([0.9, 0.1]))).mean()))
    assert level == pytest.approx(float(np.sqrt(np.square(item.reference).mean())), rel=1e-3)


def test_every_recording_has_its_share_and_everybody_is_scored_on_the_same_items() -> None:
    known = {"music": (Sound("a", noise(11.5), ""), Sound("b", noise(11.5, 1), ""))}
    asked = list(jobs(known, ("overdrive",), 4))
    assert [job.recording for job in asked] == ["a", "b", "a", "b"]
    answer = Protocol(untrained(), 4)()
    scored = answer(replace(asked[0], dry=asked[0].dry[:, :32_768]))
    assert set(scored.distances) == {NOTHING, *players(4)} and all(np.isfinite(list(scored.distances.values())))
    assert scored.distances == answer(replace(asked[0], dry=asked[0].dry[:, :32_768])).distances


def test_the_table_has_his_ratio_beside_ours_with_items_and_recordings() -> None:
    scored = [Scored("speech", "overdrive", name, {NOTHING: 2.0, "matcher": 0.5, "search alone, 9": 1.0}) for name in "aabb"]
    one = row("speech", "overdrive", scored)
    assert one.his_ratio == pytest.approx(0.640 / 1.138) and one.ratios["matcher"] == (0.25, 0.25, 0.25)
    assert (one.items, one.recordings, one.our_nothing) == (4, 2, 2.0)
    assert "0.56  0.25 (0.25 to 0.25)" in table([one]) and "search alone, 9" in table([one])


def test_a_matcher_at_another_rate_or_of_neither_effect_is_refused_with_how_to_train_one() -> None:
    known = {"music": (Sound("a", noise(11.5), ""),)}
    with pytest.raises(InvalidInput, match=r"at 16000 Hz: the protocol is at 24000 Hz. Train one: fxsweep run matcher"):
        measure(untrained(16_000), known, 1, 4, 1)
    with pytest.raises(InvalidInput, match="a matcher of limiter: the protocol is of multiband and overdrive"):
        measure(untrained(SAMPLE_RATE, "limiter"), known, 1, 4, 1)


def test_recordings_that_were_heard_or_are_too_short_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "short.wav", noise(1.0).T, SAMPLE_RATE)
    with pytest.raises(InputError, match=r"holds no unheard recording of 10.9 s or more"):
        sounds(str(tmp_path), {})
    soundfile.write(tmp_path / "long.wav", noise(11.5).T, SAMPLE_RATE, subtype="FLOAT")
    assert [sound.name for sound in sounds(str(tmp_path), {})] == ["long.wav"]
    with pytest.raises(InputError, match="was heard in training"):
        sounds(str(tmp_path), {content_id(noise(11.5)): "long.wav"})


def test_of_the_built_in_corpus_what_was_heard_is_left_out_by_name() -> None:
    first, *others = sorted(recording_names())
    assert sorted(sound.name for sound in sounds("synthetic", {"x": first})) == others
