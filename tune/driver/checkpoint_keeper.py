"""Which checkpoints of a trial stay on the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ray.tune import Callback

from trainables.training.trainable import CHECKPOINT_FILE

KEPT = 2  # while a trial runs: the newest may be cut off with the process that writes it
KEPT_BY_TUNE = 50  # folders: for each that it drops, Ray Tune writes down the state of every trial


class CheckpointKeeper(Callback):  # type: ignore[misc]
    """Removes what is older than the newest two, and at a trial's end all but the last; the empty folders stay to Ray Tune."""

    def __init__(self) -> None:
        self.folders: dict[str, list[Path]] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Tune pickles its callbacks beside the trials; nothing is ever restored from that file."""
        return {}

    def on_checkpoint(self, iteration: int, trials: list[Any], trial: Any, checkpoint: Any, **info: Any) -> None:
        self.folders.setdefault(trial.trial_id, []).append(Path(checkpoint.path))
        self._keep(trial, KEPT)

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._keep(trial, 1)

    def _keep(self, trial: Any, count: int) -> None:
        folders = self.folders.get(trial.trial_id, [])
        for folder in folders[:-count]:
            (folder / CHECKPOINT_FILE).unlink(missing_ok=True)
        self.folders[trial.trial_id] = folders[-count:]
