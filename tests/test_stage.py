from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from trainables.corpus.corpus import Skipped
from trainables.corpus.decoding import Opening
from trainables.corpus.stored_audio import StoredAudio
from trainables.errors import InputError
from tune.planning.stage import Stage, describe_skipped, describe_stage, prepare_stage
from tune.sweep_file.spec import Sweep, parse_sweep


def small_sweep(**sections: object) -> Sweep:
    audio = {"path": "synthetic", "sample_rate": 16000, "clip_samples": 8192}
    return parse_sweep({"name": "small", "audio": audio, "effects": {"backend": "pedalboard"}, **sections})


@pytest.fixture(scope="module")
def stage() -> Stage:
    return prepare_stage(small_sweep())


def test_a_stage_has_recordings_for_each_purpose(stage: Stage) -> None:
    assert stage.backend == "pedalboard"
    assert all(stage.corpus.partition(p) for p in ("train", "validation", "evaluation"))


def test_the_evaluation_hash_follows_from_what_is_evaluated_and_from_nothing_else(stage: Stage) -> None:
    assert prepare_stage(small_sweep(budget={"trials": 3})).evaluation_hash == stage.evaluation_hash
    assert prepare_stage(small_sweep(evaluation={"settings_per_effect": 6})).evaluation_hash != stage.evaluation_hash


def test_unusable_audio_is_refused() -> None:
    with pytest.raises(InputError, match="does not exist"):
        prepare_stage(small_sweep(audio={"path": "/nowhere/recordings"}))


def test_a_run_begins_with_its_audio_effects_and_evaluation_set(stage: Stage) -> None:
    audio, effects, scores = describe_stage(stage)
    counts = {p: len(stage.corpus.partition(p)) for p in ("train", "validation", "evaluation")}
    assert f"built-in: {sum(counts.values())} recordings" in audio
    assert "16000 Hz mono" in audio and all(f"{number} {p}" for p, number in counts.items())
    assert "pedalboard" in effects and stage.evaluation_hash in scores


def test_recordings_of_ones_own_are_named_by_their_folder(stage: Stage) -> None:
    own = replace(stage.corpus, audio=replace(stage.corpus.audio, path="/data/[live] takes", channels=2))
    audio = describe_stage(replace(stage, corpus=own, backend="mda"))[0]
    assert audio.startswith("audio    /data/[live] takes: ") and audio.endswith("stereo")


def test_each_file_that_was_not_used_is_told_with_its_reason(stage: Stage) -> None:
    skipped = (Skipped("a.wav", "empty"), Skipped("b.mp3", "cannot be decoded"))
    used = len(stage.corpus.recordings)
    assert describe_skipped(replace(stage.corpus, skipped=skipped)) == [
        f"Skipped 2 of {used + 2} files:", "  a.wav: empty", "  b.mp3: cannot be decoded",
    ]  # fmt: skip
    assert describe_skipped(stage.corpus) == []


def test_a_folder_tells_how_much_of_it_was_decoded(stage: Stage) -> None:
    own = replace(stage.corpus, audio=replace(stage.corpus.audio, path="/data/takes"), opening=Opening(12, 988))
    assert describe_stage(replace(stage, corpus=own))[1] == "opened   12 decoded, 988 from the store"
    full = replace(own, opening=Opening(12, 988, (10, "the disk is nearly full")))
    assert describe_stage(replace(stage, corpus=full))[1].endswith(
        "988 from the store; 10 not stored (the disk is nearly full), so they stay in memory"
    )


def test_a_store_changes_nothing_but_where_the_samples_are(stage: Stage, tmp_path: Path) -> None:
    stored = prepare_stage(small_sweep(), tmp_path / "decoded")
    assert (stored.plan, stored.evaluation_hash) == (stage.plan, stage.evaluation_hash)
    assert all(isinstance(r.source, StoredAudio) for r in stored.corpus.recordings)
