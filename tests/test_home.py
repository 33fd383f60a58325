from __future__ import annotations

import os
from pathlib import Path

import pytest

from tune.errors import InvalidInput
from tune.ledger.home import SweepFolder, find_folder, home_path, new_folder, sweep_names, write_json


def made(home: Path, name: str, at_seconds: float) -> SweepFolder:
    folder = new_folder(home, name)
    folder.spec.write_text("name: x\n")
    folder.status.write_text("{}")
    os.utime(folder.spec, (at_seconds, at_seconds))
    return folder


def test_home_is_what_is_given_then_the_variable_then_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FXSWEEP_HOME", raising=False)
    assert home_path() == tmp_path / "runs"
    monkeypatch.setenv("FXSWEEP_HOME", str(tmp_path / "variable"))
    assert home_path() == tmp_path / "variable"
    assert home_path("given") == tmp_path / "given"


def test_home_may_be_written_with_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert home_path("~/fxsweep") == tmp_path / "fxsweep"


def test_a_file_is_no_home(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(InvalidInput, match=r"file: is not a folder\. Give --home"):
        home_path(str(file))


def test_a_taken_name_is_numbered(tmp_path: Path) -> None:
    assert [new_folder(tmp_path / "runs", "quickstart").name for _ in range(3)] == ["quickstart", "quickstart-2", "quickstart-3"]


def test_an_exact_name_is_refused_when_taken(tmp_path: Path) -> None:
    new_folder(tmp_path, "mine", exact=True)
    with pytest.raises(InvalidInput, match=r"sweep 'mine': .*--name"):
        new_folder(tmp_path, "mine", exact=True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["", ".", "..", "../elsewhere", "a/b", "-x", "a b", "a\nb", "x" * 64])
def test_a_name_stays_one_folder_within_home(tmp_path: Path, name: str) -> None:
    home = tmp_path / "runs"
    with pytest.raises(InvalidInput, match="letters, digits"):
        new_folder(home, name, exact=True)
    assert list(tmp_path.rglob("*")) == []


def test_a_home_that_cannot_be_made_is_told_with_its_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match=r"cannot be written \(Not a directory\)\. Give --home"):
        new_folder(tmp_path / "file" / "runs", "x")


def test_sweeps_are_listed_oldest_first_whatever_was_written_last(tmp_path: Path) -> None:
    made(tmp_path, "new", 2000.0)
    old = made(tmp_path, "old", 1000.0)
    old.status.write_text("{ }")
    assert sweep_names(tmp_path) == ["old", "new"]


def test_what_is_no_sweep_is_not_listed(tmp_path: Path) -> None:
    made(tmp_path, "real", 1000.0)
    new_folder(tmp_path, "without-status")
    (tmp_path / "mlflow.db").touch()
    odd = tmp_path / "not a sweep"
    odd.mkdir()
    (odd / "status.json").write_text("{}")
    assert sweep_names(tmp_path) == ["real"]
    assert sweep_names(tmp_path / "nowhere") == []


def test_a_sweep_whose_file_is_gone_is_listed_all_the_same(tmp_path: Path) -> None:
    made(tmp_path, "real", 1000.0).spec.unlink()
    assert sweep_names(tmp_path) == ["real"]


def test_an_unknown_sweep_is_answered_with_the_nearest(tmp_path: Path) -> None:
    made(tmp_path, "quickstart", 1000.0)
    assert find_folder(tmp_path, "quickstart").path == tmp_path / "quickstart"
    with pytest.raises(InvalidInput, match="Did you mean 'quickstart'"):
        find_folder(tmp_path, "quikstart")


def test_without_sweeps_the_answer_is_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="none yet: start one with `fxsweep run quickstart`"):
        find_folder(tmp_path, "quickstart")


def test_a_sweep_whose_driver_died_before_it_wrote_anything_is_told_with_how_to_run_it_again(tmp_path: Path) -> None:
    folder = new_folder(tmp_path, "x")
    folder.spec.write_text("name: x\n")
    with pytest.raises(InvalidInput, match=f"sweep 'x': it has not begun.*run it again: fxsweep run {folder.spec}"):
        find_folder(tmp_path, "x")


def test_a_path_is_not_taken_for_a_name(tmp_path: Path) -> None:
    made(tmp_path, "real", 1000.0)
    with pytest.raises(InvalidInput, match="no such sweep"):
        find_folder(tmp_path / "elsewhere", "../real")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "status.json"
    write_json(path, {"state": "running"})
    with pytest.raises(ValueError, match="Out of range float"):
        write_json(path, {"state": float("nan")})
    assert path.read_text() == '{\n "state": "running"\n}'


def test_files_of_a_sweep_lie_within_its_folder(tmp_path: Path) -> None:
    folder = SweepFolder(tmp_path)
    files = [folder.spec, folder.status, folder.driver, folder.journal, folder.trials, folder.log, folder.pictures(3)]
    assert len(set(files)) == 7
    assert all(tmp_path in file.parents for file in files)
