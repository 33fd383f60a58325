from __future__ import annotations

from pathlib import Path

import pytest

from tune.ledger.home import new_folder
from tune.ledger.identity import adopt, begin, read_identity


def test_a_sweep_taken_up_again_stays_the_same(tmp_path: Path) -> None:
    folder = new_folder(tmp_path, "mine")
    first = begin(folder, {"code_version": "1"})
    assert begin(folder, {"code_version": "2"}) == first == read_identity(folder) and first.tags == {"code_version": "1"}


def test_a_name_used_again_is_another_sweep(tmp_path: Path) -> None:
    here, there = (begin(new_folder(tmp_path / home, "mine"), {}) for home in ("a", "b"))
    assert len(here.sweep_id) == 32 and here.sweep_id != there.sweep_id


def test_a_sweep_that_began_without_an_identity_gets_one_that_stays(tmp_path: Path) -> None:
    folder = new_folder(tmp_path, "old")
    assert read_identity(folder) is None
    first = adopt(folder, 1000.5, {"seed": "3"})
    assert (first.started_ms, first.tags) == (1_000_500, {"seed": "3"}) and adopt(folder, 2000.0, {}) == first


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"sweep": 1}'])
def test_a_damaged_file_is_no_identity(tmp_path: Path, text: str) -> None:
    folder = new_folder(tmp_path, "mine")
    folder.identity.write_text(text)
    assert read_identity(folder) is None
    assert begin(folder, {}).sweep_id
