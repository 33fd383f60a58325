import itertools
import subprocess
import sys

import numpy as np
import pytest

from trainables.corpus.clips import content_id
from trainables.corpus.synthetic import FAMILIES, PEAK, synthesize

RATE = 16000
RECORDINGS = synthesize(RATE, 4.0)


def spectrum(samples, sample_rate):
    """Share of the power in third octaves from 50 Hz to 3 kHz."""
    power = np.abs(np.fft.rfft(samples[0])) ** 2
    edges = np.round(50.0 * 2.0 ** (np.arange(19) / 3.0) * samples.shape[1] / sample_rate).astype(int)
    bands = np.array([power[low:high].sum() for low, high in itertools.pairwise(edges)])
    return bands / bands.sum()


def test_seven_families_of_four():
    assert len(RECORDINGS) == 28
    assert {name.split("/")[0] for name in RECORDINGS} == {family.name for family in FAMILIES}


@pytest.mark.parametrize("name", RECORDINGS)
def test_recording_is_finite_levelled_and_sounds_most_of_the_time(name):
    samples = RECORDINGS[name]
    assert samples.shape == (1, 4 * RATE) and samples.dtype == np.float32
    assert np.abs(samples).max() == pytest.approx(PEAK, abs=1e-4)
    frames = np.sqrt(np.mean(samples[0].reshape(-1, 800) ** 2, axis=1))
    assert np.mean(frames > 0.003) > 0.5


def test_no_two_recordings_are_alike():
    assert len({content_id(samples) for samples in RECORDINGS.values()}) == 28
    shapes = np.stack([spectrum(samples, RATE) for samples in RECORDINGS.values()])
    distances = np.abs(shapes[:, None] - shapes[None]).sum(axis=2) + 9.0 * np.eye(28)
    assert distances.min() > 0.05


def test_bytes_are_the_same_in_a_fresh_process():
    code = (
        "from trainables.corpus.clips import content_id; from trainables.corpus.synthetic import synthesize;"
        f"print(*(content_id(s) for s in synthesize({RATE}, 4.0).values()))"
    )
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert output.split() == [content_id(samples) for samples in RECORDINGS.values()]


def test_keyboards_and_bass_sound_alike_at_every_sample_rate():
    other = synthesize(44100, 4.0)
    for name in RECORDINGS:
        if name.startswith(("organ", "piano", "bass")):
            assert np.abs(spectrum(other[name], 44100) - spectrum(RECORDINGS[name], RATE)).sum() < 0.3


@pytest.mark.parametrize(("sample_rate", "seconds"), [(8000, 1.0), (192000, 0.5), (44100, 2.5)])
def test_any_rate_and_length_works(sample_rate, seconds):
    for samples in synthesize(sample_rate, seconds).values():
        assert samples.shape == (1, round(seconds * sample_rate)) and np.isfinite(samples).all() and samples.any()
