from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from trainables.configs import FrontEndConfig
from trainables.errors import InputError
from trainables.features import FLOOR_POWER, FrontEnd, mel_matrix, spectrogram_shape, spectrograms

RATE = 44100
CONFIG = FrontEndConfig(bands=64)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32) * 0.1


def tone(hz: float, samples: int = 16384) -> np.ndarray:
    return np.sin(2 * np.pi * hz * np.arange(samples) / RATE).astype(np.float32)[None]


@pytest.mark.parametrize(("fft_size", "hop_samples", "samples"), [(2048, 512, 65536), (1024, 300, 10001), (64, 16, 4096)])
def test_shape_is_the_one_announced(fft_size: int, hop_samples: int, samples: int) -> None:
    config = FrontEndConfig(fft_size=fft_size, hop_samples=hop_samples, bands=32)
    made = FrontEnd(config, RATE)(torch.from_numpy(noise(3, 2, samples)))
    assert made.shape == (3, 2, *spectrogram_shape(config, RATE, samples))
    assert made.dtype == torch.float32 and made.is_contiguous()


def test_level_does_not_matter_but_stereo_balance_does() -> None:
    front_end, audio = FrontEnd(CONFIG, RATE), noise(2, 16384)
    made = spectrograms(front_end, audio)
    np.testing.assert_allclose(spectrograms(front_end, audio * 0.01), made, atol=1e-4)
    quieter_left = audio * np.array([[0.1], [1.0]], np.float32)
    difference = np.diff(spectrograms(front_end, quieter_left).mean((1, 2)) - made.mean((1, 2)))
    assert difference * 25.0 == pytest.approx(20.0, abs=0.1)  # dB, 25 to a unit


def test_silence_is_finite_and_at_the_floor() -> None:
    made = spectrograms(FrontEnd(CONFIG, RATE), np.zeros((1, 8192), np.float32))
    np.testing.assert_allclose(made, (10 * np.log10(FLOOR_POWER) + 45.0) / 25.0, rtol=1e-5)


def test_one_item_has_the_same_bytes_whatever_is_beside_it() -> None:
    front_end, audio = FrontEnd(CONFIG, RATE), noise(3, 1, 16384)
    alone = [spectrograms(front_end, item) for item in audio]
    again = [spectrograms(front_end, item) for item in audio[::-1]][::-1]
    np.testing.assert_array_equal(alone, again)
    np.testing.assert_allclose(front_end(torch.from_numpy(audio)).numpy(), alone, atol=1e-4)


def test_read_only_audio_is_left_alone() -> None:
    audio = noise(1, 8192)
    audio.flags.writeable = False
    before = audio.copy()
    spectrograms(FrontEnd(CONFIG, RATE), audio)
    np.testing.assert_array_equal(audio, before)


@pytest.mark.parametrize("bands", [16, 128, 512])
@pytest.mark.parametrize("rate", [8000, 44100, 192000])
def test_every_band_hears_something_and_no_band_hears_everything(bands: int, rate: int) -> None:
    weights = mel_matrix(FrontEndConfig(bands=bands), rate)
    np.testing.assert_allclose(weights.sum(1), 1.0, rtol=1e-5)
    assert (weights >= 0).all()
    assert np.median((weights > 0).sum(1)) < 0.4 * weights.shape[1]
    centres = (weights * np.arange(weights.shape[1])).sum(1)
    assert (np.diff(centres) > 0).all()
    assert centres[-1] * rate / 2048 <= 0.45 * rate


@pytest.mark.parametrize("hz", [220.0, 1000.0, 5000.0])
def test_a_tone_is_loudest_in_the_band_around_it(hz: float) -> None:
    loudest = spectrograms(FrontEnd(CONFIG, RATE), tone(hz))[0].mean(1).argmax()
    weights = mel_matrix(CONFIG, RATE)
    assert weights[:, round(hz * 2048 / RATE)].argmax() == pytest.approx(loudest, abs=1)


def test_white_noise_has_the_same_level_at_every_fft_size() -> None:
    audio = noise(1, 65536)
    levels = [
        spectrograms(FrontEnd(replace(CONFIG, fft_size=size, low_hz=1000.0, bands=16), RATE), audio).mean()
        for size in (512, 4096)
    ]
    assert levels[0] == pytest.approx(levels[1], abs=0.02)


def test_a_clip_shorter_than_half_the_fft_is_refused() -> None:
    with pytest.raises(InputError, match=r"clip_samples=1024.*half of fft_size"):
        spectrogram_shape(CONFIG, RATE, 1024)


def test_a_low_edge_above_the_cap_is_refused() -> None:
    with pytest.raises(InputError, match=r"low_hz=4000.*3600 Hz"):
        FrontEnd(replace(CONFIG, low_hz=4000.0), 8000)


def test_export_works_for_any_number_of_items() -> None:
    front_end = FrontEnd(CONFIG, RATE)
    items = torch.export.Dim("items")
    exported = torch.export.export(front_end, (torch.from_numpy(noise(2, 1, 8192)),), dynamic_shapes=({0: items},)).module()
    for count in (1, 5):
        audio = torch.from_numpy(noise(count, 1, 8192))
        torch.testing.assert_close(exported(audio), front_end(audio))
