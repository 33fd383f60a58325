"""Clips at other speeds: what is heard, where they lie, and that nothing but training is changed by them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_plans import made_up_plan

from trainables.configs import AudioConfig, FrontEndConfig
from trainables.corpus.clips import Recording, clip_starts, cut_clip, frame_power
from trainables.corpus.corpus import load_corpus
from trainables.corpus.playing_speed import at_speed, draw_passage, played_clip, span_samples
from trainables.effects.selection import load_choice, nine
from trainables.rendering.rendering import draw_takes, make_plan, render
from trainables.rendering.takes import BlockRequest, Partition, block_identity

CLIP = 8192
RATE = 16000
SPEEDS = st.floats(0.5, 2.0)


def recording(samples: npt.NDArray[np.float32]) -> Recording:
    return Recording("x", samples, clip_starts(frame_power(samples), samples.shape[1], CLIP), "train", "x")


def noise(samples: int, channels: int = 1) -> npt.NDArray[np.float32]:
    return (0.1 * np.random.default_rng(0).standard_normal((channels, samples))).astype(np.float32)


@given(speed=SPEEDS, channels=st.integers(1, 2))
def test_a_clip_is_as_long_as_ever_and_as_loud(speed: float, channels: int) -> None:
    clip = played_clip(recording(noise(4 * CLIP, channels)), 1024, CLIP, speed)
    assert clip.shape == (channels, CLIP) and clip.dtype == np.float32 and clip.flags["C_CONTIGUOUS"]
    assert np.sqrt(np.mean(np.square(clip))) == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize("speed", [0.6, 0.75, 1.3, 1.9])
def test_twice_as_fast_is_an_octave_higher(speed: float) -> None:
    tone = np.sin(2 * np.pi * 1000.0 * np.arange(4 * CLIP) / RATE, dtype=np.float64).astype(np.float32)[None]
    spectrum = np.abs(np.fft.rfft(at_speed(tone[:, : span_samples(CLIP, speed)], CLIP)[0] * np.hanning(CLIP)))
    assert spectrum.argmax() * RATE / CLIP == pytest.approx(1000.0 * speed, abs=RATE / CLIP)


def test_at_its_own_speed_a_clip_is_the_same_bytes() -> None:
    given = recording(noise(3 * CLIP))
    np.testing.assert_array_equal(played_clip(given, 2048, CLIP, 1.0), cut_clip(given, 2048, CLIP))


@given(seed=st.integers(0, 10_000), octaves=st.floats(0.01, 1.0), length=st.integers(CLIP, 4 * CLIP))
def test_a_passage_lies_within_its_recording_and_its_speed_within_bounds(seed: int, octaves: float, length: int) -> None:
    start, speed = draw_passage(recording(noise(length)), CLIP, octaves, np.random.default_rng(seed))
    assert 2.0**-octaves <= speed * (1 + 1e-9) and speed <= 2.0**octaves * (1 + 1e-9)
    assert start >= 0 and start + span_samples(CLIP, speed) <= length


def test_what_would_be_silent_when_slow_keeps_its_speed() -> None:
    samples = noise(CLIP)
    samples[:, : CLIP // 2] = 0.0
    given = recording(samples)
    drawn = [draw_passage(given, CLIP, 1.0, np.random.default_rng(seed)) for seed in range(50)]
    assert {speed for _, speed in drawn if speed <= 1.0} == {1.0} or all(speed > 0.5 for _, speed in drawn)
    for start, speed in drawn:
        assert np.isfinite(played_clip(given, start, CLIP, speed)).all()


REQUESTS = {part: BlockRequest("delay", part, 0, 8) for part in ("train", "validation", "evaluation", "promotion")}


@pytest.mark.parametrize("part", REQUESTS)
def test_no_block_but_one_to_train_on_has_another_identity(part: Partition) -> None:
    plain, varied = (block_identity(made_up_plan(speed_octaves=octaves), REQUESTS[part]) for octaves in (0.0, 0.5))
    assert (plain != varied) == (part == "train")


@pytest.mark.parametrize("part", ["train", "validation", "evaluation"])
def test_only_takes_to_train_on_are_played_at_other_speeds_and_a_take_is_a_pure_function(part: Partition) -> None:
    audio = AudioConfig(sample_rate=RATE, clip_samples=CLIP)
    corpus, choices = load_corpus(audio, 0), nine("pedalboard")
    plain = make_plan(corpus, audio, FrontEndConfig(), choices, 0)
    varied = make_plan(corpus, replace(audio, speed_octaves=0.5), FrontEndConfig(), choices, 0)
    effect = load_choice(next(choice for choice in choices if choice.name == "delay"))
    takes = [draw_takes(plan, corpus, effect, REQUESTS[part]) for plan in (plain, varied)]
    assert (takes[0] == takes[1]) == (part != "train")
    assert len({take.speed for take in takes[1]}) == (len(takes[1]) if part == "train" else 1)
    by_name = {one.name: one for one in corpus.recordings}
    first, again = (render(takes[1][0], by_name[takes[1][0].recording], effect, varied) for _ in range(2))
    np.testing.assert_array_equal(first, again)
