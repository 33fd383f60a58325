"""What a matcher hears: features, distances and metrics, against numbers that are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from trainables.configs import FrontEndConfig
from trainables.effects import apply, load_effects
from trainables.matching.excerpt import excerpt, excerpt_of, heard_samples
from trainables.matching.features import FeatureExtractor
from trainables.matching.loudness import equally_loud, loudness_lufs
from trainables.matching.mel_distance import apart_db, apart_each_db, mean_spectrum_apart_db, see, together
from trainables.matching.page_sound import heard_range
from trainables.matching.pairing import Reference
from trainables.matching.responses import EDGES, level_curve, response
from trainables.matching.spectral_metrics import FIELD, PUBLISHED, StftConfig, mrstft, multi_resolution_stft

RATE = 16_000


def noise(seconds: float = 1.0, seed: int = 0, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 0.1, (channels, int(seconds * RATE))).astype(np.float32)


def batch(audio: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(audio)[None]


# ---- metrics
def test_spectral_convergence_and_log_distance_of_a_quieter_copy_are_known() -> None:
    convergence = StftConfig(convergence_weight=1.0, log_weight=0.0)
    logs = StftConfig(convergence_weight=0.0, log_weight=1.0)
    sound = batch(noise())
    assert float(multi_resolution_stft(0.5 * sound, sound, convergence)[0]) == pytest.approx(0.5, abs=1e-4)
    assert float(multi_resolution_stft(0.5 * sound, sound, logs)[0]) == pytest.approx(np.log(2.0), abs=1e-3)
    assert float(multi_resolution_stft(0.5 * sound, sound, FIELD)[0]) == pytest.approx(0.5 + np.log(2.0), abs=1e-3)


def test_the_published_configuration_has_six_resolutions_and_weighs_magnitudes() -> None:
    assert PUBLISHED.fft_sizes == (32, 128, 512, 2048, 8192, 32768)
    assert all(hop == size // 2 for hop, size in zip(PUBLISHED.hops, PUBLISHED.fft_sizes, strict=True))
    sound = batch(noise(3.0))
    assert float(multi_resolution_stft(sound, sound, PUBLISHED)[0]) == 0.0
    assert float(multi_resolution_stft(0.5 * sound, sound, PUBLISHED)[0]) > np.log(2.0)


def test_the_score_tells_nothing_of_level_and_items_do_not_mix() -> None:
    one, other = noise(seed=1), noise(seed=2)
    assert mrstft(one, 3.0 * one) == pytest.approx(0.0, abs=1e-5)
    alone = float(multi_resolution_stft(batch(one), batch(other))[0])
    together = multi_resolution_stft(torch.cat([batch(one), batch(other)]), torch.cat([batch(other), batch(other)]))
    np.testing.assert_allclose(together, [alone, 0.0], atol=1e-6)


def test_a_distance_is_none_to_oneself_at_any_level_and_grows_with_the_effect() -> None:
    dry, effect = noise(), load_effects("mda")["overdrive"]
    little, much = (apply(effect, dry, RATE, {"drive": 0.0, "muffle": muffle}) for muffle in (0.2, 0.8))
    assert apart_db(see(dry, RATE), see(0.3 * dry, RATE)) < 0.01
    assert 0.1 < apart_db(see(dry, RATE), see(little, RATE)) < apart_db(see(dry, RATE), see(much, RATE))


def test_a_distance_from_several_sounds_is_that_from_each() -> None:
    sounds = [see(noise(seed=seed), RATE) for seed in range(5)]
    each = apart_each_db(sounds[2], together(sounds))
    np.testing.assert_array_equal(each, [apart_db(sounds[2], other) for other in sounds])


def test_mean_spectra_are_compared_whatever_the_content_and_length() -> None:
    one, other = see(noise(1.0, 1), RATE), see(noise(2.0, 2, channels=2), RATE)
    dull = np.cumsum(noise(2.0, 3), axis=1).astype(np.float32)
    assert mean_spectrum_apart_db(one, other) < 2.0 < mean_spectrum_apart_db(one, see(dull, RATE))


# ---- features
def test_features_have_one_size_and_tell_nothing_of_level() -> None:
    extractor, dry = FeatureExtractor(RATE), noise()
    wet = np.roll(dry, 400, axis=1)
    take = extractor.take(dry, wet)
    assert len(take.dry) == len(take.wet) == len(take.dry_early) == len(take.wet_late) == len(extractor.clip(noise(0.6)))
    np.testing.assert_array_equal(take.pair, extractor.pair(dry, wet))
    np.testing.assert_array_equal(take.wet, extractor.clip(wet))
    np.testing.assert_allclose(extractor.pair(dry, 0.5 * wet), take.pair, atol=2e-2)
    assert np.isfinite(extractor.pair(np.zeros_like(dry), np.zeros_like(dry))).all()


def test_an_echo_is_a_peak_of_the_response_at_its_delay() -> None:
    dry = noise(2.0)[0]
    wet = dry + 0.5 * np.concatenate([np.zeros(1600, np.float32), dry[:-1600]])  # 0.1 s
    heard = response(dry, wet, RATE)
    later = int(np.argmax(np.where(EDGES[:-1] > 0.01, heard, -np.inf)))
    assert EDGES[later] <= 0.1 <= EDGES[later + 1]


def test_the_level_curve_of_a_compressor_falls() -> None:
    loud = noise(2.0)[0] * np.linspace(0.05, 1.0, 2 * RATE, dtype=np.float32)
    squeezed = (np.sign(loud) * np.abs(loud) ** 0.5).astype(np.float32)
    curve = level_curve(loud, squeezed)
    assert curve[0] > 0.2 > -0.1 > curve[-1]
    np.testing.assert_allclose(level_curve(loud, loud), 0.0, atol=1e-6)


# ---- excerpts and loudness
def test_an_excerpt_begins_at_the_start_and_holds_enough_sound() -> None:
    silence = np.zeros((1, 3 * RATE), np.float32)
    long = np.concatenate([silence, noise(20.0)], axis=1)
    assert 8.9 * RATE <= heard_samples(long, RATE) < 9.1 * RATE
    found = excerpt(Reference(long, long, RATE))
    assert (
        found.dry is not None
        and np.array_equal(found.wet, found.dry)
        and np.array_equal(found.wet, long[:, : found.wet.shape[1]])
    )
    assert excerpt_of(noise(0.05), RATE).shape[1] == 4096


def test_a_full_scale_sine_has_the_loudness_of_the_standard() -> None:
    time = np.arange(5 * 48_000) / 48_000
    sine = np.sin(2.0 * np.pi * 997.0 * time).astype(np.float32)[None]
    assert loudness_lufs(sine, 48_000) == pytest.approx(-3.01, abs=0.1)  # ITU-R BS.1770: 0 dBFS at 997 Hz in one channel
    assert loudness_lufs(np.zeros((1, 48_000), np.float32), 48_000) == float("-inf")
    assert np.isfinite(loudness_lufs(sine[:, :4800], 48_000))


def test_sounds_are_made_equally_loud_without_clipping() -> None:
    sounds = equally_loud([noise(), 5.0 * noise(seed=1), np.zeros((1, RATE), np.float32)], RATE)
    levels = [loudness_lufs(sound, RATE) for sound in sounds[:2]]
    assert levels[0] == pytest.approx(levels[1], abs=0.1)
    assert max(float(np.abs(sound).max()) for sound in sounds) == pytest.approx(0.95)
    assert not sounds[2].any()


@pytest.mark.parametrize(
    ("rate", "told"), [(16_000, "30 Hz to 7.2 kHz"), (44_100, "30 Hz to 19.8 kHz"), (48_000, "30 Hz to 20 kHz")]
)
def test_a_picture_of_a_sound_tells_the_band_that_it_shows(rate: int, told: str) -> None:
    assert heard_range(FrontEndConfig(), rate) == told
