"""The user's recordings on a map: how they are named and cut, and what is refused with its remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from trainables.maps.added import is_added
from tune.errors import InvalidInput
from tune.evaluation.added_clips import MOST_CLIPS, added_clips, given_recordings
from tune.evaluation.pairs import Pair

RATE, CLIP = 8000, 4096


def facts(**changes: Any) -> dict[str, Any]:
    return {"sample_rate": RATE, "clip_samples": CLIP, "channels": 1, "input": "difference", "latent_size": 2} | changes


def write(path: Path, samples: int = CLIP, level: float = 0.25) -> Path:
    path.parent.mkdir(exist_ok=True)
    soundfile.write(path, np.full(samples, level, np.float32), RATE, subtype="FLOAT")
    return path


def test_dry_comes_before_wet_and_wet_may_be_alone() -> None:
    assert given_recordings(["dry.wav,wet.wav", "alone.wav"]) == [
        Pair(Path("wet.wav"), Path("dry.wav")),
        Pair(Path("alone.wav"), None),
    ]


def test_a_recording_that_is_named_twice_is_taken_once() -> None:
    assert len(given_recordings(["d.wav,w.wav", "d.wav,w.wav", "d.wav,v.wav"])) == 2


def test_a_comma_in_a_name_is_understood_where_the_files_are_there(tmp_path: Path) -> None:
    dry, wet = write(tmp_path / "a, dry.wav"), write(tmp_path / "a, wet.wav")
    assert given_recordings([f"{dry},{wet}", str(wet)]) == [Pair(wet, dry), Pair(wet, None)]


def test_clips_are_a_class_of_their_own_and_tell_where_they_start(tmp_path: Path) -> None:
    pair = Pair(write(tmp_path / "wet.wav", 2 * CLIP, 0.5), write(tmp_path / "dry.wav", 2 * CLIP))
    found = added_clips([pair], facts())
    assert [clip.take.offset_samples for clip in found.clips] == [0, CLIP]
    assert [dict(clip.take.settings)["start_seconds"] for clip in found.clips] == [0.0, CLIP / RATE]
    assert {(clip.take.effect, clip.take.recording) for clip in found.clips} == {("yours: wet.wav", "wet.wav")}
    assert is_added(found.clips[0].take.effect) and set(found.knobs) == {"yours: wet.wav"} and not found.left_out
    assert [clip.audio.shape for clip in found.clips] == [(2, 1, CLIP)] * 2
    assert [float(part.max()) for part in found.clips[0].audio] == [0.25, 0.5]


def test_files_of_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    pairs = [Pair(write(tmp_path / folder / "wet.wav"), None) for folder in "ab"]
    found = added_clips(pairs, facts(input="wet"))
    assert [clip.take.recording for clip in found.clips] == [str(pair.wet) for pair in pairs]


def test_silent_clips_of_a_recording_are_left_out_and_told(tmp_path: Path) -> None:
    samples = np.concatenate([np.zeros(CLIP), np.full(CLIP, 0.5)]).astype(np.float32)
    soundfile.write(tmp_path / "wet.wav", samples, RATE, subtype="FLOAT")
    found = added_clips([Pair(tmp_path / "wet.wav", None)], facts(input="wet"))
    assert [clip.take.offset_samples for clip in found.clips] == [CLIP]
    assert found.left_out == ("wet.wav: 1 of 2 clips silent, left out.",)


def test_of_a_long_recording_clips_are_taken_from_start_to_end(tmp_path: Path) -> None:
    found = added_clips([Pair(write(tmp_path / "wet.wav", 100 * CLIP), None)], facts(input="wet"))
    starts = [clip.take.offset_samples // CLIP for clip in found.clips]
    assert len(set(starts)) == MOST_CLIPS and (starts[0], starts[-1]) == (0, 99)
    assert found.left_out == ("wet.wav: 60 of 100 clips on the map, evenly spread.",)


def test_what_cannot_be_used_is_refused_with_rule_and_remedy(tmp_path: Path) -> None:
    sound, short, silent = write(tmp_path / "s.wav"), write(tmp_path / "k.wav", CLIP // 8), write(tmp_path / "n.wav", CLIP, 0.0)
    refused = [
        (Pair(sound, None), r"s\.wav: this model compares a wet file with its dry one\. Give .*--add DRY,WET"),
        (Pair(tmp_path / "none.wav", sound), r"none\.wav: does not exist .*Check the path"),
        (Pair(short, short), r"k\.wav: too short: 0\.06 s, and at least 0\.13 s .*Give a longer"),
        (Pair(silent, sound), r"n\.wav: silent: .*-60 dB.*Give a recording with sound"),
        (Pair(sound, silent), r"s\.wav: silent: .*its dry file .*n\.wav"),
    ]
    for pair, told in refused:
        with pytest.raises(InvalidInput, match=told):
            added_clips([pair], facts())


def test_a_dry_file_is_refused_by_a_model_that_would_not_hear_it(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="hears the wet file only"):
        added_clips([Pair(write(tmp_path / "w.wav"), write(tmp_path / "d.wav"))], facts(input="wet"))
