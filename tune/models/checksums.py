"""Hashes of a registered model's files: kept in the registry, so that whoever pulls the files knows that they are those."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

from tune.errors import InvalidInput

SUMS = "fxsweep.sha256"  # tag of a version: the hash of each file by its path
SUMS_FILE = "SHA256SUMS"  # in a pulled folder, as `sha256sum -c` reads it
LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
REMEDY = "Restore it in the artifact store, or pull another version; if its card was being completed just now, pull again."


def sums_of(folder: Path) -> dict[str, str]:
    """SHA-256 of every file, by its path below the folder."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): _sum(file) for file in files}


def as_tag(sums: Mapping[str, str]) -> str:
    """As the registry keeps them."""
    return json.dumps(dict(sums), sort_keys=True)


def from_tag(told: str | None) -> dict[str, str]:
    """Empty of a version that was registered without."""
    return {str(path): str(value) for path, value in json.loads(told or "{}").items()}


def check_sums(folder: Path, sums: Mapping[str, str], what: str, remedy: str = REMEDY) -> None:
    """Refuses a folder in which one of the files is missing or is another one. What else is there does not matter.

    Args:
        what: whose they are, for people.

    Raises:
        InvalidInput: the first file that is not as it was registered.
    """
    for path, expected in sums.items():
        file = folder / path
        found = _sum(file) if file.is_file() else ""
        if found != expected:
            what_is = f"has the SHA-256 {found[:12]}… and was registered with {expected[:12]}…" if found else "is missing"
            raise InvalidInput(f"{what}: its file {path} {what_is}, so that it is damaged or not what was registered. {remedy}")


def write_sums(folder: Path, sums: Mapping[str, str]) -> None:
    """Beside the files, for whoever uses the folder later, also without this project."""
    lines = (f"{value}  {path}\n" for path, value in sorted(sums.items()))
    (folder / SUMS_FILE).write_text("".join(lines), encoding="utf-8")


def check_folder(folder: Path) -> None:
    """A pulled folder against the hashes that it was pulled with, if it has some.

    Raises:
        InvalidInput: a file is missing or changed, or the hashes themselves cannot be read.
    """
    file = folder / SUMS_FILE
    if not file.is_file():
        return
    lines = [LINE.fullmatch(line) for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
    remedy = "Pull it again, into another folder."
    if not lines or None in lines:
        raise InvalidInput(f"model folder {folder}: its {SUMS_FILE} cannot be read, so that it is damaged. {remedy}")
    check_sums(folder, {line[2]: line[1] for line in lines if line}, f"model folder {folder}", remedy)


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
