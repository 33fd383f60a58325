from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from ray._private.runtime_env.packaging import create_package

from tune.errors import InvalidInput
from tune.service.parcel import check_size, packed, size_bytes
from tune.sweep_file.spec import load_sweep
from tune.sweep_file.yaml_text import document_text

ROOT = Path(__file__).parent.parent
TEXT = document_text(load_sweep("quickstart").canonical())


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_two_packages_and_the_sweep_are_sent_and_nothing_else() -> None:
    with packed(TEXT) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["sweep.yaml", "trainables", "tune"]
        assert size_bytes(folder) < 2**21
        assert {"tune/cli.py", "tune/sweeps/seed.yaml", "trainables/effects/lv2/calls.py"} <= names(folder)
        assert not [name for name in names(folder) if "__pycache__" in name]
    assert not folder.exists()


def test_a_job_that_needs_no_sweep_file_gets_none() -> None:
    with packed("") as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["trainables", "tune"]


def test_all_that_an_installation_has_is_sent() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        data = tomllib.load(file)["tool"]["setuptools"]["package-data"]
    installed = [
        path for package, globs in data.items() for glob in globs for path in (ROOT / package.replace(".", "/")).glob(glob)
    ]
    assert len(installed) > 10
    with packed("") as folder:
        assert {path.relative_to(ROOT).as_posix() for path in installed if path.is_file()} <= names(folder)


def test_a_recording_that_lies_between_the_modules_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "tune"
    (package / "recordings").mkdir(parents=True)
    for name in ("__init__.py", "take.wav", "model.pt", "recordings/other.flac"):
        (package / name).write_text("x")
    monkeypatch.setattr("tune.__file__", str(package / "__init__.py"))
    with packed("") as folder:
        assert [name for name in names(folder) if name.startswith("tune/")] == ["tune/__init__.py"]


def test_the_sweep_that_is_sent_is_the_sweep() -> None:
    with packed(TEXT) as folder:
        assert load_sweep(folder / "sweep.yaml") == load_sweep("quickstart")


def test_what_is_sent_can_be_run() -> None:
    with packed(TEXT) as folder:
        program = [sys.executable, "-c", "import tune, trainables; print(tune.__file__, trainables.__file__)"]
        told = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=True).stdout
        assert told.split() == [str(folder / name / "__init__.py") for name in ("tune", "trainables")]


def test_the_size_is_that_of_rays_own_package(tmp_path: Path) -> None:
    with packed(TEXT) as folder:
        package = tmp_path / "package.zip"
        create_package(str(folder), package, include_gitignore=True)
        assert size_bytes(folder) == package.stat().st_size


def test_too_much_is_refused_with_the_largest_files(tmp_path: Path) -> None:
    for name, size in {"a.json": 400_000, "sub/b.json": 900_000, "c.py": 10, "d.py": 20}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    told = r"1\.3 MB, and Ray's job server takes less than 1\.0 MB\..*: sub/b\.json \(0\.9 MB\), a\.json \(0\.4 MB\), d\.py"
    with pytest.raises(InvalidInput, match=told):
        check_size(tmp_path, 1_000_000)
    check_size(tmp_path, size_bytes(tmp_path) + 1)
    with pytest.raises(InvalidInput):
        check_size(tmp_path, size_bytes(tmp_path))
