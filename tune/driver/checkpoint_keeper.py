"""Which checkpoints of a trial are kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

from pyarrow.fs import LocalFileSystem
from ray.tune import Callback

from trainables.training.trainable import CHECKPOINT_FILE

KEPT = 2  # while a trial runs: the newest may be cut off with the process that writes it
KEPT_BY_TUNE = 50  # folders: for each that it drops, Ray Tune writes down the state of every trial


class CheckpointKeeper(Callback):  # type: ignore[misc]
    """Removes what is older than the newest two, and at a trial's end all but the last; the empty folders stay to Ray Tune."""

    def __init__(self) -> None:
        self.saved: dict[str, list[Any]] = {}
        self.aside = ThreadPoolExecutor(1, "old-checkpoints")  # an object store may let its askers wait

    def __getstate__(self) -> dict[str, Any]:
        """Tune pickles its callbacks beside the trials; nothing is ever restored from that file."""
        return {}

    def on_checkpoint(self, iteration: int, trials: list[Any], trial: Any, checkpoint: Any, **info: Any) -> None:
        self.saved.setdefault(trial.trial_id, []).append(checkpoint)
        self._keep(trial, KEPT)

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._keep(trial, 1)

    def on_experiment_end(self, trials: list[Any], **info: Any) -> None:
        self.aside.shutdown()

    def _keep(self, trial: Any, count: int) -> None:
        saved = self.saved.get(trial.trial_id, [])
        for checkpoint in saved[:-count]:
            if isinstance(checkpoint.filesystem, LocalFileSystem):
                _remove(checkpoint)
            else:
                self.aside.submit(_remove, checkpoint)
        self.saved[trial.trial_id] = saved[-count:]


def _remove(checkpoint: Any) -> None:
    with suppress(OSError):  # it is not there any more, or costs a little room
        checkpoint.filesystem.delete_file(str(PurePosixPath(checkpoint.path) / CHECKPOINT_FILE))
