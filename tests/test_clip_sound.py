"""Clips for a page: short, small, equally loud, and always the same bytes."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile
from signals import noise, sine

from trainables.audio import Audio, rms
from trainables.maps.clip_sound import CLIP_RATE, CLIP_SECONDS, PEAK, encode_clip, encode_pair, level_pair, loudest_start

RATE = 44100


def decoded(sound: bytes) -> np.ndarray:
    samples, rate = soundfile.read(io.BytesIO(sound), dtype="float32")
    assert rate == CLIP_RATE and samples.ndim == 1
    return samples


def peak(audio: Audio) -> float:
    return float(np.abs(audio).max())


def test_a_clip_is_mp3_of_three_quarters_of_a_second_at_most() -> None:
    long, short = decoded(encode_clip(noise(samples=3 * RATE), RATE)), decoded(encode_clip(noise(samples=RATE // 4), RATE))
    assert len(long) == pytest.approx(CLIP_SECONDS * CLIP_RATE, abs=1)
    assert len(short) == pytest.approx(CLIP_RATE / 4, abs=1)


def test_noise_which_nothing_compresses_takes_little() -> None:
    assert len(encode_clip(noise(samples=2 * RATE, level=0.3), RATE)) < 2500


def test_a_clip_sounds_like_what_was_encoded() -> None:
    samples = decoded(encode_clip(sine(440.0, 0.5, RATE), RATE))
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert np.argmax(spectrum) * CLIP_RATE / len(samples) == pytest.approx(440.0, abs=2.0)
    assert rms(samples[None]) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def test_equal_audio_gives_equal_bytes() -> None:
    assert encode_clip(noise(seed=1), RATE) == encode_clip(noise(seed=1), RATE) != encode_clip(noise(seed=2), RATE)


def test_stereo_is_mixed() -> None:
    left = noise(samples=RATE)
    assert encode_clip(np.concatenate([left, left]), RATE) == encode_clip(left, RATE)


def test_a_clip_begins_and_ends_in_silence() -> None:
    samples = decoded(encode_clip(np.full((1, RATE), 0.5, np.float32), RATE))
    assert peak(samples[:24]) < 0.25 < peak(samples[4800:9600]) and peak(samples[-24:]) < 0.25


def test_wet_and_dry_are_equally_loud_and_neither_is_clipped() -> None:
    dry, wet = level_pair(noise(seed=1, level=0.01), noise(seed=2, level=0.4) ** 3)
    assert rms(dry) == pytest.approx(rms(wet), rel=1e-4)
    assert max(peak(dry), peak(wet)) == pytest.approx(PEAK, rel=1e-4)


def test_silence_stays_silence() -> None:
    silent = np.zeros((1, RATE), np.float32)
    assert all((audio == 0).all() for audio in level_pair(silent, silent))
    dry, wet = level_pair(noise(samples=RATE), silent)
    assert peak(dry) == pytest.approx(PEAK, rel=1e-4) and not wet.any()
    assert peak(decoded(encode_pair(silent, silent, RATE).wet)) < 1e-3


def test_the_loudest_part_is_the_one_that_is_heard() -> None:
    dry = np.zeros((1, 4 * RATE), np.float32)
    dry[:, 2 * RATE : 2 * RATE + RATE // 2] = sine(440.0, 0.5, RATE, 0.5)
    start = loudest_start(dry, RATE)
    assert 2 * RATE - RATE // 4 - 441 <= start <= 2 * RATE
    pair = encode_pair(dry, dry, RATE)
    assert pair.dry == pair.wet
    assert rms(decoded(pair.dry)[None]) > 0.4


@pytest.mark.parametrize("samples", [1, 100, 33000])
def test_what_is_shorter_than_a_clip_is_heard_from_its_start(samples: int) -> None:
    audio = noise(samples=samples)
    assert loudest_start(audio, RATE) == 0
    assert decoded(encode_pair(audio, audio, RATE).dry).size > 0
