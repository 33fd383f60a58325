import shutil

import numpy as np
import pytest
import soundfile

from trainables.configs import AudioConfig
from trainables.corpus.corpus import Skipped, load_corpus
from trainables.corpus.synthetic import recording_names
from trainables.errors import InputError

RATE, CLIP = 16000, 8192


def noise(seconds=1.0, seed=0, channels=1, level=0.1):
    return (level * np.random.default_rng(seed).standard_normal((int(seconds * RATE), channels))).astype(np.float32)


def write(path, samples, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, RATE, **options)


def config(path, **options):
    return AudioConfig(path=str(path), sample_rate=RATE, clip_samples=CLIP, **options)


@pytest.fixture
def folder(tmp_path):
    """Ten recordings in two sub-folders."""
    for i in range(10):
        write(tmp_path / "music" / f"{'ab'[i % 2]}" / f"{i}.wav", noise(seed=i))
    return tmp_path / "music"


def test_every_recording_is_whole_split_and_sorted(folder):
    corpus = load_corpus(config(folder), 0)
    assert [r.name for r in corpus.recordings] == sorted(f"{'ab'[i % 2]}/{i}.wav" for i in range(10))
    assert all(r.samples.shape == (1, RATE) and r.samples.dtype == np.float32 for r in corpus.recordings)
    parts = [corpus.partition(p) for p in ("train", "validation", "evaluation")]
    assert [len(p) for p in parts] == [4, 2, 4]
    assert sum(parts, ()) and {r.name for p in parts for r in p} == {r.name for r in corpus.recordings}


def test_the_same_music_elsewhere_is_the_same_corpus(folder, tmp_path):
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    here, there = load_corpus(config(folder), 5), load_corpus(config(moved), 5)
    assert here.identity == there.identity
    assert [(r.name, r.partition) for r in here.recordings] == [(r.name, r.partition) for r in there.recordings]


@pytest.mark.parametrize("change", ["seed", "sample_rate", "clip_samples", "channels", "recording"])
def test_identity_follows_what_shapes_the_clips(folder, change):
    before = load_corpus(config(folder), 0).identity
    changes = {"sample_rate": 22050, "clip_samples": 4096, "channels": 2}
    audio = AudioConfig(
        **({**config(folder).__dict__, change: changes[change]} if change in changes else config(folder).__dict__)
    )
    if change == "recording":
        write(folder / "a" / "0.wav", noise(seed=99))
    assert load_corpus(audio, int(change == "seed")).identity != before


def test_what_cannot_be_used_is_skipped_with_its_reason(folder):
    write(folder / "short.wav", noise(0.5))
    write(folder / "silent.wav", np.zeros((RATE, 1), np.float32))
    write(folder / "empty.wav", np.zeros((0, 1), np.float32))
    write(folder / "nan.wav", np.full((RATE, 1), np.nan, np.float32), subtype="FLOAT")
    (folder / "broken.flac").write_bytes(b"fLaC but not really")
    (folder / "README.md").write_text("not audio")
    (folder / ".hidden.wav").write_bytes(b"")
    corpus = load_corpus(config(folder), 0)
    assert len(corpus.recordings) == 10
    assert {s.name: s.reason.split(":")[0] for s in corpus.skipped} == {
        "broken.flac": "cannot be decoded",
        "empty.wav": "empty",
        "nan.wav": "not finite",
        "short.wav": "too short",
        "silent.wav": "silent",
    }
    assert Skipped("short.wav", "too short: 0.50 s, a clip needs 0.51 s") in corpus.skipped


def test_the_same_audio_under_two_names_is_used_once(folder):
    shutil.copy(folder / "a" / "0.wav", folder / "b" / "copy.wav")
    samples, _ = soundfile.read(folder / "b" / "1.wav", always_2d=True)
    write(folder / "z" / "stereo.flac", np.repeat(samples, 2, axis=1))
    corpus = load_corpus(config(folder), 0)
    assert {s.name: s.reason for s in corpus.skipped} == {
        "b/copy.wav": "duplicate: same audio as a/0.wav",
        "z/stereo.flac": "duplicate: same audio as b/1.wav",
    }
    assert len({r.content_id for r in corpus.recordings}) == 10


def test_stereo_is_kept_where_asked_for(folder):
    write(folder / "wide.wav", noise(channels=2, seed=77))
    recordings = {r.name: r.samples for r in load_corpus(config(folder, channels=2), 0).recordings}
    assert all(samples.shape[0] == 2 for samples in recordings.values())
    assert np.array_equal(recordings["a/0.wav"][0], recordings["a/0.wav"][1])
    assert not np.array_equal(recordings["wide.wav"][0], recordings["wide.wav"][1])


def test_too_few_recordings_are_refused_with_the_numbers(tmp_path):
    for i in range(5):
        write(tmp_path / f"{i}.wav", noise(seed=i))
    write(tmp_path / "short.wav", noise(0.1))
    (tmp_path / "broken.wav").write_bytes(b"x")
    rule = r"5 usable of 7 recordings found, and 8 are needed; skipped: 1 cannot be decoded, 1 too short.*lower clip_samples"
    with pytest.raises(InputError, match=rule):
        load_corpus(config(tmp_path), 0)


def test_folder_without_audio_is_refused(tmp_path):
    (tmp_path / "README.md").write_text("nothing here")
    with pytest.raises(InputError, match="0 usable of 0 recordings found"):
        load_corpus(config(tmp_path), 0)


def test_the_built_in_corpus_can_be_added_to_a_folder(folder):
    alone, both = (load_corpus(config(folder, add_synthetic=added), 0) for added in (False, True))
    names = [recording.name for recording in both.recordings]
    assert {recording.name for recording in alone.recordings} < set(names) and "piano/1" in names
    assert names == sorted(names) and both.identity != alone.identity
    assert {recording.partition for recording in both.recordings if recording.name in recording_names()} == {
        "train",
        "validation",
        "evaluation",
    }


def test_missing_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="does not exist"):
        load_corpus(config(tmp_path / "missing"), 0)


@pytest.mark.parametrize("channels", [1, 2])
def test_built_in_corpus_is_all_usable_and_every_family_is_evaluated(channels):
    corpus = load_corpus(config("synthetic", channels=channels), 0)
    assert len(corpus.recordings) == 28 and not corpus.skipped
    for partition in ("train", "evaluation"):
        assert len({r.name.split("/")[0] for r in corpus.partition(partition)}) == 7
    assert all(r.samples.shape[0] == channels for r in corpus.recordings)


def test_built_in_corpus_is_long_enough_for_any_clip():
    audio = AudioConfig(path="synthetic", sample_rate=8000, clip_samples=65536)
    assert min(len(r.starts) for r in load_corpus(audio, 0).recordings) >= 4
