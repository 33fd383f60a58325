"""Where a sweep keeps its checkpoints if not in its folder: `storage` in the sweep file.

STORAGE/NAME has the layout of HOME/NAME. Trials write their checkpoints there from their own nodes; the driver copies its ledgers
there (tune/driver/ledger_copies.py). So the home need not be shared, and the sweep goes on where nothing of it is but this.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from trainables.stored_files import delete_file, list_files, within, write_file
from tune.errors import InfrastructureLost, InvalidInput
from tune.ledger.home import SweepFolder

ROOT = "FXSWEEP_STORAGE_ROOT"  # what submitted sweeps must stay in, by the word of whoever runs the cluster
KEYS = "Keys come from the environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, on the cluster where `ray start` runs"


def expanded(url: str) -> str:
    """The URL of all sweeps as it is meant on this machine."""
    return str(Path(url).expanduser()) if url.startswith("~") else url


def sweep_url(storage: str, name: str) -> str:
    """That of one sweep."""
    return within(expanded(storage), name)


def storage_of(folder: SweepFolder) -> str | None:
    """Where a sweep that has begun keeps its checkpoints; None for its own folder."""
    try:
        return folder.storage.read_text(encoding="utf-8").strip()
    except OSError:
        return None


def begin_storage(folder: SweepFolder, storage: str | None) -> None:
    """Notes where a new sweep keeps its checkpoints.

    Raises:
        InvalidInput: another sweep has kept its own there.
        InfrastructureLost: the storage does not answer.
    """
    if storage is None:
        return
    url = sweep_url(storage, folder.name)
    try:
        taken = list_files(url)
    except (OSError, ValueError) as error:
        raise InfrastructureLost(f"storage {url}: does not answer ({first_line(error)}).") from error
    if taken:
        remedy = f"Give --name another one, or go on with it: fxsweep resume {folder.name} --storage '{expanded(storage)}'"
        raise InvalidInput(f"storage {url}: holds a sweep of this name already. {remedy}")
    folder.storage.write_text(url, encoding="utf-8")


def check_storage(storage: str | None) -> None:
    """Before anything of a sweep is made: writes there, and clears it away.

    Raises:
        InvalidInput: it cannot be written.
    """
    if storage and (why := why_not_writable(expanded(storage))):
        raise InvalidInput(f"storage {storage}: cannot be written ({why}). {KEYS}; the bucket or folder must be there.")


def why_not_writable(url: str) -> str:
    """On any node: "" if files can be made and removed there, or why not."""
    probe = within(url, f".check-{uuid.uuid4().hex}")
    try:
        if "://" not in url and not Path(url).is_dir():
            return "there is no such folder"
        write_file(probe, b"x")
        delete_file(probe)
    except (OSError, ValueError) as error:
        return first_line(error)
    return ""


def check_inside(storage: str | None, home: Path) -> None:
    """Of a submitted sweep: its storage is below $FXSWEEP_STORAGE_ROOT, or, without that, an object store or below the home.

    Raises:
        InvalidInput: it is elsewhere.
    """
    if storage is None:
        return
    root = os.environ.get(ROOT) or ("s3://" if storage.startswith("s3://") else str(home))
    if not _below(expanded(storage), expanded(root)):
        told = f"{ROOT} of the cluster's head, {root}" if os.environ.get(ROOT) else f"its home, {home}"
        raise InvalidInput(f"storage '{storage}': a submitted sweep writes below {told}, only. Name a place there.")


def _below(url: str, root: str) -> bool:
    if "://" in url or "://" in root:
        place, top = url.partition("?")[0], root.partition("?")[0]
        return place == top or place.startswith(top if top.endswith("/") else f"{top}/")
    return Path(url).resolve().is_relative_to(Path(root).resolve())


def first_line(error: BaseException) -> str:
    """Of what pyarrow says, which may be long."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return line[max(0, line.find("AWS Error")) :].partition("; Details:")[0][:200]
