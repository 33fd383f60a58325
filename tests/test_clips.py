import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainables.corpus.clips import Recording, clip_starts, content_id, cut_clip, draw_clip, draw_start, frame_power

CLIP = 8192


def noise(samples, level=0.1, seed=0, channels=1):
    return (level * np.random.default_rng(seed).standard_normal((channels, samples))).astype(np.float32)


def starts_of(samples):
    return clip_starts(frame_power(samples), samples.shape[1], CLIP)


def recording(samples):
    return Recording("x", samples, starts_of(samples), "train", content_id(samples))


def test_every_place_on_the_grid_of_steady_sound_may_start_a_clip():
    assert starts_of(noise(CLIP + 5 * 1024 + 7)).tolist() == [0, 1024, 2048, 3072, 4096, 5120]


def test_recording_as_long_as_a_clip_has_one_start():
    assert starts_of(noise(CLIP)).tolist() == [0]


def test_no_clip_is_more_than_half_silent():
    samples = noise(8 * CLIP)
    samples[:, 3 * CLIP : 6 * CLIP] = 0.0
    starts = starts_of(samples)
    silent = [np.mean(samples[:, s : s + CLIP] == 0.0) for s in starts]
    assert max(silent) == pytest.approx(0.5)
    assert set(range(0, 2 * CLIP + 1, 1024)) <= set(starts.tolist())


def test_hiss_between_loud_parts_is_silence():
    samples = noise(8 * CLIP)
    samples[:, 3 * CLIP : 6 * CLIP] *= 0.003
    starts = starts_of(samples)
    assert not np.any((starts >= 3 * CLIP) & (starts <= 5 * CLIP))


@pytest.mark.parametrize(("level", "usable"), [(0.0, False), (1e-3, False), (1e-2, True), (1e6, True)])
def test_quiet_recordings_have_no_start_below_minus_50_dbfs(level, usable):
    assert bool(starts_of(noise(4 * CLIP, level)).size) is usable


def test_one_click_in_silence_is_no_clip():
    samples = np.zeros((1, 4 * CLIP), np.float32)
    samples[0, CLIP] = 1.0
    assert starts_of(samples).size == 0


def test_content_id_ignores_what_lies_below_16_bits_but_not_the_sound():
    samples = np.round(noise(5000) * 32768) / np.float32(32768)
    assert content_id(samples) == content_id(samples * np.float32(1.0000001))
    assert content_id(samples) != content_id(-samples)


@pytest.mark.parametrize("channels", [1, 2])
@given(level=st.floats(0.01, 1e4), seed=st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_clip_has_rms_one_tenth_unless_its_peak_forbids(channels, level, seed):
    offset, clip = draw_clip(recording(noise(3 * CLIP, level, seed, channels)), CLIP, np.random.default_rng(seed))
    assert clip.shape == (channels, CLIP) and clip.dtype == np.float32 and offset % 1024 == 0
    assert np.sqrt(np.mean(clip**2)) == pytest.approx(0.1, rel=1e-3)


def test_clip_with_a_high_peak_is_turned_down():
    samples = noise(CLIP, 0.01)
    samples[0, 100] = 1.0
    clip = cut_clip(recording(samples), 0, CLIP)
    assert np.abs(clip).max() == pytest.approx(0.99)
    assert np.sqrt(np.mean(clip**2)) < 0.1


def test_cutting_leaves_the_recording_as_it_is():
    source = recording(noise(2 * CLIP))
    source.samples.setflags(write=False)
    clip = cut_clip(source, 1024, CLIP)
    clip[:] = 0.0
    assert source.samples.any()


def test_draws_follow_the_generator_and_reach_every_start():
    source = recording(noise(CLIP + 4 * 1024))
    random = np.random.default_rng(0)
    drawn = [draw_start(source, random) for _ in range(100)]
    again = np.random.default_rng(0)
    assert drawn == [draw_start(source, again) for _ in range(100)]
    assert set(drawn) == set(source.starts.tolist())
