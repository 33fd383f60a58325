"""The checkpoints that trials have: in a sweep's folder, or in its storage."""

from __future__ import annotations

from pathlib import Path

from trainables.errors import InputError
from trainables.stored_files import Listed, StoredFile, delete_file, list_files, move_file, within
from trainables.training.trainable import CHECKPOINT_FILE, CheckpointFile
from tune.errors import InfrastructureLost
from tune.ledger.home import SweepFolder
from tune.ledger.storage import KEYS, first_line, storage_of

TAKEN_UP = "taken_up"  # a trial's folder with the checkpoints that it goes on from


def checkpoints_of(folder: SweepFolder, number: int) -> tuple[CheckpointFile, ...]:
    """The checkpoints that a trial has, the newest first.

    Raises:
        InfrastructureLost: the storage does not answer.
    """
    if url := storage_of(folder):
        trial = _trial_url(url, number)
        return tuple(StoredFile(within(trial, listed.name)) for listed in _listed(trial))
    found = (folder.trials / f"trial-{number}").glob(f"*/*{CHECKPOINT_FILE}")
    return tuple(sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True))


def checkpoint_at(folder: SweepFolder, path: str) -> CheckpointFile:
    """The checkpoint in a folder that Ray Tune has made for it."""
    if url := storage_of(folder):
        return StoredFile(within(url, folder.trials.name, *Path(path).parts[-2:], CHECKPOINT_FILE))
    return Path(path) / CHECKPOINT_FILE


def saved_epoch(folder: SweepFolder, number: int) -> int:
    """The last epoch that a trial has a checkpoint of, as far as they can be read; 0 without any."""
    return max(map(epoch_of, checkpoints_of(folder, number)), default=0)


def epoch_of(checkpoint: CheckpointFile) -> int:
    """After which it was written; 0 if it cannot be read."""
    from trainables.training.checkpoint import read_checkpoint

    try:
        return int(read_checkpoint(checkpoint)[1].get("epoch", 0))
    except InputError:
        return 0


def set_aside(folder: SweepFolder, number: int, kept: int) -> tuple[CheckpointFile, ...]:
    """Moves a trial's newest checkpoints out of the way of Ray Tune, which begins to number its own anew; removes the others.

    Returns:
        Where they are now, the newest first.
    """
    if url := storage_of(folder):
        return _set_aside_stored(_trial_url(url, number), kept)
    aside = folder.trials / f"trial-{number}" / TAKEN_UP
    paths = [path for path in checkpoints_of(folder, number) if isinstance(path, Path)]
    for path in paths[kept:]:
        path.unlink()
    return tuple(_moved(path, aside) for path in paths[:kept])


def _moved(path: Path, aside: Path) -> Path:
    if aside in path.parents:
        return path
    aside.mkdir(exist_ok=True)
    return path.replace(aside / f"{path.stat().st_mtime_ns}-{path.name}")


def _set_aside_stored(trial: str, kept: int) -> tuple[StoredFile, ...]:
    found = _listed(trial)
    for listed in found[kept:]:
        delete_file(within(trial, listed.name))
    names = [one.name if one.name.startswith(TAKEN_UP) else _aside_name(one) for one in found[:kept]]
    for old, new in zip(found, names, strict=False):
        if old.name != new:
            move_file(within(trial, old.name), within(trial, new))
    return tuple(StoredFile(within(trial, name)) for name in names)


def _aside_name(listed: Listed) -> str:
    """Sorts by age among those of the same second, in which a storage may have moved them."""
    return f"{TAKEN_UP}/{listed.changed_ns}-{listed.name.replace('/', '-')}"


def _trial_url(url: str, number: int) -> str:
    return within(url, "trials", f"trial-{number}")


def _listed(trial: str) -> list[Listed]:
    """A trial's checkpoints, the newest first; of those of one second, Ray Tune's own before those that were set aside."""
    try:
        files = list_files(trial)
    except (OSError, ValueError) as error:
        raise InfrastructureLost(f"storage {trial}: does not answer ({first_line(error)}). {KEYS}.") from error
    found = (one for one in files if one.name.count("/") == 1 and one.name.endswith(CHECKPOINT_FILE))
    return sorted(found, key=lambda one: (one.changed_ns // 10**9, not one.name.startswith(TAKEN_UP), one.name), reverse=True)
