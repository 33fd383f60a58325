"""The benchmark against other libraries, without them: it still runs, and names what is missing."""

from math import isnan

import pytest

from benchmarks import effect_peers
from benchmarks.shared_effects import SHARED


@pytest.fixture
def rows(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    return effect_peers.measure(1, tmp_path / "python")


def test_missing_peers_are_named_and_ours_are_measured_all_the_same(rows):
    assert {row.effect for row in rows} == {shared.source for shared in SHARED}
    assert {row.note for row in rows} == {"not installed"}
    assert all(row.ours_ms > 0.0 and isnan(row.peer_ms) and isnan(row.ratio) for row in rows)
    assert len(effect_peers.table(rows).splitlines()) == len(rows) + 1


def test_ratio_is_the_median_of_the_repeats_and_notes_belong_to_their_peer():
    [shared] = [shared for shared in SHARED if shared.source == "pedalboard:phaser"]
    row = effect_peers._row(shared, [1.0, 2.0, 4.0], "sox, long file", [2.0, 2.0, 2.0])
    assert (row.ours_ms, row.peer_ms, row.ratio) == (2.0, 2.0, 1.0) and row.note == shared.notes["sox, long file"]
    assert effect_peers._row(shared, [1.0], "sox", [1.0]).note == ""
