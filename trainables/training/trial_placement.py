"""A TorchTrainer whose workers sit inside the Tune trial's own placement group.

Ray Train asks for a placement group of its own, which Tune does not count and which leaks when a trial is
killed. Tune starts a trial's actor with `placement_group_capture_child_tasks`, so Train's controller
lands in the trial's group, and there it may borrow that group for its workers: bundle i is rank i.
There is no public option for it. This is the only file that touches private names of Ray Train
(ray 2.60, pinned); test_workers.py and test_memory_losses.py are the contract tests.
"""

from __future__ import annotations

from typing import Any

import ray
from ray.train.torch import TorchTrainer
from ray.train.v2._internal.callbacks.datasets import DatasetsCallback
from ray.train.v2._internal.callbacks.placement_group_callback import PlacementGroupCleanerCallback
from ray.train.v2._internal.execution.callback import ControllerCallback
from ray.train.v2._internal.execution.worker_group.placement_group_handle import DefaultPlacementGroupHandle
from ray.train.v2._internal.execution.worker_group.worker_group import WorkerGroup

from trainables.training.causes import memory_loss

NOT_NEEDED = (PlacementGroupCleanerCallback, DatasetsCallback)  # a process each, for what is not used here


class _BorrowedPlacementGroup(DefaultPlacementGroupHandle):  # type: ignore[misc]
    def shutdown(self) -> None:
        """Leaves it alone: it is Tune's."""


class _BorrowTrialPlacementGroup(ControllerCallback):  # type: ignore[misc]
    """Runs in Train's controller process, before it makes its worker group."""

    def after_controller_start(self, train_run_context: Any) -> None:
        placement_group = ray.util.get_current_placement_group()
        if placement_group is None:
            raise RuntimeError("the Train controller is not inside a Tune trial's placement group")
        WorkerGroup._create_placement_group = lambda *_: _BorrowedPlacementGroup(placement_group)


class _TellMemoryLosses(ControllerCallback):  # type: ignore[misc]
    """Tells the mailbox of a group's workers that Ray killed one of them for want of memory: it would happen again."""

    def __init__(self, mailbox: Any) -> None:
        self.mailbox = mailbox

    def after_controller_state_update(self, previous_state: Any, current_state: Any) -> None:
        error = getattr(current_state, "training_failed_error", None)
        if told := memory_loss(str(error)):
            self.mailbox.note_loss.remote(told)


class TrialPlacedTorchTrainer(TorchTrainer):  # type: ignore[misc]
    """To be used inside a Tune trial made with `PlacementGroupFactory([{}] + [{"CPU": 1}] * workers)`.

    `train_loop_config["mailbox"]` is told what a group died of, where that is known.
    """

    def _create_default_callbacks(self) -> list[Any]:
        callbacks = super()._create_default_callbacks()
        kept = [c for c in callbacks if not isinstance(c, NOT_NEEDED)]
        mailbox = (self.train_loop_config or {}).get("mailbox")
        telling = [_TellMemoryLosses(mailbox)] if mailbox is not None else []
        return [*kept, _BorrowTrialPlacementGroup(), *telling]
