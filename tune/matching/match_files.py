"""The files that `fxsweep match` writes: none of them may be one that it reads, or another that it writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tune.errors import InvalidInput


def check_written(written: Mapping[str, Path], given: Sequence[Path]) -> None:
    """Before anything is heard, because it may take minutes.

    Args:
        written: by what a message calls it.
        given: what is read.

    Raises:
        InvalidInput: a file would be lost, or its folder is not there.
    """
    taken = {path.resolve(): f"is {path} itself, which is read" for path in given}
    for name, path in written.items():
        place = path.resolve()
        if place in taken:
            raise InvalidInput(f"{name} '{path}': {taken[place]}. Give another name.")
        if not place.parent.is_dir() or place.is_dir():
            raise InvalidInput(f"{name} '{path}': cannot be written there. Name a file in a folder that is there.")
        taken[place] = f"is also {name}"
