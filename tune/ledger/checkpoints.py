"""The checkpoints that trials have in a sweep's folder."""

from __future__ import annotations

from pathlib import Path

from trainables.errors import InputError
from trainables.training.trainable import CHECKPOINT_FILE
from tune.ledger.home import SweepFolder


def checkpoints_of(folder: SweepFolder, number: int) -> tuple[Path, ...]:
    """The checkpoints that a trial has, the newest first."""
    found = (folder.trials / f"trial-{number}").glob(f"*/*{CHECKPOINT_FILE}")
    return tuple(sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True))


def saved_epoch(folder: SweepFolder, number: int) -> int:
    """The last epoch that a trial has a checkpoint of, as far as they can be read; 0 without any."""
    return max(map(_epoch_of, checkpoints_of(folder, number)), default=0)


def _epoch_of(path: Path) -> int:
    from trainables.training.checkpoint import read_checkpoint

    try:
        return int(read_checkpoint(path)[1].get("epoch", 0))
    except InputError:
        return 0
