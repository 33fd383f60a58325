import contextlib
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from trainables.corpus.recordings import Unreadable, Unusable, decode, find_recordings, mix
from trainables.errors import InputError


def sine(seconds=0.5, sample_rate=44100, channels=1):
    wave = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(int(seconds * sample_rate)) / sample_rate)
    return np.repeat(wave[None], channels, axis=0).astype(np.float32)


def write(path, samples, sample_rate=44100, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples.T, sample_rate, **options)
    return path


def test_audio_is_found_at_any_depth_and_nothing_else(tmp_path):
    for name in ("b.wav", "a/x.FLAC", "a/b/c/y.ogg", ".hidden.wav", ".folder/z.wav", "README.md", "cover.jpg", "noext"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    assert [found.name for found in find_recordings(tmp_path)] == ["a/b/c/y.ogg", "a/x.FLAC", "b.wav"]


def test_folders_that_loop_through_links_end(tmp_path):
    write(tmp_path / "a" / "x.wav", sine())
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert [found.name for found in find_recordings(tmp_path)] == ["a/x.wav"]


def test_name_that_is_not_utf8_can_be_printed(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.wav")).write_bytes(b"")
    assert [found.name.encode().decode() for found in find_recordings(tmp_path)] == ["caf\N{REPLACEMENT CHARACTER}.wav"]


def test_path_that_is_no_folder_is_refused(tmp_path):
    file = write(tmp_path / "x.wav", sine())
    with pytest.raises(InputError, match="is a file, not a folder"):
        find_recordings(file)
    with pytest.raises(InputError, match="does not exist"):
        find_recordings(tmp_path / "missing")


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "aiff", "mp3", "au", "caf"])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_container_gives_the_same_sound(tmp_path, suffix, channels):
    path = write(tmp_path / f"x.{suffix}", sine(1.0))
    decoded = decode(path, 44100, channels)
    assert decoded.shape[0] == channels and decoded.dtype == np.float32 and abs(decoded.shape[1] - 44100) < 3000
    spectrum = np.abs(np.fft.rfft(decoded[0, 4410:39690]))
    assert np.argmax(spectrum) * 44100 / 35280 == pytest.approx(1000, abs=2)
    assert np.abs(decoded).max() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(("own_rate", "sample_rate"), [(16000, 44100), (44100, 16000), (192000, 44100), (44100, 48000)])
def test_resampling_keeps_pitch_level_and_length(tmp_path, own_rate, sample_rate):
    decoded = decode(write(tmp_path / "x.wav", sine(1.0, own_rate), own_rate), sample_rate, 1)
    expected = sine(1.0, sample_rate)
    assert abs(decoded.shape[1] - expected.shape[1]) <= 1
    middle = slice(sample_rate // 4, 3 * sample_rate // 4)
    assert np.allclose(decoded[:, middle], expected[:, middle], atol=1e-3)


def test_more_channels_are_averaged_and_mono_is_copied():
    left, right = sine()[0], np.zeros(22050, np.float32)
    assert np.array_equal(mix(np.stack([left, right]), 1), left[None] / 2)
    assert np.array_equal(mix(left[None], 2), np.stack([left, left]))
    assert np.allclose(mix(np.stack([left, right, right, right]), 2), np.stack([left, left]) / 4)
    assert np.array_equal(mix(np.stack([left, right]), 2), np.stack([left, right]))


def test_what_is_no_audio_is_unusable_with_the_reason(tmp_path):
    (tmp_path / "text.wav").write_text("not audio at all")
    write(tmp_path / "empty.wav", np.zeros((1, 0), np.float32))
    write(tmp_path / "nan.wav", np.full((1, 100), np.nan, np.float32), subtype="FLOAT")
    (tmp_path / "folder.wav").mkdir()
    for name, reason in (
        ("text", "cannot be decoded"),
        ("empty", "empty"),
        ("nan", "not finite"),
        ("folder", "cannot be decoded"),
    ):
        with pytest.raises(Unusable, match=reason):
            decode(tmp_path / f"{name}.wav", 44100, 1)


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("kept", [0, 3, 50, 500, 5000])
def test_truncated_file_is_decoded_as_far_as_it_goes_or_unusable(tmp_path, suffix, kept):
    whole = write(tmp_path / f"whole.{suffix}", sine(0.5)).read_bytes()
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole[:kept])
    with contextlib.suppress(Unusable):
        assert decode(cut, 44100, 1).shape[1] < 30000


def test_pipe_among_the_recordings_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "take.wav").write_bytes(b"")
    assert [found.name for found in find_recordings(tmp_path)] == ["take.wav"]


def test_what_the_system_refuses_to_read_is_told_from_what_is_no_audio(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("not audio at all")
    with pytest.raises(Unusable) as broken:
        decode(tmp_path / "text.wav", 44100, 1)
    assert not isinstance(broken.value, Unreadable)
    with pytest.raises(Unreadable, match="cannot be decoded"):
        decode(tmp_path / "missing.wav", 44100, 1)
