"""What goes with a job: this project's two packages and the sweep file, and nothing else."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import trainables
import tune
from tune.errors import InvalidInput

SWEEP_FILE = "sweep.yaml"
SENT = (".py", ".yaml", ".json", ".html", ".css", ".js")  # what the packages are made of; a stray recording stays here
LIMIT_BYTES = 100 * 2**20  # Ray's job server refuses a request of this size; its own message comes after the upload
LARGEST = 3
ZIP_BYTES_PER_FILE, ZIP_BYTES = 76, 22  # Ray packs without compression


@contextmanager
def packed(sweep_text: str) -> Iterator[Path]:
    """A folder with all that is sent: what Ray uploads.

    Args:
        sweep_text: the sweep file; "" for a job that needs none.

    Raises:
        InvalidInput: it is too much for the job server.
    """
    with tempfile.TemporaryDirectory(prefix="fxsweep-") as made:
        folder = Path(made)
        for package in (tune, trainables):
            source = Path(str(package.__file__)).parent
            shutil.copytree(source, folder / source.name, ignore=_left_out)
        if sweep_text:
            (folder / SWEEP_FILE).write_text(sweep_text, encoding="utf-8")
        check_size(folder)
        yield folder


def size_bytes(folder: Path) -> int:
    """The size of the upload."""
    return ZIP_BYTES + sum(_packed_bytes(folder, path) for path in _files(folder))


def check_size(folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
    """Raises InvalidInput, with the largest files, where the upload would be refused."""
    if (size := size_bytes(folder)) < limit_bytes:
        return
    largest = sorted(_files(folder), key=lambda path: path.stat().st_size, reverse=True)[:LARGEST]
    named = ", ".join(f"{path.relative_to(folder)} ({shown_bytes(path.stat().st_size)})" for path in largest)
    rule = f"{shown_bytes(size)}, and Ray's job server takes less than {shown_bytes(limit_bytes)}"
    raise InvalidInput(f"what would be sent: is {rule}. Move the largest files elsewhere: {named}.")


def shown_bytes(count: int) -> str:
    """`0.9 MB`."""
    return f"{count / 1e6:.1f} MB"


def _left_out(folder: str, names: Sequence[str]) -> set[str]:
    kept = (name for name in names if (Path(folder) / name).is_dir() or name.endswith(SENT))
    return set(names) - set(kept) | {"__pycache__"}


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _packed_bytes(folder: Path, path: Path) -> int:
    return path.stat().st_size + ZIP_BYTES_PER_FILE + 2 * len(path.relative_to(folder).as_posix().encode())
