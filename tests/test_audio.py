import numpy as np
import pytest

from trainables.audio import check_audio, rms
from trainables.errors import InputError


@pytest.mark.parametrize(
    ("audio", "rule"),
    [
        (np.zeros((1, 0), np.float32), "must not be empty"),
        (np.full((1, 10), np.nan, np.float32), "must be finite"),
        (np.full((2, 10), -np.inf, np.float32), "must be finite"),
        (np.zeros((1, 10)), "dtype float64: must be a numpy array of float32"),
        (np.zeros((1, 10), np.int16), "dtype int16: must be a numpy array of float32"),
        (np.zeros((1, 10), ">f4"), "must be a numpy array of float32"),
        ([[0.0]], "audio of list: must be a numpy array of float32"),
        (np.zeros(10, np.float32), "must be .1 or 2 channels, samples."),
        (np.zeros((3, 10), np.float32), "must be .1 or 2 channels, samples."),
        (np.zeros((10, 2), np.float32), "must be .1 or 2 channels, samples."),
    ],
)
def test_unusable_audio_is_refused(audio, rule):
    with pytest.raises(InputError, match=rule):
        check_audio(audio, 44100)


@pytest.mark.parametrize("sample_rate", [0, -44100, 7999, 192001])
def test_unusable_sample_rate_is_refused(sample_rate):
    with pytest.raises(InputError, match="must lie in 8000 to 192000 Hz"):
        check_audio(np.zeros((1, 10), np.float32), sample_rate)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("sample_rate", [8000, 192000])
def test_usable_audio_comes_back_as_it_is(channels, sample_rate):
    audio = np.zeros((channels, 1), np.float32)
    assert check_audio(audio, sample_rate) is audio


@pytest.mark.parametrize("level", [1e-20, 0.5, 1e30])
def test_rms_of_a_square_wave_is_its_level(level):
    assert rms(np.array([[level, -level]], np.float32)) == pytest.approx(level)
