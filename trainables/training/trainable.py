"""The Ray Tune bridge: a trial as a class Trainable, one `step()` an epoch of `fit()`.

Reused from trial to trial (`reuse_actors`), so that its worker group stays warm. The training code's own
errors are reported, not raised: Tune would tear down the actor, and its warm workers with it. Only what was lost (a
process, a node, an object) is raised, for Tune to try the trial again.

The driver imports this module, and so do Ray Train's helpers: what needs torch is imported where it is used.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ray.tune import PlacementGroupFactory, Trainable

from trainables.configs import TrialConfig
from trainables.errors import InputError
from trainables.rendering.render_actors import CatalogueSource
from trainables.stored_files import StoredFile
from trainables.training.causes import cause_of
from trainables.training.mailbox import FitError, WorkersLost

if TYPE_CHECKING:
    from trainables.training.workers import InProcess, WorkerGroup

T = TypeVar("T")
Fit = Callable[[TrialConfig, dict[str, Any] | None], Iterator[Any]]  # (config, state to go on from) -> epochs
CheckpointFile = Path | StoredFile
CHECKPOINT_FILE = "trial.pt"
MEMORY_LOSS = "memory_loss"  # in a trial's config when it is begun again: the line that tells that memory did not suffice
MAX_ATTEMPTS = 4  # at one epoch, when workers are lost


@dataclass(frozen=True)
class CatalogueFit:
    """`fit` on blocks of the sweep's catalogue; a value, so that Ray can send it to the workers."""

    catalogue: Any

    def __call__(self, config: TrialConfig, state: dict[str, Any] | None) -> Iterator[Any]:
        from trainables.training.fit import fit

        return fit(config, CatalogueSource(self.catalogue), state)


def no_checkpoints(params: Mapping[str, Any]) -> Sequence[CheckpointFile]:
    """Every trial is new."""
    return ()


@dataclass(frozen=True)
class TrialContext:
    """What every trial of a sweep shares.

    Attributes:
        to_config: sampled parameters -> TrialConfig.
        fit: the generator function that trains.
        workers: Ray Train workers of a trial; 0 for the trial's own process.
        storage_path: where Ray Train keeps its records: a folder, or a URL that pyarrow knows.
        objective: the metric that a failed trial reports as NaN.
        gpus: of each worker.
        checkpoints: sampled parameters -> checkpoints of that trial to go on from, the best first; none for a new trial.
    """

    to_config: Callable[[Mapping[str, Any]], TrialConfig]
    fit: Fit
    workers: int
    storage_path: str
    objective: str
    gpus: int = 0
    checkpoints: Callable[[Mapping[str, Any]], Sequence[CheckpointFile]] = no_checkpoints


def worker_resources(gpus: int) -> dict[str, float]:
    """What a worker reserves: a CPU, and a GPU if it trains on one."""
    return {"CPU": 1.0} | ({"GPU": float(gpus)} if gpus else {})


def trial_resources(workers: int, gpus: int = 0) -> PlacementGroupFactory:
    """Those of each worker. The trial's own process drives them and reserves nothing."""
    if workers == 0:
        return PlacementGroupFactory([worker_resources(gpus)])
    return PlacementGroupFactory([{}] + [worker_resources(gpus)] * workers)


class TrialTrainable(Trainable):  # type: ignore[misc]
    """One trial. Its config holds the sampled parameters only."""

    def setup(self, config: dict[str, Any], context: TrialContext) -> None:
        self.context = context
        self.group: WorkerGroup | InProcess | None = None  # started in step(): setup must be quick
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self.trial_config = self.context.to_config(new_config)
        self.memory_loss = str(new_config.get(MEMORY_LOSS, ""))
        self.epoch, self.begun = 0, False
        self.saved_epoch: int = 0
        self.saved_state: bytes | None = None
        self._take_up(self.context.checkpoints(new_config))
        return True

    def step(self) -> dict[str, Any]:
        if self.memory_loss:
            return self._failure(self.memory_loss)  # the same settings would be killed again
        try:
            report = self._asked(lambda group: group.next())
        except FitError as error:
            self.begun = False
            if cause_of(str(error)) == "lost":
                raise  # Tune tries it again elsewhere, from its last checkpoint
            return self._failure(str(error))
        self.epoch += 1
        return {**report.metrics, "epoch": self.epoch, "ended": report.ended, "done": bool(report.ended)}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        from trainables.training.checkpoint import parse_state, write_checkpoint

        if self.begun:
            try:
                self.saved_state, self.saved_epoch = self._asked(lambda group: group.save()), self.epoch
            except FitError as error:
                self.begun = False  # the older state stands; the next step begins from it
                self.memory_loss = str(error) if cause_of(str(error)) == "out_of_memory" else ""
        state = parse_state(self.saved_state) if self.saved_state else {}
        write_checkpoint(Path(checkpoint_dir) / CHECKPOINT_FILE, self.trial_config, state)

    def load_checkpoint(self, checkpoint_dir: str) -> None:
        self._load(Path(checkpoint_dir) / CHECKPOINT_FILE)

    def _take_up(self, checkpoints: Sequence[CheckpointFile]) -> None:
        """Goes on from the first that can be read: the newest may have been cut off with the driver that wrote it."""
        for path in checkpoints:
            with suppress(InputError):
                self._load(path)
                return

    def _load(self, path: CheckpointFile) -> None:
        from trainables.training.checkpoint import dump_state, read_checkpoint

        _, state = read_checkpoint(path)
        self.epoch = self.saved_epoch = int(state.get("epoch", 0))
        self.saved_state, self.begun = (dump_state(state) if state else None), False

    def cleanup(self) -> None:
        if self.group is not None:
            self.group.stop()

    def _asked(self, ask: Callable[[WorkerGroup | InProcess], T]) -> T:
        """The answer of the group, which trains lost epochs again if its workers were lost."""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                group = self._ready_group()
                self._begin(group)
                return ask(group)
            except WorkersLost as error:
                of_this_trial, self.begun = self.begun, False
                if of_this_trial and cause_of(str(error)) == "out_of_memory":
                    raise FitError(str(error)) from error
                if attempt == MAX_ATTEMPTS:
                    raise FitError(f"WorkersLost: {attempt} times after epoch {self.epoch}: {error}") from error
                if self.group is not None:
                    self.group.reconnect()
        raise AssertionError("unreachable")

    def _ready_group(self) -> WorkerGroup | InProcess:
        from trainables.training.workers import InProcess, WorkerGroup

        if self.group is None or not self.group.alive():
            context = self.context
            self.group = (
                WorkerGroup(context.fit, context.workers, context.storage_path, gpus=context.gpus)
                if context.workers
                else InProcess(context.fit)
            )
            self.begun = False
        return self.group

    def _begin(self, group: WorkerGroup | InProcess) -> None:
        """Starts the trial in the group, and replays epochs that were reported after the last save."""
        if self.begun:
            return
        group.begin(self.trial_config, self.saved_state)
        self.begun = True
        for _ in range(self.saved_epoch, self.epoch):
            group.next()

    def _failure(self, message: str) -> dict[str, Any]:
        return {
            self.context.objective: math.nan,
            "epoch": self.epoch,
            "ended": "",
            "failed": True,
            "error": message[-8000:],
            "cause": cause_of(message),
            "done": True,
        }
