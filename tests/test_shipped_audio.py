"""Recordings on nodes that do not see the driver's files: brought there once, by content."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from small_folder import small_audio, write_folder

from trainables.audio import Audio
from trainables.corpus import shipped_audio
from trainables.corpus.clips import Recording, cut_clip
from trainables.corpus.corpus import Corpus, load_corpus
from trainables.corpus.shipped_audio import ShippedAudio, node_cache, ship
from trainables.corpus.stored_audio import HEADER_BYTES, StoredAudio, array_header, is_sealed
from trainables.errors import InputError

PROGRAM = Path(__file__).parent / "shipping_to_nodes.py"


@dataclass
class Driver:
    """Has the files of a corpus, and counts how often it is asked."""

    corpus: Corpus
    asked: list[str] = field(default_factory=list)
    wrong_by: float = 0.0

    def fetch(self, name: str, channel: int, first: int, samples: int) -> Audio:
        self.asked.append(name)
        (found,) = [r for r in self.corpus.recordings if isinstance(r.source, StoredAudio) and name.endswith(r.source.path.name)]
        return found.samples[channel, first : first + samples] + np.float32(self.wrong_by)

    def elsewhere(self, recording: Recording) -> ShippedAudio:
        """As a node has it that does not see the driver's files."""
        source = ship(recording, self.fetch)
        assert isinstance(source, ShippedAudio)
        return replace(source, seen_at=Path("/nowhere/x.npy"))


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Driver:
    monkeypatch.setenv("FXSWEEP_NODE_CACHE", str(tmp_path / "node"))
    monkeypatch.setattr(shipped_audio, "PART_SAMPLES", 5000)
    write_folder(tmp_path / "recordings")
    return Driver(load_corpus(small_audio(tmp_path / "recordings"), 0, tmp_path / "store"))


def test_a_node_that_sees_the_drivers_files_fetches_nothing(driver: Driver) -> None:
    for recording in driver.corpus.recordings:
        there = replace(recording, source=ship(recording, driver.fetch))
        assert np.array_equal(cut_clip(there, int(there.starts[0]), 8192), cut_clip(recording, int(recording.starts[0]), 8192))
        assert there.length_samples == recording.length_samples
    assert driver.asked == [] and not node_cache().exists()


def test_another_node_gets_each_recording_once_in_parts_with_the_same_bytes(driver: Driver) -> None:
    for recording in driver.corpus.recordings:
        source = driver.elsewhere(recording)
        assert source.map().tobytes() == recording.samples.tobytes()
    parts = sum(-(-r.length_samples // 5000) for r in driver.corpus.recordings)
    assert len(driver.asked) == parts > len(driver.corpus.recordings)
    again = [driver.elsewhere(recording).map().tobytes() for recording in driver.corpus.recordings]
    assert again == [r.samples.tobytes() for r in driver.corpus.recordings] and len(driver.asked) == parts


def test_processes_of_one_node_that_want_it_at_once_bring_it_once(driver: Driver) -> None:
    source = driver.elsewhere(driver.corpus.recordings[0])
    with ThreadPoolExecutor(8) as threads:
        found = {samples.tobytes() for samples in threads.map(lambda _: source.map(), range(8))}
    assert found == {driver.corpus.recordings[0].samples.tobytes()}
    assert len(driver.asked) == -(-driver.corpus.recordings[0].length_samples // 5000)


def test_what_arrives_otherwise_than_it_was_is_refused_and_not_kept(driver: Driver) -> None:
    driver.wrong_by = 0.25
    source = driver.elsewhere(driver.corpus.recordings[0])
    with pytest.raises(InputError, match=r"arrived damaged\. Run the sweep again\."):
        source.map()
    driver.wrong_by = 0.0
    assert source.map().tobytes() == driver.corpus.recordings[0].samples.tobytes()


def test_a_node_without_room_says_so(driver: Driver, tmp_path: Path) -> None:
    (tmp_path / "node").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot be kept on this node \(.+\)\. Make room, or set FXSWEEP_NODE_CACHE there\."):
        driver.elsewhere(driver.corpus.recordings[0]).map()


def test_what_is_kept_on_a_node_counts_as_used_and_is_an_array_for_others(driver: Driver) -> None:
    source = driver.elsewhere(driver.corpus.recordings[0])
    source.map()
    kept = node_cache() / source.name
    assert np.array_equal(np.load(kept), driver.corpus.recordings[0].samples) and is_sealed(kept.with_suffix(".json"))
    assert len(array_header((2, 123_456_789))) == HEADER_BYTES


def test_a_recording_in_memory_goes_as_it_is(tmp_path: Path) -> None:
    write_folder(tmp_path)
    recording = load_corpus(small_audio(tmp_path), 0).recordings[0]
    sent = ship(recording, lambda *_: pytest.fail("asked"))
    assert isinstance(sent, np.ndarray) and np.array_equal(pickle.loads(pickle.dumps(sent)), recording.samples)


@pytest.mark.slow
def test_a_second_node_renders_from_recordings_that_it_fetched_once(tmp_path: Path) -> None:
    write_folder(tmp_path / "recordings")
    found = os.pathsep.join([str(PROGRAM.parent), str(PROGRAM.parent.parent)])
    more = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "FXSWEEP_NODE_CACHE": str(tmp_path / "node"), "PYTHONPATH": found}
    done = subprocess.run(
        [sys.executable, PROGRAM, tmp_path], env=os.environ | more, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    assert seen["same"] and seen["on_node"] and set(seen["parts"]) == {1}
